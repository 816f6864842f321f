"""Workspaces on a host: copies of the trees of commits, gone after their run if nobody changed them.

Standard library of Python 3.6 only: it is uploaded to hosts.
"""

import contextlib
import os
import shutil
import stat

from chainwright.runners.host_files import NEW_FILE, PIECE_BYTES, copy_content, raw, remove_left, shown, whole_folder
from chainwright.runners.host_trees import folder_name, run_folder, tree_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

    Json = Dict[str, Any]


def workspace_folder(home: str, run: str, attempt: "Optional[str]") -> str:
    """Of a run, or of one attempt of it."""
    own = "/own/%s" % folder_name(attempt) if attempt else ""
    return "%s%s/workspace" % (run_folder(home, run), own)


def make_workspace(home: str, run: str, attempt: "Optional[str]", commit: str) -> bool:
    """Whether the workspace is there: it is copied from the tree of the commit, once, and never touched again. Not without the tree."""
    target, tree = workspace_folder(home, run, attempt), tree_folder(home, commit)
    if os.path.isdir(raw(target)):
        return True
    if not os.path.isdir(tree):
        return False
    os.utime(tree)
    remove_left(os.path.dirname(target))
    with whole_folder(target) as aside:
        _copy_tree(raw(tree), raw(aside))
    return True


def _copy_tree(source: bytes, target: bytes) -> None:
    """Everything below one folder into another one, which is empty. Never hard links: who edits a copy in place would edit all."""
    for name, kind, mode in _listed(source):
        origin, copy = source + b"/" + name, target + b"/" + name
        if kind == "link":
            os.symlink(os.readlink(origin), copy)
        elif kind == "folder":
            os.mkdir(copy)
            _copy_tree(origin, copy)
        else:
            _copy_file(origin, copy, mode)


def _copy_file(origin: bytes, copy: bytes, mode: int) -> None:
    source = os.open(origin, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        descriptor = os.open(copy, NEW_FILE, 0o777 if mode & stat.S_IXUSR else 0o666)
        try:
            copy_content(source, descriptor)
        finally:
            os.close(descriptor)
    finally:
        os.close(source)


def _listed(folder: bytes) -> "List[Tuple[bytes, str, int]]":
    """Name, kind and mode of everything in a folder, by name."""
    found = []
    for entry in os.scandir(folder):
        mode = entry.stat(follow_symlinks=False).st_mode
        kind = (
            "link" if stat.S_ISLNK(mode) else "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "?"
        )
        found.append((entry.name, kind, mode))
    return sorted(found)


def release(home: str, run: str, commit: str) -> "Json":
    """The run has ended: workspaces that are what the commit says are removed, those that somebody changed stay, and are named."""
    tree, stay = tree_folder(home, commit), []
    for folder in _workspaces(home, run):
        if os.path.isdir(tree) and _is_same(raw(tree), raw(folder)):
            _remove(folder)
        else:
            stay.append(folder)
    _remove_empty(run_folder(home, run))
    return {"stay": stay}


def _workspaces(home: str, run: str) -> "List[str]":
    top = run_folder(home, run)
    own = "%s/own" % top
    attempts = [shown(name) for name in sorted(os.listdir(raw(own)))] if os.path.isdir(own) else []
    candidates = ["%s/workspace" % top] + ["%s/%s/workspace" % (own, attempt) for attempt in attempts]
    return [folder for folder in candidates if os.path.isdir(raw(folder))]


def _is_same(tree: bytes, folder: bytes) -> bool:
    """Whether two folders hold the same. Asked only when nothing works there any more."""
    listed = _listed(folder)
    if [(name, kind) for name, kind, _ in _listed(tree)] != [(name, kind) for name, kind, _ in listed]:
        return False
    return all(_SAME[kind](tree + b"/" + name, folder + b"/" + name) for name, kind, _ in listed)


def _is_same_file(one: bytes, other: bytes) -> bool:
    mine, its = os.lstat(one), os.lstat(other)
    if (mine.st_size, mine.st_mode & stat.S_IXUSR) != (its.st_size, its.st_mode & stat.S_IXUSR):
        return False
    try:
        with open(one, "rb") as left, open(other, "rb") as right:
            while True:
                piece = left.read(PIECE_BYTES)
                if piece != right.read(PIECE_BYTES):
                    return False
                if not piece:
                    return True
    except PermissionError:
        return False


_SAME: "Dict[str, Callable[[bytes, bytes], bool]]" = {
    "file": _is_same_file,
    "folder": _is_same,
    "link": lambda one, other: os.readlink(one) == os.readlink(other),
    "?": lambda one, other: False,
}


def _remove(folder: str) -> None:
    """At once for whoever looks, however long it takes."""
    aside = "%s/.%s.gone" % os.path.split(folder)
    os.rename(raw(folder), raw(aside))
    shutil.rmtree(raw(aside), ignore_errors=True)


def _remove_empty(top: str) -> None:
    """What is left of the run's folder when nothing is in it."""
    own = "%s/own" % top
    attempts = ["%s/%s" % (own, shown(name)) for name in os.listdir(raw(own))] if os.path.isdir(raw(own)) else []
    for folder in [*attempts, own, top]:
        with contextlib.suppress(OSError):  # it is not there, or something is in it
            os.rmdir(raw(folder))
