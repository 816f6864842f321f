"""The life of one session as the engine sees it: found or started, followed, harvested, let go.

After a restart the session is looked for first and started only when it surely never ran (sessions.md, recovery order). Nothing here
decides: every turn of events is told to the run as a fact. A host that does not answer is asked again until it does; its silence
is never a reason to start anything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol, TypeVar

import structlog

from chainwright.daemon.core.commands import RunStep
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine.hosts import Host
from chainwright.daemon.engine.placement import Placement, Wanted
from chainwright.daemon.engine.ports import World
from chainwright.daemon.engine.step_orders import Order
from chainwright.daemon.engine.tellers import Teller
from chainwright.daemon.secrets.port import Secret, SecretUnavailable
from chainwright.runners.port import (
    CannotStart,
    EventFound,
    Exited,
    Fenced,
    HostUnreachable,
    Lost,
    NeverRan,
    NoTerminal,
    NotReached,
    RunnerError,
    Running,
    SessionStatus,
    StatusChanged,
    StepTold,
)
from chainwright.schemas.session import SessionSpec, StepLine

PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Between tries to reach a host or to get a terminal; the last one repeats."""

T = TypeVar("T")
log = structlog.get_logger()


class Where(Protocol):
    """On which host a session is, or is to be."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What the host must have."""

    @property
    def host(self) -> str | None:
        """The name of the one on record, empty for the daemon's own machine; None until one is chosen."""

    async def choose(self, host: str) -> bool:
        """Put one on record; whether it stands there now, durable."""


class Owner(Protocol):
    """The run that a session belongs to."""

    def report(self, fact: Fact, *, consumed: tuple[str, int] | None = None) -> None:
        """Something happened; ``consumed`` is the session and where its events are read to."""

    async def durable(self) -> None:
        """Return when everything reported so far is durable."""


async def answered(what: str, ask: Callable[[], Awaitable[T]]) -> T:
    """The answer of a host, asked again for as long as it gives none: a run is never left undecided for that.

    Only what can have no other answer is raised: Fenced, CannotStart.
    """
    tries = 0
    while True:
        try:
            return await ask()
        except (Fenced, CannotStart):
            raise
        except RunnerError as error:
            if tries == 0:
                log.warning("the host gives no answer, asking again", action="host.silent", what=what, error=str(error))
            await asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            tries += 1


