"""Entries of a git tree, and which of them may be written to disk: a tree is made by whoever can push, so nothing in it is believed."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from chainwright.runners.host_files import WORKSPACE_BOUNDS, Bounds, Tally, Unfit, link_in_tree, path_in_tree

__all__ = ["WORKSPACE_BOUNDS"]  # the same on every host

EntryKind = Literal["file", "link", "submodule"]

_KINDS: Final[dict[str, EntryKind]] = {
    "100644": "file",
    "100664": "file",  # written by old versions of git
    "100755": "file",
    "120000": "link",
    "160000": "submodule",
}


class SourceError(Exception):
    """Something about a chain repository; the text is for its operator."""


class TreeRefused(SourceError):
    """The tree holds something that is not written to disk; the text names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """A file, link or submodule of a tree."""

    path: str
    kind: EntryKind
    is_executable: bool
    blob: str
    """Id of its content; of a submodule, its commit."""
    size: int
    """Bytes; of a submodule 0."""


DEFINITION_BOUNDS: Final = Bounds(files=2_000, file_bytes=256 << 10, total_bytes=32 << 20)


def parse_listing(listing: bytes) -> tuple[TreeEntry, ...]:
    """The entries that ``git ls-tree -r -l -z`` printed. Raises :class:`TreeRefused` for a path that leaves the tree."""
    return tuple(_parsed(line) for line in listing.split(b"\0") if line)


def check_bounds(entries: Iterable[TreeEntry], bounds: Bounds) -> None:
    """Raises :class:`TreeRefused` if the tree holds too much."""
    tally = Tally(bounds)
    try:
        for entry in entries:
            tally.add(entry.path, entry.size)
    except Unfit as reason:
        raise TreeRefused(str(reason)) from None


def checked_link(path: str, target: str) -> str:
    """The target, if the link stays inside the tree; raises :class:`TreeRefused`."""
    try:
        return link_in_tree(path, target)
    except Unfit as reason:
        raise TreeRefused(str(reason)) from None


def _parsed(line: bytes) -> TreeEntry:
    described, _, raw = line.partition(b"\t")
    mode, _, blob, size = described.decode("ascii").split()
    path = _checked_path(os.fsdecode(raw))
    if mode not in _KINDS:
        raise TreeRefused(f"{path} has the unknown mode {mode}")
    return TreeEntry(
        path=path,
        kind=_KINDS[mode],
        is_executable=mode == "100755",
        blob=blob,
        size=0 if size == "-" else int(size),
    )


def _checked_path(path: str) -> str:
    try:
        return path_in_tree(path)
    except Unfit as reason:
        raise TreeRefused(str(reason)) from None
