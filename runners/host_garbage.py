"""What of a host's disk nobody needs any more: contents that were long not used, and what runs that ended long ago have left.

Standard library of Python 3.6 only: it is uploaded to hosts. Only the daemon knows which commits and runs are in use, and tells.
"""

import os
import shutil
import stat

from chainwright.runners.host_files import raw, remove_left, shown
from chainwright.runners.host_repository import repository_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Set, Tuple

    Json = Dict[str, Any]
    Found = Tuple[str, str, float]

LISTED = 1000
"""So many are named, however many there are."""


def clear(home: str, *, now: float, used: "Json", bounds: "Json", dry: bool) -> "Json":
    """Remove trees, mirrors and contents that no one has used for ``unused_s``, and folders of runs that changed last more than
    ``ended_s`` ago or are beyond the newest ``kept_runs`` (``bounds``). Not the ``commits`` and ``runs`` in ``used``. ``dry`` only tells.

    ``surplus`` are ``{kind, name, age_s, bytes}``, the oldest first.
    """
    if not dry:
        for folder in ("trees", "mirrors", "artifacts"):
            remove_left("%s/cache/%s" % (home, folder))
    surplus = [*_unused(home, now - bounds["unused_s"], set(used["commits"]))]
    surplus += _ended(home, now - bounds["ended_s"], set(used["runs"]), bounds["kept_runs"])
    surplus.sort(key=lambda one: one[2])
    told = [_told(kind, path, now - at) for kind, path, at in surplus[:LISTED]]
    if not dry:
        for _, path, _ in surplus:
            _remove(path)
    return {"surplus": told, "count": len(surplus)}


def _unused(home: str, since: float, commits: "Set[str]") -> "Iterator[Found]":
    folders = [
        ("tree", "%s/cache/trees" % home),
        ("mirror", "%s/cache/mirrors" % home),
        ("artifact", "%s/cache/artifacts" % home),
        ("history", "%s/refs/commits" % repository_folder(home)),
    ]
    for kind, folder in folders:
        for name, used in _by_use(folder):
            if used < since and name.partition(".")[0] not in commits:
                yield kind, "%s/%s" % (folder, name), used


def _ended(home: str, since: float, runs: "Set[str]", kept: int) -> "Iterator[Found]":
    ended = [(name, used) for name, used in _by_use("%s/runs" % home) if name not in runs]
    for number, (name, used) in enumerate(ended):
        if used < since or number >= kept:
            yield "run", "%s/runs/%s" % (home, name), used


def _by_use(folder: str) -> "List[Tuple[str, float]]":
    """Names and when they were used last, the newest first."""
    found = []
    for entry in os.scandir(raw(folder)) if os.path.isdir(raw(folder)) else ():
        if not entry.name.startswith(b"."):
            found.append((shown(entry.name), entry.stat(follow_symlinks=False).st_mtime))
    return sorted(found, key=lambda one: one[1], reverse=True)


def _told(kind: str, path: str, age_s: float) -> "Json":
    return {"kind": kind, "name": path.rpartition("/")[2], "age_s": age_s, "bytes": _bytes(raw(path))}


def _bytes(path: bytes) -> int:
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            found = os.lstat(folder + b"/" + name)
            total += found.st_blocks * 512 if stat.S_ISREG(found.st_mode) else 0
    return total or os.lstat(path).st_blocks * 512


def _remove(path: str) -> None:
    if os.path.isdir(raw(path)) and not os.path.islink(raw(path)):
        shutil.rmtree(raw(path), ignore_errors=True)
    else:
        os.unlink(raw(path))
