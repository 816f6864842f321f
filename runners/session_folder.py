"""Looks into the folders of sessions and does what may be done to them, where they are.

Standard library of Python 3.6 only, so that the same text answers for the folders of this machine, in the daemon, and for those of a
host, in its porter. It gathers; what it found is judged in one place, ``session_files``. Everything that is given back can be written
as JSON, but for bytes of files.

The order of the looks matters: ``exit.json`` before the lock, because a session host lingers after the end; the lock before anything is
called lost, because a process id alone proves nothing.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import signal
import stat

from chainwright.runners import session_host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

    Json = Dict[str, Any]

SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
READABLE = re.compile(r"(out\.log|timing|events\.log|steps\.log|files/[^/\0]+)\Z")


class Unreadable(Exception):
    """What is asked for is not to be had; the message says why."""


def look(folder: str) -> "Json":
    """What there is to know of a session: its records, whether a session host lives, and what is left when none does.

    ``exit`` and ``child`` are the records or None, ``acknowledged`` a bool, ``unreadable`` why a record could not be read. Where there is
    a ``child`` and no ``exit``: ``held``, and ``remains`` when it is not (:func:`remains`). Without both: ``held``.
    """
    found: "Json" = {"exit": None, "child": None, "acknowledged": os.path.exists(os.path.join(folder, "ack"))}
    try:
        found["exit"] = _record(folder, "exit.json")
        found["child"] = _record(folder, "child.json")
        if found["exit"] is None:
            found["held"] = lock_is_held(folder)
            if found["child"] is not None and not found["held"]:
                _look_again(folder, found)
    except (OSError, ValueError) as problem:
        found["unreadable"] = "%s cannot be read: %s" % (folder, problem)
    return found


def _look_again(folder: str, found: "Json") -> None:
    """It may have ended between the two looks."""
    found["exit"] = _record(folder, "exit.json")
    if found["exit"] is None:
        found["remains"] = remains(folder, found["child"])


def _record(folder: str, name: str) -> "Optional[Json]":
    try:
        return session_host.read_record(os.path.join(folder, name))
    except NotADirectoryError:
        return None


def lock_is_held(folder: str) -> bool:
    """Whether a session host (or one that is just starting) lives."""
    try:
        fd = os.open(os.path.join(folder, "lock"), os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def remains(folder: str, child: "Json") -> "Json":
    """Of a session whose session host is gone: ``rebooted``, the ``members`` of its group, the last line of ``host-error``."""
    rebooted = child["boot_id"] != session_host.boot_id()
    return {
        "rebooted": rebooted,
        "members": [] if rebooted else group_members(child),
        "host_error": _last_line(os.path.join(folder, "host-error")),
    }


def _last_line(path: str) -> str:
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        return file.read().strip().rpartition("\n")[2]
    return ""


def group_members(child: "Json") -> "List[int]":
    """Living processes of the agent's group or session. When another process has its number by now, there are none: the kernel
    gives a number out again only when no group or session carries it any more."""
    found = []
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        fields = session_host.stat_fields(pid)
        if fields is None or fields[0] in (b"Z", b"X"):
            continue
        if pid == child["pid"] and int(fields[19]) != child["start_time"]:
            return []
        if child["pgid"] in (int(fields[2]), int(fields[3])):
            found.append(pid)
    return found


def end_remains(folder: str) -> None:
    """Kill what a dead session host has left of its agent; nothing, in any other case."""
    found = look(folder)
    for pid in found.get("remains", {}).get("members", ()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def read(folder: str, file: str, offset: int, limit: int) -> bytes:
    """Bytes of one of the readable files; empty when there is none. Never follows a link: the agent owns ``files/``.

    Raises :class:`Unreadable`.
    """
    if not READABLE.match(file):
        raise Unreadable("%r is not a file that can be read of a session" % file)
    path = os.path.join(folder, file)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return b""
    except OSError as problem:
        raise Unreadable("%s: %s" % (path, problem.strerror)) from problem
    try:
        return os.pread(fd, limit, offset) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
    finally:
        os.close(fd)


def acknowledge(folder: str) -> None:
    """Note that the end is on record, where the session host has gone before it was told. Nothing, while it may still run."""
    found = look(folder)
    if found["exit"] is None and "remains" not in found:
        return
    session_host.remove_file(os.path.join(folder, "ctl.sock"))
    with contextlib.suppress(FileExistsError):  # a session host that was told leaves its socket there, by that name
        os.close(os.open(os.path.join(folder, "ack"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # last


def may_go(folder: str) -> bool:
    """Whether the session is both ended and acknowledged."""
    return all(os.path.exists(os.path.join(folder, name)) for name in ("exit.json", "ack"))


def remove(folder: str) -> bool:
    """Delete the folder of a session that :func:`may_go`; False when it may not."""
    if not may_go(folder):
        return False
    shutil.rmtree(folder)
    return True


def short_name(root: str, session_id: str) -> str:
    """A link to the session's folder, for where its path is too long for a socket's."""
    name = hashlib.sha256(session_id.encode()).hexdigest()[:12]
    return os.path.join(os.path.dirname(root), "l", name)


def ids(root: str) -> "List[str]":
    """Of every session folder below ``root``, sorted."""
    try:
        with os.scandir(root) as entries:
            found = [e.name for e in entries if SESSION_ID.match(e.name) and e.is_dir(follow_symlinks=False)]
    except OSError as problem:
        if problem.errno != errno.ENOENT:
            raise
        return []
    return sorted(found)


def unacknowledged(root: str) -> "List[str]":
    """Ids of sessions whose end nobody has acknowledged, running ones too."""
    return [name for name in ids(root) if not os.path.exists(os.path.join(root, name, "ack"))]
