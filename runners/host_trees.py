"""Trees of commits on a host, and the workspaces that are copied from them.

Standard library of Python 3.6 only: it is uploaded to hosts. A tree is sent once per host and commit, whole or not at all; what it is sent
as is not believed, although it comes from our daemon, for a mistake on that side must not write outside of its folder either:

    {"path": …, "kind": "file" | "program", "size": …} ⏎ and so many bytes;  {"path": …, "kind": "link", "target": …} ⏎;  at the end {"count": …} ⏎
"""

import contextlib
import json
import os
import re

from chainwright.runners.host_files import (
    FOLDER,
    NEW_FILE,
    PIECE_BYTES,
    WORKSPACE_BOUNDS,
    Tally,
    Unfit,
    link_in_tree,
    path_in_tree,
    raw,
    remove_left,
    sync_all,
    whole_folder,
    write_all,
)
from chainwright.runners.refused import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Callable, Dict, Iterator

    Json = Dict[str, Any]

COMMIT = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\Z")
PART = re.compile(r"[^/\0.][^/\0]{0,254}\Z")
LINE_BYTES = 1 << 16


def commit_name(commit: str) -> str:
    """The commit, if it is the full id of one. Raises :class:`Refused`."""
    if not COMMIT.match(commit):
        raise Refused("no-commit", "%r is no commit's id" % commit)
    return commit


def folder_name(name: str) -> str:
    """The name of a run, a turn or an attempt, if it can be that of a folder. Raises :class:`Refused`."""
    if not PART.match(name):
        raise Refused("no-name", "%r cannot be the name of a run or an attempt" % name)
    return name


def run_folder(home: str, run: str) -> str:
    """Everything of a run on this host."""
    return "%s/runs/%s" % (home, folder_name(run))


# ── trees ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def tree_folder(home: str, commit: str) -> str:
    """Where the tree of a commit is, or will be."""
    return "%s/cache/trees/%s" % (home, commit_name(commit))


def has_tree(home: str, commit: str) -> bool:
    """Whether the tree is there, whole."""
    return os.path.isdir(tree_folder(home, commit))


def put_tree(stream: "BinaryIO", home: str, commit: str) -> "Json":
    """Take a tree in, durably, unless it is there. Raises Refused when it may not be written, OSError for a disk that is full."""
    target = tree_folder(home, commit)
    if os.path.isdir(target):
        return {"files": 0}
    remove_left(os.path.dirname(target))
    with whole_folder(target) as aside:
        try:
            count = _read_tree(stream, aside)
        except Unfit as reason:
            raise Refused("tree-refused", str(reason)) from None
        sync_all(
            aside
        )  # once a commit, for all its files: after a power cut the renamed folder must not hold empty ones
    return {"files": count}


def _read_tree(stream: "BinaryIO", folder: str) -> int:
    tally = Tally(WORKSPACE_BOUNDS)
    count = 0
    with _Writer(folder) as writer:
        while True:
            entry = _entry(stream)
            if "count" in entry:
                break
            tally.add(entry["path"], entry.get("size", 0))
            writer.write(entry, stream)
            count += 1
    if entry["count"] != count:
        raise Refused("cut-short", "%d entries of %r came" % (count, entry["count"]))
    return count


def _entry(stream: "BinaryIO") -> "Json":
    line = stream.readline(LINE_BYTES)
    if not line.endswith(b"\n"):
        raise Refused("cut-short", "the tree ended before its end")
    try:
        entry: "Json" = json.loads(line.decode())
        whole = entry.get("count", entry.get("size", 0))
        if not isinstance(whole, int) or whole < 0 or not isinstance(entry.get("path", ""), str):
            raise ValueError("its values are of wrong types")
    except (ValueError, AttributeError) as problem:
        raise Refused("cut-short", "an entry of the tree cannot be read: %s" % problem) from problem
    if "count" not in entry and not {"path", "kind"} <= set(entry):
        raise Refused("cut-short", "an entry of the tree has no path or no kind")
    return entry


class _Writer:
    """Writes entries below a new folder. The folders on the way are opened one from the other and no link is followed, so that
    nothing that came before can lead a later entry astray."""

    def __init__(self, folder: str) -> None:
        self._root = os.open(raw(folder), FOLDER)
        self._at = ""
        self._descriptor = os.dup(self._root)

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
        os.close(self._root)

    def write(self, entry: "Json", stream: "BinaryIO") -> None:
        path = path_in_tree(entry["path"])
        write = _WRITERS.get(str(entry["kind"]))
        if write is None:
            raise Unfit("%s is of the unknown kind %r" % (path, entry["kind"]))
        above, _, name = path.rpartition("/")
        try:
            write(self._folder(above), raw(name), entry, stream)
        except FileExistsError:
            raise Unfit("%s comes twice" % path) from None
        except UnicodeEncodeError:
            raise Unfit("%r cannot be the path of a file" % path) from None

    def _folder(self, path: str) -> int:
        if path != self._at:
            descriptor = os.dup(self._root)
            for part in path.split("/") if path else ():
                below = _below(descriptor, raw(part), path)
                os.close(descriptor)
                descriptor = below
            os.close(self._descriptor)
            self._at, self._descriptor = path, descriptor
        return self._descriptor


def _below(folder: int, name: bytes, path: str) -> int:
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
    try:
        return os.open(name, FOLDER, dir_fd=folder)
    except OSError:
        os.close(folder)
        raise Unfit("%s leads through something that is no folder" % path) from None


def _write_file(folder: int, name: bytes, entry: "Json", stream: "BinaryIO") -> None:
    descriptor = os.open(name, NEW_FILE, 0o777 if entry["kind"] == "program" else 0o666, dir_fd=folder)
    try:
        for piece in pieces(stream, entry.get("size", 0)):
            write_all(descriptor, piece)
    finally:
        os.close(descriptor)


def pieces(stream: "BinaryIO", size: int) -> "Iterator[bytes]":
    """Exactly so many bytes. Raises Refused when there are fewer."""
    while size:
        piece = stream.read(min(size, PIECE_BYTES))
        if not piece:
            raise Refused("cut-short", "what was sent ended before its end")
        size -= len(piece)
        yield piece


def _write_link(folder: int, name: bytes, entry: "Json", stream: "BinaryIO") -> None:
    target = entry.get("target")
    if not isinstance(target, str):
        raise Unfit("%s is a link to nothing" % entry["path"])
    os.symlink(raw(link_in_tree(entry["path"], target)), name, dir_fd=folder)


_WRITERS: "Dict[str, Callable[[int, bytes, Json, BinaryIO], None]]" = {
    "file": _write_file,
    "program": _write_file,
    "link": _write_link,
}
