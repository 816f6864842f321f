"""What the files of a session's folder say, to whoever can read them directly.

The order in which they are asked matters: ``exit.json`` before the lock, because a session
host lingers after the end; the lock before anything is called lost, because a process id alone proves nothing. Nothing here talks
to a session host; nothing here writes.
"""

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from chainwright.runners.port import (
    EventFound,
    Exited,
    HostUnreachable,
    Lost,
    NeverRan,
    RunnerError,
    Running,
    SessionStatus,
    SessionSummary,
    StepTold,
)
from chainwright.schemas.session import CHILD_JSON, EVENT_LINE_JSON, EXIT_JSON, STEP_LINE_JSON, ChildRecord

Record = TypeVar("Record")

READABLE: Final = re.compile(r"(out\.log|timing|events\.log|steps\.log|files/[^/\0]+)\Z")
_CHUNK: Final = 1 << 20


def status(folder: Path) -> SessionStatus:
    """How far the session is; raises :class:`HostUnreachable` while a start is under way or records cannot be read."""
    if (ended := _ended(folder)) is not None:
        return ended
    record, held = child(folder), lock_is_held(folder)
    if record is None:
        if held:
            raise HostUnreachable(f"session {folder.name} is just being started")
        return NeverRan()
    if held:
        return Running(child=record)
    return _ended(folder) or _lost(folder, record)  # it may have ended between the two looks


def child(folder: Path) -> ChildRecord | None:
    """The agent's record, or None when nothing has run."""
    return _record(folder / "child.json", CHILD_JSON)


def _ended(folder: Path) -> Exited | None:
    record = _record(folder / "exit.json", EXIT_JSON)
    return None if record is None else Exited(exit=record, child=child(folder))


def _record(path: Path, adapter: TypeAdapter[Record]) -> Record | None:
    try:
        return adapter.validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValidationError) as problem:
        raise HostUnreachable(f"{path} cannot be read: {problem}") from problem


def lock_is_held(folder: Path) -> bool:
    """Whether a session host (or one that is just starting) lives."""
    try:
        fd = os.open(folder / "lock", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _lost(folder: Path, record: ChildRecord) -> Lost:
    gone, detail = _group_gone(record)
    error = folder / "host-error"
    if error.is_file():
        detail += ": " + error.read_text(errors="replace").strip().rpartition("\n")[2]
    return Lost(group_gone=gone, detail=detail)


def _group_gone(child: ChildRecord) -> tuple[bool, str]:
    """Whether nothing of the agent's process group and session is left, and how that is known."""
    if child.boot_id != boot_id():
        return True, "the machine was rebooted"
    members = group_members(child)
    if members:
        return False, f"its session host is gone, processes of its group are not: {', '.join(map(str, members))}"
    return True, "its session host is gone, and nothing of its process group is left"


def group_members(child: ChildRecord) -> list[int]:
    """Living processes of the agent's group or session. When another process has its number by now, there are none: the kernel
    gives a number out again only when no group or session carries it any more."""
    found = []
    for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        fields = _stat_fields(pid)
        if fields is None or fields[0] in "ZX":
            continue
        if pid == child.pid and int(fields[19]) != child.start_time:
            return []
        if child.pgid in (int(fields[2]), int(fields[3])):
            found.append(pid)
    return found


def _stat_fields(pid: int) -> list[str] | None:
    """Fields of ``/proc/<pid>/stat`` from the third on: state, parent, group, session, …; the 20th is the start time."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes().decode("ascii", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def boot_id() -> str:
    """Of this boot of this machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def read(folder: Path, file: str, offset: int, limit: int) -> bytes:
    """Bytes of one of the readable files; empty when there is none. Never follows a link: the agent owns ``files/``."""
    if not READABLE.match(file):
        raise RunnerError(f"{file!r} is not a file that can be read of a session")
    try:
        fd = os.open(folder / file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return b""
    except OSError as problem:
        raise RunnerError(f"{folder / file}: {problem.strerror}") from problem
    try:
        return os.pread(fd, limit, offset) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
    finally:
        os.close(fd)


def chunks(folder: Path, file: str, offset: int) -> Iterator[bytes]:
    """A file from a byte on, piece by piece."""
    while data := read(folder, file, offset, _CHUNK):
        offset += len(data)
        yield data


def events(folder: Path, offset: int) -> Iterator[EventFound]:
    """The whole lines of ``events.log`` from a byte on; half a line at the end, which only a killed session host leaves, is none."""
    rest = b""
    for data in chunks(folder, "events.log", offset):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            offset += len(line) + 1
            yield EventFound(line=EVENT_LINE_JSON.validate_json(line), offset=offset)


def steps(folder: Path) -> Iterator[StepTold]:
    """What is on record of the session's steps; half a line at the end is none."""
    whole = b"".join(chunks(folder, "steps.log", 0)).rpartition(b"\n")[0]
    for line in whole.splitlines():
        yield StepTold(line=STEP_LINE_JSON.validate_json(line))


def summary(folder: Path) -> SessionSummary | None:
    """A line for people about the session; None while it is just being started."""
    try:
        found = status(folder)
    except HostUnreachable:
        return None
    record = child(folder)
    return SessionSummary(
        id=folder.name,
        status=_WORDS[type(found)],
        pid=record.pid if record else None,
        started_at=record.started_at if record else None,
        ended_at=found.exit.ended_at if isinstance(found, Exited) else None,
        acknowledged=(folder / "ack").exists(),
    )


_WORDS: Final[dict[type[SessionStatus], Literal["never-ran", "running", "exited", "lost"]]] = {
    NeverRan: "never-ran",
    Running: "running",
    Exited: "exited",
    Lost: "lost",
}
