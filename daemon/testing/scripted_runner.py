"""A host without processes: what its sessions do is said by the test.

A session is started by whoever is tested; the test then lets it print, emit and end::

    runner = ScriptedRunner()
    …
    session = await runner.started("r1-write-1-1")
    session.emits("draft.ready")
    session.exits(0)

or gives a part to every session beforehand: ``ScriptedRunner(lambda session: session.exits(0))``. Waiting for what does not come ends
after :data:`LIMIT_S` seconds with an error that says what was waited for.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, Literal

from chainwright.runners.port import (
    EventFound,
    Exited,
    Fenced,
    HostUnreachable,
    InputTaken,
    Lost,
    NeverRan,
    Output,
    RunnerError,
    Running,
    SessionStatus,
    SessionSummary,
    StatusChanged,
    StepTold,
)
from chainwright.schemas.session import (
    PROTOCOL,
    ChildRecord,
    EndedBy,
    EventLine,
    ExitRecord,
    SessionSpec,
    StepLine,
    StepOrder,
)

LIMIT_S: Final = 30.0
LOOK_EVERY_S: Final = 0.001

Part = Callable[["ScriptedSession"], object]


class ScriptedSession:
    """One session. It runs from its start until the test ends it, or until it is told to stop."""

    def __init__(self, spec: SessionSpec, pid: int) -> None:
        self.spec = spec
        self.child = ChildRecord(
            pid=pid, host_pid=pid, boot_id="scripted", proto=PROTOCOL, started_at=0.0, start_time=0, pgid=pid
        )
        self.end: Exited | Lost | None = None
        self.files: dict[str, bytes] = {"out.log": b""}
        self.stops = 0
        """How often it was told to stop."""
        self.heeds_stop = True
        """Whether a stop ends it at once; else the test has to."""
        self.acknowledged = False
        self.epoch = spec.epoch
        """The highest that has spoken to it: lower ones are fenced off."""
        self.typed = b""
        """What reached its terminal."""
        self.input_seq = 0
        self.orders: list[StepOrder] = []
        """Steps that it was told to execute, each once."""
        self.stopped_steps: list[int] = []
        self._cuts = 0
        self._told: list[EventFound | StepTold | StatusChanged] = []
        self._changed = asyncio.Event()

    def __repr__(self) -> str:
        return f"<ScriptedSession {self.spec.id} {self.end or 'running'}>"

    # what the test lets it do

    def prints(self, data: bytes) -> None:
        """Write to the terminal."""
        self.files["out.log"] += data
        self._tell()

    def writes(self, outputs: str | dict[str, Any]) -> None:
        """Append to its output file: the text, or the JSON of an object."""
        text = outputs if isinstance(outputs, str) else json.dumps(outputs)
        self.files["files/output"] = self.files.get("files/output", b"") + text.encode()

    def emits(self, name: str, data: Any = None, *, key: str | None = None) -> None:
        """Drop an event file."""
        content = {"event": name, "data": data} | ({"key": key} if key else {})
        self.drops(f"{name}.json", json.dumps(content))

    def drops(self, file: str, content: str | None = None, *, refused: str | None = None) -> None:
        """Drop any file, or one that the session host refuses."""
        offset = len(self.found) + 1
        line = EventLine(n=offset, file=file, at=0.0, content=content, refused=refused)
        self._tell(EventFound(line=line, offset=offset))

    def is_ordered(self, step: StepOrder) -> None:
        """To execute this step; one that was ordered before is not begun again."""
        if not self.orders or step.n > self.orders[-1].n:
            self.orders.append(step)
            self._tell(StepTold(line=StepLine(n=step.n, started_at=1.0)))

    def ends_step(
        self,
        code: int | None = 0,
        *,
        signal: int | None = None,
        ended_by: Literal["exit", "timeout", "stop", "session"] = "exit",
    ) -> None:
        """End the step that was ordered last."""
        n = self.orders[-1].n
        size = len(self.files["out.log"])
        line = StepLine(n=n, ended_at=2.0, code=code, signal=signal, ended_by=ended_by, size=size)
        self._tell(StepTold(line=line))

    def fills_the_disk(self, *, full: bool = True) -> None:
        """Report that its log cannot be written, or can be again."""
        self._tell(StatusChanged(disk_full=full, truncated=False))

    def exits(self, code: int | None = 0, *, signal: int | None = None, ended_by: EndedBy = "exit") -> None:
        """End; the first end counts."""
        record = ExitRecord(
            code=code,
            signal=signal,
            ended_by=ended_by,
            size=len(self.files["out.log"]),
            dropped=0,
            ended_at=0.0,
            events_size=len(self.found),
        )
        self._finish(Exited(exit=record, child=self.child))

    def vanishes(self, *, group_gone: bool = True) -> None:
        """Its session host is killed."""
        self._finish(Lost(group_gone=group_gone, detail="the session host vanished"))

    def _finish(self, end: Exited | Lost) -> None:
        self.end = self.end or end
        self._tell()

    # what the runner sees of it

    @property
    def found(self) -> list[EventFound]:
        """The files that it has dropped."""
        return [told for told in self._told if isinstance(told, EventFound)]

    async def follow(self, events_from: int) -> AsyncIterator[EventFound | StepTold | StatusChanged | Exited | Lost]:
        """Its life from that many event files on."""
        seen, cuts = 0, self._cuts
        while True:
            if self._cuts > cuts:
                raise HostUnreachable("the link was cut")
            while seen < len(self._told):
                told = self._told[seen]
                seen += 1
                if not isinstance(told, EventFound) or told.offset > events_from:
                    yield told
            if self.end is not None:
                yield self.end
                return
            await self.changed()

    async def changed(self) -> None:
        """Return when it has done something more."""
        self._changed.clear()
        await self._changed.wait()

    def takes(self, seq: int, data: bytes) -> None:
        """Typed input: applied only if it is the next."""
        if seq == self.input_seq + 1:
            self.typed += data
            self.input_seq = seq
        self._tell()

    def cuts_links(self) -> None:
        """Whoever follows it is cut off; following again works."""
        self._cuts += 1
        self._changed.set()

    def hears(self, epoch: int) -> None:
        """A daemon speaks to it. Raises Fenced for an earlier one."""
        if epoch < self.epoch:
            raise Fenced(f"session {self.spec.id} belongs to epoch {self.epoch}")
        self.epoch = epoch

    def _tell(self, *told: EventFound | StepTold | StatusChanged) -> None:
        self._told += told
        self._changed.set()


PIECE = 1 << 16
"""Bytes that come at once, at most: as a session host sends them."""


class ScriptedTerminal:
    """A connection to a session's terminal."""

    def __init__(self, session: ScriptedSession, offset: int, epoch: int) -> None:
        self.input_seq = session.input_seq
        self.size: tuple[int, int] | None = None
        self.signals: list[int] = []
        self.closed = False
        self._session = session
        self._offset = offset
        self._epoch = epoch

    async def __aiter__(self) -> AsyncIterator[Output | InputTaken | StatusChanged | Exited]:
        taken = self.input_seq
        while True:
            log = self._session.files["out.log"]
            if data := log[self._offset : self._offset + PIECE]:
                yield Output(offset=self._offset, data=data)
                self._offset += len(data)
            elif taken < self._session.input_seq:
                taken = self._session.input_seq
                yield InputTaken(seq=taken)
            elif isinstance(self._session.end, Exited):
                yield self._session.end
                return
            else:
                await self._session.changed()

    async def send(self, seq: int, data: bytes) -> None:
        """See the port."""
        self._session.hears(self._epoch)
        self._session.takes(seq, data)

    async def resize(self, rows: int, cols: int) -> None:
        """See the port."""
        self.size = (rows, cols)

    async def signal(self, number: int) -> None:
        """See the port."""
        self.signals.append(number)

    async def close(self) -> None:
        """See the port."""
        self.closed = True


