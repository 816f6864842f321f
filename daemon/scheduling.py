"""Schedules that start runs: the cron trigger, the engine and the store, joined.

Every due time leaves one row: the run, or ``missed`` with its reason. What overlaps a run of the same schedule that still goes on is
skipped, and so is what was due while no daemon was there (semantics 39).
"""

from collections.abc import Mapping

import structlog

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.facts import Trigger
from chainwright.daemon.core.graph import Chain, Schedule
from chainwright.daemon.core.refusals import Refusal
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.store.port import Once, Store
from chainwright.daemon.triggers.cron import CronTrigger

log = structlog.get_logger()


class Scheduling:
    """Starts what the deployed chains' schedules ask for."""

    def __init__(self, engine: Engine, store: Store, clock: Clock) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock
        self._cron = CronTrigger(fire=self._fire, missed=self._missed, clock=clock)

    def open(self) -> None:
        """Settle what was due while nobody was there, then fire from now on."""
        self._cron.start()

    async def close(self) -> None:
        """Fire no more."""
        await self._cron.stop()

    async def follow(self, chains: Mapping[str, Chain], *, in_force_since: float) -> None:
        """From now on, these chains' schedules and no others.

        ``in_force_since`` is when they were deployed: due times since then, and since the last that is on record, are accounted
        for.
        """
        recorded = {
            schedule.id: await self._store.last_fire(schedule.id)
            for chain in chains.values()
            for schedule in chain.schedules
        }
        since = {schedule: max(last or 0.0, in_force_since) for schedule, last in recorded.items()}
        self._cron.set_schedules({chain.id: chain.schedules for chain in chains.values()}, since)

    async def _fire(self, chain_id: str, schedule: Schedule, due: float) -> None:
        if running := self._engine.open_run_of(schedule.id):
            await self._missed(chain_id, schedule, due, f"overlap: run {running} has not ended")
            return
        trigger = Trigger(kind="schedule", actor="schedule", key=f"{schedule.id}@{due:.0f}")
        try:
            await self._engine.start_run(
                Actor(name="schedule"),
                chain_id,
                dict(schedule.inputs),
                once=Once.of_fire(schedule.id, due),
                trigger=trigger,
            )
        except Refusal as refusal:
            await self._missed(chain_id, schedule, due, str(refusal))

    async def _missed(self, chain_id: str, schedule: Schedule, due: float, reason: str) -> None:
        if await self._store.record_missed(schedule.id, due, reason):
            log.warning("missed", action="schedule.missed", chain=chain_id, cron=schedule.cron, due=due, reason=reason)
