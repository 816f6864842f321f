"""The owner of one open run: it decides on every fact at once, makes the entries durable, and only then performs the commands.

All its tasks are named and end with it. When deciding raises, that is a mistake of ours: the state is rebuilt from what was recorded
and the run ends as ``internal``. While the store cannot take anything, entries wait here; sessions go on. What it refuses for
good (the run belongs to another daemon) ends the scope, not the run.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, Final

import structlog

from chainwright.daemon.core.artifacts import Artifact
from chainwright.daemon.core.attempt_ids import check_id
from chainwright.daemon.core.commands import (
    CancelChildRun,
    ClaimSlot,
    ClearTimer,
    Command,
    EndSteps,
    FinishRun,
    ReleaseSlot,
    RunStep,
    SetTimer,
    StartCheck,
    StartChildRun,
    StartSession,
    StopSession,
    StopStep,
)
from chainwright.daemon.core.decide import decide
from chainwright.daemon.core.decisions import Decision, RunFinished
from chainwright.daemon.core.evolve import evolve, rebuild
from chainwright.daemon.core.facts import Fact, InternalErrorOccurred, TimerFired
from chainwright.daemon.core.recovery import following, outstanding
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.state import RunState
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine.children import Calls, Children
from chainwright.daemon.engine.claims import claim_in
from chainwright.daemon.engine.groups import Groups
from chainwright.daemon.engine.hosts import Host
from chainwright.daemon.engine.outfitting import Outfitter
from chainwright.daemon.engine.placement import Placement
from chainwright.daemon.engine.ports import World, announced_by
from chainwright.daemon.engine.sessions import Session
from chainwright.daemon.engine.step_orders import Order, give
from chainwright.daemon.engine.tellers import AttemptTeller, CheckTeller, Teller
from chainwright.daemon.engine.timers import Timers
from chainwright.daemon.engine.whereabouts import Whereabouts
from chainwright.daemon.secrets.port import Secret
from chainwright.daemon.store.port import Append, NotOwner, StoreError, StoreUnavailable
from chainwright.schemas.session import SessionSpec

UNAVAILABLE_PAUSE_S: Final = 1.0
CLOSE_WITHIN_S: Final = 5.0
"""How long going down waits for a store that takes nothing. What is not written by then is found again: its sessions go on."""
LET_GO_WITHIN_S: Final = 2.0
"""How long going down waits for hosts to be told that their end is on record. Until a daemon tells them, they linger."""

Entries = Sequence[tuple[float, Fact | Decision]]
Consumed = tuple[str, int]
"""A session, and where its events are read to."""

log = structlog.get_logger()


class RunScope:
    """One open run."""

    def __init__(
        self,
        world: World,
        placement: Placement,
        groups: Groups,
        state: RunState,
        *,
        seq: int,
        last_at: float,
        offsets: dict[str, int],
        children: Children,
        published: Callable[["RunScope", int, Entries], None],
        over: Callable[["RunScope"], object],
    ) -> None:
        self.state = state
        self.seq = seq
        """Number of the last durable journal entry."""
        self._world = world
        self._placement = placement
        self._groups = groups
        self._offsets = offsets
        self._published = published
        self._over = over
        self._last_at = last_at
        """Time of the last entry: a clock that was set back does not take the journal with it."""
        self._timers = Timers(world.clock, self._timer_fired)
        self._tasks: set[asyncio.Task[None]] = set()
        self._sessions: dict[str, Session] = {}
        self._calls = Calls(world, children, self.report)
        self._outfit = Outfitter(world, self, lambda: self.state)
        self._pending: list[tuple[float, Fact | Decision]] = []
        self._pending_offsets: dict[str, int] = {}
        self._writer: asyncio.Task[None] | None = None
        self._mending: asyncio.Task[None] | None = None
        self._held: list[tuple[Fact, Consumed | None]] | None = None
        """Facts that wait while the state is rebuilt after a mistake of ours; None otherwise."""
        self._closed = False
        self._given_up: StoreError | None = None
        """Why nothing more can be recorded by us, if so."""

    @property
    def id(self) -> str:
        """Of the run."""
        return self.state.id

    def follows(self, session_id: str) -> bool:
        """Whether it looks after a session, up to and including letting it go."""
        return session_id in self._sessions

    # life

    def begin(self, entries: Entries) -> None:
        """Perform what a new run's first entries, which are durable, ask for."""
        self._perform_all(following(self.state, [entry for _, entry in entries]), fresh=True)
        self._tell_if_over()

    def resume(self, resend: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        """Take a run over as its journal left it: sessions are looked for first, typed input is sent again."""
        self._perform_all(outstanding(self.state), fresh=False)
        for attempt in self.state.live_attempts():
            if attempt.state is State.RUNNING and attempt.exit is None:
                self._spawn(resend(attempt.id), f"input of {attempt.id}")

    async def close(self) -> None:
        """Write what is pending and let go; sessions go on without us.

        What cannot be written in time (the disk is full) is found again by the next daemon, where it came from.
        """
        self._timers.clear_all()
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self.durable()
        except TimeoutError:
            log.error(
                "going down with facts unwritten", action="run.unwritten", run=self.id, entries=len(self._pending)
            )
        except Refusal:
            pass  # said when it was given up
        await self._let_go()
        self._closed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._outfit.close()

    async def _let_go(self) -> None:
        try:
            async with asyncio.timeout(LET_GO_WITHIN_S):
                await asyncio.gather(*(session.let_go() for session in self._sessions.values()))
        except TimeoutError:
            log.warning("going down with hosts untold", action="run.hosts-untold", run=self.id)

    # facts

    def report(self, fact: Fact, *, consumed: Consumed | None = None) -> None:
        """Decide on a fact now; what follows is written and performed as soon as it can be."""
        if self._closed:
            return
        if self._held is not None:
            self._held.append((fact, consumed))
            return
        try:
            entries = decide(self.state, fact)
        except Exception as error:
            log.exception("a decision failed", action="run.internal-error", run=self.id, fact=fact.kind)
            self._held = [(fact, consumed)]
            self._mending = self._spawn(self._end_as_internal(f"{type(error).__name__}: {error}"), "internal error")
            return
        self._keep(fact.at, entries, consumed)

    def _keep(self, at: float, entries: Sequence[Fact | Decision], consumed: Consumed | None = None) -> None:
        if consumed is not None:
            self._pending_offsets[consumed[0]] = consumed[1]
        self._last_at = max(self._last_at, at)
        self._pending += [(self._last_at, entry) for entry in entries]
        if (self._pending or self._pending_offsets) and self._writer is None:
            self._writer = self._spawn(self._write(), "writer")

    async def durable(self) -> None:
        """Return when everything reported so far is durable. Raises Refusal when this daemon cannot write the run any more."""
        while tasks := [task for task in (self._writer, self._mending) if task is not None and not task.done()]:
            await asyncio.wait(tasks)
        if self._given_up is not None:
            raise Refusal(Code.UNAVAILABLE, f"run {self.id} cannot be written here any more", str(self._given_up))

    async def _end_as_internal(self, detail: str) -> None:
        """Go back to the state that the journal knows, end the run from there, and then hear what came meanwhile."""
        if self._writer is not None:
            await asyncio.wait((self._writer,))
        try:
            entries = [row.entry() for row in await self._world.store.journal(self.id)]
        except StoreError as error:
            self._give_up(error)
            return
        self.state = rebuild(self.state.chain, entries)
        held, self._held = self._held or [], None
        self._record_last_resort(InternalErrorOccurred(at=self._world.clock(), detail=detail), None)
        for fact, consumed in held:
            self._record_last_resort(fact, consumed)

    def _record_last_resort(self, fact: Fact, consumed: Consumed | None) -> None:
        """Report a fact; if even that cannot be decided, the run is over now: nothing is ever left undecided."""
        entries: list[Fact | Decision]
        try:
            entries = decide(self.state, fact)
        except Exception:
            log.exception("a decision failed again", action="run.internal-error", run=self.id, fact=fact.kind)
            if self.state.state is State.FINISHED:
                return  # by the one before; its end is recorded once
            finished = RunFinished(outcome=Outcome.FAILED, reason=Reason.INTERNAL, detail="see the daemon's log")
            evolve(self.state, finished)
            entries = [finished]
            for session in self._sessions.values():
                self._stop(session)
        self._keep(fact.at, entries, consumed)

    def _timer_fired(self, timer: str) -> None:
        self.report(TimerFired(at=self._world.clock(), timer=timer))

    # durability

    async def _write(self) -> None:
        try:
            while self._pending or self._pending_offsets:
                entries, self._pending = self._pending, []
                offsets, self._pending_offsets = self._pending_offsets, {}
                reach("events.before-commit" if offsets else "append.before-commit")
                epoch = self._world.store.epoch
                told = announced_by(self._world, self.state, entries)
                await self._append(
                    Append(
                        run_id=self.id,
                        epoch=epoch,
                        entries=entries,
                        offsets=offsets,
                        follows=self.seq,
                        announcements=told,
                    )
                )
                reach("events.after-commit" if offsets else "append.after-commit")
                self.seq += len(entries)
                if told:
                    self._world.told()
                self._published(self, self.seq, entries)
                self._perform_all(following(self.state, [entry for _, entry in entries]), fresh=True)
        except StoreError as error:
            self._give_up(error)
        finally:
            self._writer = None

    def _give_up(self, error: StoreError) -> None:
        """Let go of the run: its journal is another's, or cannot be written, so nothing that is decided here counts any more.

        Its sessions go on; whoever opens the store next takes them over. Above all no end is acknowledged that is not recorded.
        """
        said = "another daemon owns this run now" if isinstance(error, NotOwner) else "the run cannot be written"
        log.error(f"{said}: it is left to the next daemon", action="run.given-up", run=self.id, error=str(error))
        self._given_up = error
        self._closed = True
        self._timers.clear_all()
        for task in self._tasks - {self._writer}:
            task.cancel()
        self._over(self)

    async def _append(self, append: Append) -> None:
        while True:
            try:
                await self._world.store.append(append)
                return
            except StoreUnavailable as error:
                log.error("nothing can be recorded now", action="store.unavailable", run=self.id, error=str(error))
                await asyncio.sleep(UNAVAILABLE_PAUSE_S)

    # commands

    def _perform_all(self, commands: Iterable[Command], *, fresh: bool) -> None:
        for command in commands:
            self._PERFORM[type(command)](self, command, fresh)

    def _start_session(self, command: StartSession, fresh: bool) -> None:
        attempt = self.state.attempts[command.attempt_id]

        async def keep(path: str) -> Artifact:
            return await self._outfit.keep(attempt.id, path)

        agent = self.state.chain.agents[attempt.agent]
        host = partial(self._host_of, attempt.id)
        teller = AttemptTeller(self._world, attempt.id, agent, run_id=self.id, host=host, keep=keep)
        self._live(
            attempt.id,
            attempt.id,
            teller,
            partial(self._outfit.attempt_spec, attempt.id),
            fresh,
            read_secrets=partial(self._outfit.recorded_secrets_of, attempt.id),
        )

    def _direct(self, order: Order, fresh: bool) -> None:
        if session := self._sessions.get(order.attempt_id):
            work = session.direct(order, lambda: give(self._world, self.state, order, self._outfit.step_order))
            self._spawn(work, f"{type(order).__name__} of {session.id}")

    def _start_check(self, command: StartCheck, fresh: bool) -> None:
        session = check_id(command.attempt_id, command.index, command.again)

        self._live(
            session,
            command.attempt_id,
            CheckTeller(self._world, command, session, host=partial(self._host_of, command.attempt_id)),
            partial(self._outfit.check_spec, command),
            fresh,
            read_secrets=partial(self._outfit.secrets_of, command.attempt_id),
        )

    def _live(
        self,
        session_id: str,
        attempt_id: str,
        teller: Teller,
        make_spec: Callable[[tuple[Secret, ...]], Awaitable[SessionSpec]],
        fresh: bool,
        *,
        read_secrets: Callable[[], Awaitable[tuple[Secret, ...]]],
    ) -> None:
        session = Session(
            self._world,
            self._placement,
            self,
            session_id,
            where=Whereabouts(self._world, self, lambda: self.state, attempt_id),
            teller=teller,
            make_spec=make_spec,
            fresh=fresh,
            priority=self.state.chain.agents[self.state.attempts[attempt_id].agent].priority,
            read_secrets=read_secrets,
            events_from=self._offsets.get(session_id, 0),
        )
        self._sessions[session_id] = session
        task = self._spawn(session.live(), f"session {session_id}")
        task.add_done_callback(lambda _: self._sessions.pop(session_id, None))

    def _host_of(self, attempt_id: str) -> Host:
        return self._world.hosts.named(self.state.attempts[attempt_id].host)

    def _stop_session(self, command: StopSession, fresh: bool) -> None:
        attempt = self.state.attempts[command.attempt_id]
        current = attempt.id if attempt.check is None else check_id(attempt.id, attempt.check, attempt.again)
        if session := self._sessions.get(current):
            self._stop(session)

    def _stop(self, session: Session) -> None:
        self._spawn(session.stop(self._world.grace_s), f"stop {session.id}")

    def _start_child(self, command: StartChildRun, fresh: bool) -> None:
        self._spawn(self._calls.live(self.state, command.attempt_id), f"child {command.attempt_id}")

    def _cancel_child(self, command: CancelChildRun, fresh: bool) -> None:
        self._calls.cancel(command.attempt_id, again=command.again)

    def _set_timer(self, command: SetTimer, fresh: bool) -> None:
        self._timers.set(command.timer, command.due)

    def _clear_timer(self, command: ClearTimer, fresh: bool) -> None:
        self._timers.clear(command.timer)

    def _claim_slot(self, command: ClaimSlot, fresh: bool) -> None:
        if command.claim in self.state.slots:
            self._groups.claim(claim_in(self.state, command.claim))

    def _release_slot(self, command: ReleaseSlot, fresh: bool) -> None:
        self._groups.release(self.id, command.claim)

    def _finish(self, command: FinishRun, fresh: bool) -> None:
        self._timers.clear_all()
        self._groups.release_all(self.id)

    _PERFORM: ClassVar[dict[type, Callable[["RunScope", Any, bool], None]]] = {
        StartSession: _start_session,
        RunStep: _direct,
        StopStep: _direct,
        EndSteps: _direct,
        StartCheck: _start_check,
        StopSession: _stop_session,
        StartChildRun: _start_child,
        CancelChildRun: _cancel_child,
        SetTimer: _set_timer,
        ClearTimer: _clear_timer,
        ClaimSlot: _claim_slot,
        ReleaseSlot: _release_slot,
        FinishRun: _finish,
    }

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=f"run {self.id}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _leave(self) -> None:
        """The last task has ended: let go of the workspace, then of the run."""
        lost = any(attempt.outcome is Outcome.LOST for attempt in self.state.attempts.values())
        if not self._outfit.has_workspace or lost or self._closed:
            self._over(self)
            return
        self._spawn(self._outfit.release(), "release workspace")

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task failed", action="run.task-failed", run=self.id, task=task.get_name(), exc_info=error)
            if not self.state.mistake:
                detail = f"{task.get_name()}: {type(error).__name__}: {error}"
                self.report(InternalErrorOccurred(at=self._world.clock(), detail=detail))
        self._tell_if_over()

    def _tell_if_over(self) -> None:
        if not self._tasks and self.state.state is State.FINISHED:
            self._leave()