class ScriptedRunner:
    """A :class:`~chainwright.runners.port.Runner` whose sessions live in memory, and outlive any daemon of the same test."""

    def __init__(self, part: Part | None = None, *, name: str = "scripted") -> None:
        self.name = name
        self.part = part
        """Called with every session when it starts."""
        self.lives: dict[str, ScriptedSession] = {}
        """All sessions ever started, by id, in that order."""
        self.starts: list[str] = []
        """Every call of ``start``, also those that failed or came again."""
        self.terminals: list[ScriptedTerminal] = []
        self._errors: dict[str, list[Exception]] = {}
        self._unheard = 0

    # what the test says and asks

    def fails(self, method: str, *errors: Exception) -> None:
        """The next calls of this method raise these, one each."""
        self._errors.setdefault(method, []).extend(errors)

    def loses_answers(self, count: int) -> None:
        """The next starts happen, and nobody hears of it."""
        self._unheard += count

    async def started(self, session_id: str) -> ScriptedSession:
        """The session, as soon as it has been started."""
        await self.until(lambda: session_id in self.lives, f"the start of {session_id}")
        return self.lives[session_id]

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Return when this holds, which may be about anything."""
        await within(_until(holds), what)

    # the port

    async def open(self) -> None:
        """See the port."""
        self._called("open")

    async def close(self) -> None:
        """See the port."""

    async def start(self, spec: SessionSpec) -> ChildRecord:
        """See the port."""
        self.starts.append(spec.id)
        self._called("start")
        if spec.id not in self.lives:
            session = self.lives[spec.id] = ScriptedSession(spec, pid=1_000 + len(self.lives))
            if self.part is not None:
                self.part(session)
        if self._unheard:
            self._unheard -= 1
            raise HostUnreachable("the link was cut before the answer")
        return self.lives[spec.id].child

    async def poll(self, session_id: str) -> SessionStatus:
        """See the port."""
        self._called("poll")
        session = self.lives.get(session_id)
        if session is None:
            return NeverRan()
        return session.end or Running(child=session.child)

    async def follow(
        self, session_id: str, *, token: str, epoch: int, events_from: int
    ) -> AsyncIterator[EventFound | StepTold | StatusChanged | Exited | Lost]:
        """See the port."""
        self._called("follow")
        session = self._session(session_id, epoch)
        async for told in session.follow(events_from):
            yield told

    async def attach(
        self, session_id: str, *, token: str, epoch: int, role: Literal["viewer", "typist"], offset: int
    ) -> ScriptedTerminal:
        """See the port."""
        self._called("attach")
        terminal = ScriptedTerminal(self._session(session_id, epoch), offset, epoch)
        self.terminals.append(terminal)
        return terminal

    async def stop(self, session_id: str, *, token: str, epoch: int, grace_s: float) -> None:
        """See the port."""
        self._called("stop")
        session = self._session(session_id, epoch)
        session.stops += 1
        if session.heeds_stop:
            session.exits(None, signal=15, ended_by="stop")

    async def run_step(self, session_id: str, *, token: str, epoch: int, step: StepOrder) -> None:
        """See the port."""
        self._called("run_step")
        self._session(session_id, epoch).is_ordered(step)

    async def stop_step(self, session_id: str, *, token: str, epoch: int, n: int, grace_s: float) -> None:
        """See the port."""
        self._called("stop_step")
        session = self._session(session_id, epoch)
        session.stopped_steps.append(n)
        if session.heeds_stop and session.orders and session.orders[-1].n == n:
            session.ends_step(None, signal=15, ended_by="stop")

    async def end_steps(self, session_id: str, *, token: str, epoch: int, code: int) -> None:
        """See the port."""
        self._called("end_steps")
        self._session(session_id, epoch).exits(code)

    async def read(self, session_id: str, file: str, *, offset: int = 0, limit: int = 1 << 20) -> bytes:
        """See the port."""
        self._called("read")
        return self.lives[session_id].files.get(file, b"")[offset : offset + limit]

    async def forget(self, session_id: str, *, token: str, epoch: int) -> None:
        """See the port."""
        self._called("forget")
        self._session(session_id, epoch).acknowledged = True

    async def remove(self, session_id: str) -> None:
        """See the port."""
        if not self.lives[session_id].acknowledged:
            raise RunnerError(f"session {session_id} is not acknowledged")
        del self.lives[session_id]

    async def unacknowledged(self) -> list[str]:
        """See the port."""
        return [session_id for session_id, session in self.lives.items() if not session.acknowledged]

    async def sessions(self) -> list[SessionSummary]:
        """See the port."""
        return [_summary(session) for session in self.lives.values()]

    def _session(self, session_id: str, epoch: int) -> ScriptedSession:
        if session_id not in self.lives:
            raise RunnerError(f"session {session_id} never ran")
        self.lives[session_id].hears(epoch)
        return self.lives[session_id]

    def _called(self, method: str) -> None:
        if errors := self._errors.get(method):
            raise errors.pop(0)


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - nobody signals what may be about anything
        await asyncio.sleep(LOOK_EVERY_S)


async def within(work: Awaitable[None], what: str) -> None:
    """Wait for it, but not for ever."""
    try:
        async with asyncio.timeout(LIMIT_S):
            await work
    except TimeoutError:
        raise AssertionError(f"waited {LIMIT_S:g} s in vain for {what}") from None


def _summary(session: ScriptedSession) -> SessionSummary:
    states: dict[type, Literal["exited", "lost"]] = {Exited: "exited", Lost: "lost"}
    return SessionSummary(
        id=session.spec.id,
        status="running" if session.end is None else states[type(session.end)],
        pid=session.child.pid,
        started_at=session.child.started_at,
        ended_at=None if session.end is None else 0.0,
        acknowledged=session.acknowledged,
    )
