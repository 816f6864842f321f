"""Entries of a git tree, and which of them may be written to disk: a tree is made by whoever can push, so nothing in it is believed."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, Literal

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much one tree may hold."""

    files: int
    file_bytes: int
    total_bytes: int


WORKSPACE_BOUNDS: Final = Bounds(files=50_000, file_bytes=64 << 20, total_bytes=1 << 30)
DEFINITION_BOUNDS: Final = Bounds(files=2_000, file_bytes=256 << 10, total_bytes=32 << 20)


def parse_listing(listing: bytes) -> tuple[TreeEntry, ...]:
    """The entries that ``git ls-tree -r -l -z`` printed. Raises :class:`TreeRefused` for a path that leaves the tree."""
    return tuple(_parsed(line) for line in listing.split(b"\0") if line)


def check_bounds(entries: Iterable[TreeEntry], bounds: Bounds) -> None:
    """Raises :class:`TreeRefused` if the tree holds too much."""
    total = 0
    for number, entry in enumerate(entries, start=1):
        total += entry.size
        if number > bounds.files:
            raise TreeRefused(f"more than {bounds.files:,} files")
        if entry.size > bounds.file_bytes:
            raise TreeRefused(f"{entry.path} has {entry.size:,} bytes, at most {bounds.file_bytes:,} are taken")
        if total > bounds.total_bytes:
            raise TreeRefused(f"more than {bounds.total_bytes:,} bytes in all")


def checked_link(path: str, target: str) -> str:
    """The target, if the link stays inside the tree; raises :class:`TreeRefused`.

    ``..`` may only lead the target: after the name of another link it would climb from wherever that one points.
    """
    parts = PurePosixPath(target).parts
    names = list(parts)
    climbs = 0
    while names and names[0] == "..":
        names.pop(0)
        climbs += 1
    if not parts or target.startswith("/") or ".." in names or climbs > path.count("/") or "\0" in target:
        raise TreeRefused(f"{path} is a link that leaves the tree: {target}")
    return target


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
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")):
        raise TreeRefused(f"{path!r} cannot be the path of a file")
    return path
