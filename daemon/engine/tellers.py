"""What a session's life means to its run: the facts of an attempt, and those of a check."""

from collections.abc import Callable
from typing import Any, Final, Literal, Protocol

from chainwright.daemon.core.commands import StartCheck
from chainwright.daemon.core.facts import (
    AttentionCleared,
    AttentionRaised,
    CheckFinished,
    EventEmitted,
    EventFileRefused,
    Fact,
    SessionDelayed,
    SessionExited,
    SessionLost,
    SessionRefused,
    SessionStarted,
    StepExited,
    StepStarted,
)
from chainwright.daemon.core.graph import EXIT_CODE_STOP, Agent
from chainwright.daemon.engine.file_values import Keep, kept
from chainwright.daemon.engine.harvest import OutputError, last_line_of, outputs_of
from chainwright.daemon.engine.hosts import Host
from chainwright.daemon.engine.ports import ReadEvent, World
from chainwright.daemon.engine.step_harvest import remains_of
from chainwright.runners.port import EventFound, Exited, Lost
from chainwright.schemas.session import ChildRecord, StepLine

CHECK_TEXT_BYTES: Final = 16 * 1024
"""How much of a check's output becomes feedback: the end of it, where verdicts stand."""


Delay = Literal["no-pty", "no-slot", "no-host", "host-away"]
"""Why a session cannot start yet."""


class Teller(Protocol):
    """Turns what happens to a session into facts; None where its run does not need to know."""

    def delayed(self, reason: Delay, detail: str) -> Fact | None:
        """It cannot start yet."""

    def refused(self, detail: str, reason: Literal["exit", "secret"] = "exit") -> Fact:
        """It will never start; nothing was executed."""

    def started(self, child: ChildRecord) -> Fact | None:
        """Its process runs, or ran."""

    def held(self, is_held: bool) -> Fact | None:
        """Its disk is full, so that it waits in the middle of what it writes; or no longer."""

    async def event(self, found: EventFound) -> Fact | None:
        """It dropped a file; keeps what that names. Raises RunnerError."""

    async def step(self, line: StepLine) -> Fact | None:
        """One of its steps has begun or ended; reads what that left. Raises HostUnreachable."""

    def step_refused(self, step: int, detail: str) -> Fact:
        """A step will never start; nothing of it was executed."""

    async def ended(self, end: Exited | Lost) -> Fact:
        """It has ended; reads what it left. Raises HostUnreachable."""


