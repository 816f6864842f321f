"""What of a host's disk nobody needs any more: contents that were long not used, what runs that ended long ago have left, old tools.

Standard library of Python 3.6 only: it is uploaded to hosts. Only the daemon knows which commits and runs are in use, and tells.
"""

import os
import shutil
import stat

from chainwright.runners import session_folder, session_host
from chainwright.runners.host_files import raw, remove_left, shown
from chainwright.runners.host_repository import repository_folder, shrink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Set, Tuple

    Json = Dict[str, Any]
    Found = Tuple[str, str, float]

LISTED = 1000
"""So many are named, however many there are."""


def clear(home: str, *, now: float, used: "Json", bounds: "Json", dry: bool) -> "Json":
    """Remove trees, mirrors and contents that no one has used for ``unused_s``; folders of runs that changed last more than ``ended_s``
    ago or are beyond the newest ``kept_runs``, with their sessions; tools that no daemon has used for ``ended_s`` (``bounds``). Not
    the ``commits`` and ``runs`` in ``used``. Then the history is packed anew, if that is due. ``dry`` only tells.

    ``surplus`` are ``{kind, name, age_s, bytes}``, the oldest first.
    """
    if not dry:
        for folder in ("trees", "mirrors", "artifacts"):
            remove_left("%s/cache/%s" % (home, folder))
    surplus = [*_unused(home, now - bounds["unused_s"], set(used["commits"]))]
    surplus += _ended(home, now - bounds["ended_s"], set(used["runs"]), bounds["kept_runs"])
    surplus += _old_tools(home, now - bounds["ended_s"])
    surplus.sort(key=lambda one: one[2])
    told = [_told(kind, path, now - at) for kind, path, at in surplus[:LISTED]]
    if not dry:
        for kind, path, _ in surplus:
            _REMOVED_BY.get(kind, _remove)(path)
        shrink(home, now - bounds["ended_s"])
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
    """Of each run its folder, and those of its sessions, of whose names the run's is the first word."""
    left = {}  # type: Dict[str, List[Found]]
    for kind, folder in (("run", "%s/runs" % home), ("session", "%s/s" % home)):
        for name, used in _by_use(folder):
            left.setdefault(name.partition("-")[0], []).append((kind, "%s/%s" % (folder, name), used))
    changed = {run: max(used for _, _, used in found) for run, found in left.items() if run not in runs}
    for number, run in enumerate(sorted(changed, key=lambda one: changed[one], reverse=True)):
        if changed[run] < since or number >= kept:
            for kind, path, used in left[run]:
                if kind != "session" or session_folder.may_go(path):
                    yield kind, path, used


def _old_tools(home: str, since: float) -> "Iterator[Found]":
    """Ours, of other versions; a porter that serves says so with each look at its host."""
    folder = "%s/bin" % os.path.dirname(home)
    for name, used in _by_use(folder):
        if used < since:
            yield "tools", "%s/%s" % (folder, name), used


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


def _remove_session(path: str) -> None:
    """With the link that a long path of it has."""
    root, _, name = path.rpartition("/")
    session_host.remove_file(session_folder.short_name(root, name))
    session_folder.remove(path)


_REMOVED_BY = {"session": _remove_session}


def _remove(path: str) -> None:
    if os.path.isdir(raw(path)) and not os.path.islink(raw(path)):
        shutil.rmtree(raw(path), ignore_errors=True)
    else:
        os.unlink(raw(path))
