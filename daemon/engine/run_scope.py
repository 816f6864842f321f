"""The owner of one open run: it decides on every fact at once, makes the entries durable, and only then performs the commands.

All its tasks are named and end with it. When deciding raises, that is a mistake of ours: the state is rebuilt from what was recorded
and the run ends as ``internal``. When the disk is full, entries wait here until there is room; sessions go on.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import singledispatchmethod
from typing import Any, Final

import structlog

from chainwright.daemon.core.attempt_ids import check_id
from chainwright.daemon.core.commands import (
    ClearTimer,
    Command,
    FinishRun,
    SetTimer,
    StartCheck,
    StartSession,
    StopSession,
)
from chainwright.daemon.core.decide import decide
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.evolve import rebuild
from chainwright.daemon.core.facts import Fact, InternalErrorOccurred, TimerFired
from chainwright.daemon.core.recovery import following, outstanding
from chainwright.daemon.core.state import RunState
from chainwright.daemon.core.states import State
from chainwright.daemon.engine.ports import World
from chainwright.daemon.engine.preparing import attempt_spec, check_spec
from chainwright.daemon.engine.sessions import Session
from chainwright.daemon.engine.slots import Slots
from chainwright.daemon.engine.tellers import AttemptTeller, CheckTeller
from chainwright.daemon.engine.timers import Timers
from chainwright.daemon.store.port import Append, NotOwner, StoreFull
from chainwright.schemas.session import SessionSpec

FULL_DISK_PAUSE_S: Final = 1.0

Entries = Sequence[tuple[float, Fact | Decision]]
log = structlog.get_logger()


class RunScope:
    """One open run."""

    def __init__(
        self,
        world: World,
        slots: Slots,
        state: RunState,
        *,
        seq: int,
        offsets: dict[str, int],
        published: Callable[["RunScope", int, Entries], None],
        over: Callable[["RunScope"], None],
    ) -> None:
        self.state = state
        self.seq = seq
        """Number of the last durable journal entry."""
        self._world = world
        self._slots = slots
        self._offsets = offsets
        self._published = published
        self._over = over
        self._last_at = state.request.at if state.request else 0.0
        self._timers = Timers(world.clock, self._timer_fired)
        self._tasks: set[asyncio.Task[None]] = set()
        self._sessions: dict[str, Session] = {}
        self._workspace: asyncio.Task[str] | None = None
        self._pending: list[tuple[float, Fact | Decision]] = []
        self._pending_offsets: dict[str, int] = {}
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def id(self) -> str:
        """Of the run."""
        return self.state.id

    # life

    def begin(self, entries: Entries) -> None:
        """Perform what a new run's first entries, which are durable, ask for."""
        self._perform_all(following(entry for _, entry in entries), fresh=True)

    def resume(self) -> None:
        """Take a run over as its journal left it: sessions are looked for first."""
        self._perform_all(outstanding(self.state), fresh=False)

    async def close(self) -> None:
        """Write what is pending and let go; sessions go on without us."""
        self._timers.clear_all()
        await self.durable()
        self._closed = True
        tasks = [task for task in (*self._tasks, self._workspace) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # facts

    def report(self, fact: Fact, *, consumed: tuple[str, int] | None = None) -> None:
        """Decide on a fact now; what follows is written and performed as soon as it can be."""
        if self._closed:
            return
        entries = self._decided(fact)
        self._last_at = max(self._last_at, fact.at)
        if consumed is not None:
            self._pending_offsets[consumed[0]] = consumed[1]
        if entries:
            self._pending += [(self._last_at, entry) for entry in entries]
        if (entries or consumed) and self._writer is None:
            self._writer = self._spawn(self._write(), "writer")

    async def durable(self) -> None:
        """Return when everything reported so far is durable."""
        if self._writer is not None:
            await asyncio.shield(asyncio.wait((self._writer,)))

    def _decided(self, fact: Fact) -> list[Fact | Decision]:
        try:
            return decide(self.state, fact)
        except Exception as error:  # noqa: BLE001  the boundary: whatever a decision raises is ours, and ends this run only
            log.exception("a decision failed", action="run.internal-error", run=self.id, fact=fact.kind)
            return self._abandon(f"{type(error).__name__}: {error}")

    def _abandon(self, detail: str) -> list[Fact | Decision]:
        """The entries that end the run after a mistake of ours, from a state that the mistake did not touch."""
        recorded = [entry for _, entry in self._recorded] if False else None
        raise AssertionError(recorded, detail)

    def _timer_fired(self, timer: str) -> None:
        self.report(TimerFired(at=self._world.clock(), timer=timer))

    # durability

    async def _write(self) -> None:
        try:
            while self._pending or self._pending_offsets:
                entries, self._pending = self._pending, []
                offsets, self._pending_offsets = self._pending_offsets, {}
                await self._append(Append(run_id=self.id, epoch=self._world.store.epoch, entries=entries, offsets=offsets))
                self.seq += len(entries)
                self._published(self, self.seq, entries)
                self._perform_all(following(entry for _, entry in entries), fresh=True)
        finally:
            self._writer = None

    async def _append(self, append: Append) -> None:
        while True:
            try:
                await self._world.store.append(append)
                return
            except StoreFull as error:
                log.error("the disk is full", action="store.full", run=self.id, error=str(error))
                await asyncio.sleep(FULL_DISK_PAUSE_S)

    # commands