async def unless(event: asyncio.Event, work: Coroutine[Any, Any, None], name: str) -> bool:
    """Do the work until it is done or the event comes, and say whether it was done. Raises what the work raises."""
    if event.is_set():
        work.close()
        return False
    task = asyncio.create_task(work, name=name)
    other = asyncio.create_task(event.wait(), name=f"{name}: unless")
    try:
        await asyncio.wait((task, other), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (task, other):
            one.cancel()
        await asyncio.wait((task, other))
    if task.cancelled():
        return False
    task.result()
    return True


async def _none() -> tuple[Secret, ...]:
    return ()


class Session:
    """One session, lived by one task of its run."""

    def __init__(
        self,
        world: World,
        placement: Placement,
        owner: Owner,
        session_id: str,
        *,
        where: Where,
        teller: Teller,
        make_spec: Callable[[tuple[Secret, ...]], Awaitable[SessionSpec]],
        fresh: bool,
        priority: int = 0,
        read_secrets: Callable[[], Awaitable[tuple[Secret, ...]]] = _none,
        events_from: int = 0,
    ) -> None:
        self.id = session_id
        self._world = world
        self._placement = placement
        self._owner = owner
        self._where = where
        self._teller = teller
        self._make_spec = make_spec
        self._read_secrets = read_secrets
        self._fresh = fresh
        """Whether nobody can have started it before, so that it need not be looked for."""
        self._priority = priority
        self._events_from = events_from
        self._place: str | None = None
        """The host on which a place is held for it."""
        self._may_run = not fresh and where.host is not None
        """Whether a host may have been asked to start it: then no other host ever is."""
        self._withdrawn = asyncio.Event()
        self._running = asyncio.Event()
        self._over = asyncio.Event()
        self._orders = asyncio.Lock()
        """One after the other: the stop of a step must not come before the step."""
        self._has_ended = False
        self._is_held = False
        """Whether its host was told to have no room for what it writes."""

    async def live(self) -> None:
        """From start or finding to the recorded end. Cancelling it leaves the session to the next daemon."""
        try:
            if await self._begin():
                self._running.set()
                await self._follow()
        except Fenced:
            log.warning("another daemon owns this session now", action="session.fenced", session=self.id)
        except Exception as error:
            # A mistake of ours. Unreported, the run would wait for this end for ever; whether the agent still runs is not known.
            log.exception("a session was lost track of", action="session.internal-error", session=self.id)
            lost = Lost(group_gone=False, detail=f"the daemon lost track of it: {type(error).__name__}: {error}")
            self._tell(await self._teller.ended(lost))
        finally:
            self._over.set()
            self._give_place_back()

    async def stop(self, grace_s: float) -> None:
        """End it: one that has not started never will, a running one is told to go. Returns at the latest when it is over."""
        self._withdrawn.set()
        await unless(self._over, self._stopped(grace_s), f"stopping {self.id}")

    async def let_go(self) -> None:
        """Return when a session that has ended is on record and its host told so; at once when it has not ended."""
        if self._has_ended:
            await self._over.wait()

    async def direct(self, order: Order, give: Callable[[], Awaitable[None]]) -> None:
        """Give it an order about its steps, after those that were given before; nothing when it is over by then."""
        await unless(self._over, self._directed(order, give), f"directing {self.id}")

    async def _directed(self, order: Order, give: Callable[[], Awaitable[None]]) -> None:
        async with self._orders:
            await self._running.wait()
            try:
                await answered("order", give)
            except (CannotStart, OSError) as error:
                if isinstance(order, RunStep):
                    self._tell(self._teller.step_refused(order.step, str(error)))
            except Fenced:
                log.warning("another daemon owns this session now", action="session.fenced", session=self.id)

    async def _stopped(self, grace_s: float) -> None:
        await self._running.wait()
        try:
            await answered("stop", lambda: self._end(grace_s))
        except Fenced:
            log.warning("another daemon owns this session now", action="session.fenced", session=self.id)

    async def _end(self, grace_s: float) -> None:
        world = self._world
        await self._host.runner.stop(self.id, token=world.token(self.id), epoch=world.store.epoch, grace_s=grace_s)

    @property
    def _host(self) -> Host:
        return self._world.hosts.named(self._where.host or "")

    # beginning

    async def _begin(self) -> bool:
        """Whether there is a session to follow; if not, its run was told why."""
        status = await answered("poll", self._poll) if self._may_run else NeverRan()
        if isinstance(status, NeverRan):
            return await self._start()
        if isinstance(status, Running):
            self._place = self._host.name
            self._placement.claim(self._place)
        return self._found(status)

    def _found(self, status: SessionStatus) -> bool:
        if isinstance(status, Running | Exited) and status.child is not None:
            self._tell(self._teller.started(status.child))
        return True

    async def _poll(self) -> SessionStatus:
        return await self._host.runner.poll(self.id)

    async def _start(self) -> bool:
        try:
            status = await self._started()
        except (CannotStart, OSError) as error:
            self._tell(self._teller.refused(str(error)))
            return False
        except SecretUnavailable as error:
            self._tell(self._teller.refused(str(error), "secret"))
            return False
        if isinstance(status, NeverRan):
            self._tell(self._teller.refused("withdrawn before it started"))
            return False
        reach("session.after-start")
        return self._found(status)

    async def _started(self) -> SessionStatus:
        """What became of it; NeverRan when it was withdrawn, and surely runs nowhere."""
        tries = 0
        while not self._withdrawn.is_set():
            try:
                if not await self._claim_place():
                    break
                return await self._asked_to_start()
            except NoTerminal as error:
                self._tell(self._teller.delayed("no-pty", str(error)))
            except HostUnreachable as error:
                log.warning("host unreachable", action="host.silent", session=self.id, error=str(error))
                self._tell(self._teller.delayed("host-away", str(error)))
                self._move()
            await self._unless_withdrawn(asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)]))
            tries += 1
        return await answered("poll", self._poll) if self._may_run else NeverRan()

    async def _claim_place(self) -> bool:
        """Have a place, on the host that is on record then; not when it was withdrawn before."""
        if self._place is None and not await self._got_place(self._wanted()):
            return False
        return await self._where.choose(self._place or "")

    def _wanted(self) -> Wanted:
        fixed = self._where.host if self._may_run or not self._where.labels else None
        return Wanted.by(self._where.labels) if fixed is None else Wanted.exactly(self._world.hosts.named(fixed).name)

    async def _got_place(self, wanted: Wanted) -> bool:
        if (host := self._placement.try_claim(wanted)) is not None:
            self._place = host.name
            return True
        self._tell(self._teller.delayed(*self._placement.why_not(wanted)))
        return await self._unless_withdrawn(self._wait_for_place(wanted))

    async def _wait_for_place(self, wanted: Wanted) -> None:
        host = await self._placement.wait(wanted, self._priority)
        self._place = (
            host.name
        )  # here, where nothing can come between: a place that nobody knows of is never given back

    async def _asked_to_start(self) -> Running:
        secrets = await self._read_secrets()  # first: who gives them may be slow, and others want to start
        host = self._host
        async with host.starts:
            spec = await self._make_spec(secrets)
            reach("session.before-start")
            knew, self._may_run = self._may_run, True
            try:
                return Running(child=await host.runner.start(spec))
            except (NotReached, NoTerminal):
                self._may_run = knew
                raise

    def _move(self) -> None:
        """Its host is away. Where it cannot have been asked, another one may have a place."""
        if not self._may_run and self._where.labels:
            self._give_place_back()

    async def _unless_withdrawn(self, work: Coroutine[Any, Any, None]) -> bool:
        return await unless(self._withdrawn, work, f"beginning {self.id}")

    # following

    async def _follow(self) -> None:
        end: Exited | Lost | None = None
        while end is None:
            end = await answered("follow", self._follow_once)
        self._has_ended = True
        self._give_place_back()
        ended = await self._without_remains(end) if isinstance(end, Lost) else end
        reach("exit.before-harvest")
        fact = await answered("harvest", lambda: self._teller.ended(ended))
        reach("exit.after-harvest")
        self._tell(fact)
        await self._owner.durable()
        reach("exit.after-durable")
        await answered("forget", self._forget)
        reach("exit.after-forget")

    async def _without_remains(self, lost: Lost) -> Lost:
        """What a dead session host has left of its agent is ended: the attempt is over, and the next one must not meet it."""
        for pause in PAUSES_S:
            if lost.group_gone:
                break
            await answered("end what is left", lambda: self._end(0.0))
            await asyncio.sleep(pause)
            if isinstance(found := await answered("poll", self._poll), Lost):
                lost = found
        return lost

    async def _follow_once(self) -> Exited | Lost | None:
        world = self._world
        life = self._host.runner.follow(
            self.id, token=world.token(self.id), epoch=world.store.epoch, events_from=self._events_from
        )
        end: Exited | Lost | None = None
        async for item in life:  # to its own end: the runner keeps the connection for `forget` then
            if isinstance(item, EventFound):
                fact = await self._teller.event(item)
                self._events_from = item.offset
                self._tell(fact, consumed=item.offset)
            elif isinstance(item, StepTold):
                await self._tell_step(item.line)
            elif isinstance(item, Exited | Lost):
                end = item
            else:
                self._note_storage(item)
        return end

    def _note_storage(self, status: StatusChanged) -> None:
        if status.disk_full != self._is_held:
            self._is_held = status.disk_full
            log.warning("session storage", action="session.storage", session=self.id, disk_full=status.disk_full)
            self._tell(self._teller.held(status.disk_full))

    async def _tell_step(self, line: StepLine) -> None:
        if line.ended_at is not None:
            reach("step.before-harvest")
        fact = await self._teller.step(line)
        if line.ended_at is not None:
            reach("step.after-harvest")
        self._tell(fact)

    async def _forget(self) -> None:
        world = self._world
        await self._host.runner.forget(self.id, token=world.token(self.id), epoch=world.store.epoch)

    def _tell(self, fact: Fact | None, *, consumed: int | None = None) -> None:
        if fact is not None:
            self._owner.report(fact, consumed=None if consumed is None else (self.id, consumed))

    def _give_place_back(self) -> None:
        if self._place is not None:
            host, self._place = self._place, None
            self._placement.give_back(host)