class AttemptTeller:
    """Tells of an agent's attempt."""

    def __init__(
        self, world: World, attempt_id: str, agent: Agent, *, run_id: str, host: Callable[[], Host], keep: Keep
    ) -> None:
        self._world = world
        self._host = host
        self._run = run_id
        self._id = attempt_id
        self._agent = agent
        self._keep = keep
        self._linked = False

    def delayed(self, reason: Delay, detail: str) -> Fact:
        """See :class:`Teller`."""
        return SessionDelayed(at=self._world.clock(), attempt_id=self._id, reason=reason, detail=detail)

    def refused(self, detail: str, reason: Literal["exit", "secret"] = "exit") -> Fact:
        """See :class:`Teller`."""
        return SessionRefused(at=self._world.clock(), attempt_id=self._id, detail=detail, reason=reason)

    def started(self, child: ChildRecord) -> Fact:
        """See :class:`Teller`."""
        return SessionStarted(
            at=self._world.clock(),
            attempt_id=self._id,
            host=self._host().name,
            pid=child.pid,
            durable=child.durable,
        )

    def held(self, is_held: bool) -> Fact:
        """See :class:`Teller`."""
        if not is_held:
            return AttentionCleared(at=self._world.clock(), attempt_id=self._id)
        return AttentionRaised(
            at=self._world.clock(),
            attempt_id=self._id,
            cause="disk-full",
            excerpt=f'no room on host "{self._host().name}": the agent is held, and goes on when there is',
        )

    async def event(self, found: EventFound) -> Fact:
        """See :class:`Teller`."""
        await self._link()
        line = found.line
        if line.content is None:
            return self._refused_file(found, line.refused or "unreadable")
        try:
            event = self._world.events.read(line.file, line.content)
        except self._world.events.error as error:
            return self._refused_file(found, str(error))
        data, problems = await self._kept_data(event)
        return EventEmitted(
            at=self._world.clock(),
            attempt_id=self._id,
            key=event.key,
            name=event.name,
            data=data,
            offset=found.offset,
            file_problems=problems,
        )

    async def _kept_data(self, event: ReadEvent) -> tuple[Any, tuple[str, ...]]:
        emit = self._agent.emits.get(event.name)
        if emit is None or not emit.payload or not isinstance(event.data, dict):
            return event.data, ()
        return await kept(emit.payload, event.data, self._keep)

    async def _link(self) -> None:
        """With its first event file: most attempts drop none, and a folder for each would cost more than the attempt."""
        if not self._linked:
            self._linked = True
            await self._host().workspaces.link_events(self._run, self._id)

    def _refused_file(self, found: EventFound, why: str) -> Fact:
        return EventFileRefused(
            at=self._world.clock(), attempt_id=self._id, file=found.line.file, why=why, offset=found.offset
        )

    async def step(self, line: StepLine) -> Fact:
        """See :class:`Teller`."""
        if line.ended_at is None:
            return StepStarted(at=self._world.clock(), attempt_id=self._id, step=line.n)
        left = await remains_of(self._host().runner, self._id, line, self._world.plain)
        return StepExited(
            at=self._world.clock(),
            attempt_id=self._id,
            step=line.n,
            code=line.code,
            signal=line.signal,
            ended_by=line.ended_by,
            outputs=left.outputs,
            env=left.env,
            path=left.path,
            problem=left.problem,
            error=line.error,
            tail=left.tail,
        )

    def step_refused(self, step: int, detail: str) -> Fact:
        """See :class:`Teller`."""
        return StepExited(
            at=self._world.clock(),
            attempt_id=self._id,
            step=step,
            code=None,
            signal=None,
            ended_by="exit",
            error=detail,
        )

    async def ended(self, end: Exited | Lost) -> Fact:
        """See :class:`Teller`."""
        if isinstance(end, Lost):
            return SessionLost(
                at=self._world.clock(), attempt_id=self._id, group_gone=end.group_gone, detail=end.detail
            )
        problem, outputs = "", {}
        file_problems: tuple[str, ...] = ()
        try:
            outputs = await outputs_of(self._host().runner, self._id)
            if self._may_have_succeeded(end):
                outputs, file_problems = await kept(self._agent.outputs, outputs, self._keep)
        except OutputError as error:
            problem = str(error)
        return SessionExited(
            at=self._world.clock(),
            attempt_id=self._id,
            code=end.exit.code,
            signal=end.exit.signal,
            ended_by=end.exit.ended_by,
            size=end.exit.size,
            started_at=end.child.started_at if end.child else None,
            outputs=outputs,
            output_problem=problem,
            file_problems=file_problems,
            tail=await self._tail(end),
        )

    def _may_have_succeeded(self, end: Exited) -> bool:
        """Whether its files are worth keeping: those of an attempt that has failed are nobody's output."""
        return end.exit.code in (0, EXIT_CODE_STOP) or self._agent.finish == "event"

    async def _tail(self, end: Exited) -> str:
        if end.exit.code == 0 or end.exit.error:
            return end.exit.error
        return await last_line_of(self._host().runner, self._id, end.exit.size, self._world.plain)


class CheckTeller:
    """Tells of a check: only its end matters to the run."""

    def __init__(self, world: World, check: StartCheck, session_id: str, *, host: Callable[[], Host]) -> None:
        self._world = world
        self._host = host
        self._check = check
        self._session = session_id

    def delayed(self, reason: Delay, detail: str) -> None:
        """See :class:`Teller`."""

    def started(self, child: ChildRecord) -> None:
        """See :class:`Teller`."""

    def held(self, is_held: bool) -> None:
        """See :class:`Teller`."""

    async def event(self, found: EventFound) -> None:
        """See :class:`Teller`."""

    async def step(self, line: StepLine) -> None:
        """A check has none."""

    def step_refused(self, step: int, detail: str) -> Fact:
        """See :class:`Teller`."""
        return self.refused(detail)

    def refused(self, detail: str, reason: Literal["exit", "secret"] = "exit") -> Fact:
        """See :class:`Teller`."""
        return self._finished("refused", None, detail)

    async def ended(self, end: Exited | Lost) -> Fact:
        """See :class:`Teller`."""
        if isinstance(end, Lost):
            return self._finished("lost", None, end.detail)
        start = max(end.exit.size - CHECK_TEXT_BYTES, 0)
        data = await self._host().runner.read(self._session, "out.log", offset=start, limit=CHECK_TEXT_BYTES)
        by: dict[str, Literal["exit", "timeout", "stop"]] = {"exit": "exit", "stop": "stop"}
        text = self._world.plain(data) or end.exit.error
        return self._finished(by.get(end.exit.ended_by, "timeout"), end.exit.code, text)

    def _finished(
        self, ended_by: Literal["exit", "timeout", "stop", "lost", "refused"], code: int | None, text: str
    ) -> Fact:
        return CheckFinished(
            at=self._world.clock(),
            attempt_id=self._check.attempt_id,
            index=self._check.index,
            again=self._check.again,
            code=code,
            ended_by=ended_by,
            text=text,
        )
