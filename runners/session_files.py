"""What the files of a session say: judges what was found in its folder, on this machine or on a host.

``session_folder`` looks, and keeps the order of the looks; here a record becomes a value, and what was found a status. Nothing here
talks to a session host; nothing here reads or writes a file.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from chainwright.runners.port import (
    EventFound,
    Exited,
    HostUnreachable,
    Lost,
    NeverRan,
    Running,
    SessionStatus,
    SessionSummary,
    StepTold,
)
from chainwright.schemas.session import CHILD_JSON, EVENT_LINE_JSON, EXIT_JSON, STEP_LINE_JSON, ChildRecord

Record = TypeVar("Record")

Found = Mapping[str, Any]
"""What ``session_folder.look`` has found."""
ReadFrom = Callable[[int], Awaitable[bytes]]
"""Bytes of one file from an offset on; empty at its end."""


def status(session_id: str, found: Found) -> SessionStatus:
    """How far the session is; raises :class:`HostUnreachable` while a start is under way or records cannot be read."""
    if "unreadable" in found:
        raise HostUnreachable(found["unreadable"])
    record = child(session_id, found)
    if found["exit"] is not None:
        return Exited(exit=_record(session_id, found["exit"], EXIT_JSON), child=record)
    if record is None:
        if found["held"]:
            raise HostUnreachable(f"session {session_id} is just being started")
        return NeverRan()
    return _lost(found["remains"]) if "remains" in found else Running(child=record)


def child(session_id: str, found: Found) -> ChildRecord | None:
    """The agent's record, or None when nothing has run."""
    return None if found["child"] is None else _record(session_id, found["child"], CHILD_JSON)


def _record(session_id: str, record: Any, adapter: TypeAdapter[Record]) -> Record:
    try:
        return adapter.validate_python(record)
    except ValidationError as problem:
        raise HostUnreachable(f"a record of session {session_id} cannot be read: {problem}") from problem


def _lost(remains: Mapping[str, Any]) -> Lost:
    """Whether nothing of the agent's process group and session is left, and how that is known."""
    if "unknown" in remains:  # of a session that was bound to its connection
        return Lost(group_gone=False, detail=remains["unknown"])
    if remains["rebooted"]:
        detail = "the machine was rebooted"
    elif remains["members"]:
        left = ", ".join(map(str, remains["members"]))
        detail = f"its session host is gone, processes of its group are not: {left}"
    else:
        detail = "its session host is gone, and nothing of its process group is left"
    if remains["host_error"]:
        detail += ": " + remains["host_error"]
    return Lost(group_gone=not remains["members"], detail=detail)


async def events(read_from: ReadFrom, offset: int) -> AsyncIterator[EventFound]:
    """The whole lines of ``events.log`` from a byte on; half a line at the end, which only a killed session host leaves, is none."""
    rest, at = b"", offset
    while data := await read_from(at):
        at += len(data)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            offset += len(line) + 1
            yield EventFound(line=EVENT_LINE_JSON.validate_json(line), offset=offset)


async def steps(read_from: ReadFrom) -> list[StepTold]:
    """What is on record of the session's steps; half a line at the end is none."""
    whole = b""
    while data := await read_from(len(whole)):
        whole += data
    lines = whole.rpartition(b"\n")[0].splitlines()
    return [StepTold(line=STEP_LINE_JSON.validate_json(line)) for line in lines]


def summary(session_id: str, found: Found) -> SessionSummary | None:
    """A line for people about the session; None while it is just being started."""
    try:
        how = status(session_id, found)
    except HostUnreachable:
        return None
    record = child(session_id, found)
    return SessionSummary(
        id=session_id,
        status=_WORDS[type(how)],
        pid=record.pid if record else None,
        started_at=record.started_at if record else None,
        ended_at=how.exit.ended_at if isinstance(how, Exited) else None,
        acknowledged=found["acknowledged"],
    )


_WORDS: Final[dict[type[SessionStatus], Literal["never-ran", "running", "exited", "lost"]]] = {
    NeverRan: "never-ran",
    Running: "running",
    Exited: "exited",
    Lost: "lost",
}
