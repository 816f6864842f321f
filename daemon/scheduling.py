"""Schedules that start runs: the cron trigger, the engine and the store, joined.

Every due time leaves one row: the run, or ``missed`` with its reason (I8). Which due times start a run is decided by ``core.due``; what
overlaps a run of the same schedule that still goes on is skipped, started beside it, or left to the run machine to hold back.
"""

from collections.abc import Mapping, Sequence

import structlog

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.due import Fire, Miss
from chainwright.daemon.core.facts import Trigger
from chainwright.daemon.core.graph import Chain, Schedule
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.engine import Overlap
from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.store.port import Once, Store, StoreError
from chainwright.daemon.triggers.cron import CronTrigger, NotRecorded

SCHEDULE = Actor(name="schedule")

log = structlog.get_logger()


class Scheduling:
    """Starts what the deployed chains' schedules ask for."""

    def __init__(self, engine: Engine, store: Store, clock: Clock) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock
        self._cron = CronTrigger(fire=self._fire, missed=self._missed, clock=clock)
        self._is_open = False

    def open(self) -> None:
        """Settle what was due while nobody was there, then fire from now on."""
        self._is_open = True
        self._cron.start()

    async def close(self) -> None:
        """Fire no more."""
        await self._cron.stop()

    async def look(self) -> None:
        """Account for everything that is due by now."""
        await self._cron.look()

    async def follow(self, chains: Mapping[str, Chain], *, in_force_since: Mapping[str, float]) -> None:
        """From now on, these chains' schedules and no others.

        ``in_force_since`` is when each was deployed, by its id: due times since then, and since the last that is on record, are accounted
        for. What was due under those before is accounted for first.
        """
        await self.look()
        since = {
            schedule.id: max(await self._store.last_fire(schedule.id) or 0.0, in_force_since[chain.id])
            for chain in chains.values()
            for schedule in chain.schedules
        }
        away_until = 0.0 if self._is_open else self._clock()
        self._cron.set_schedules({chain.id: chain.schedules for chain in chains.values()}, since, away_until=away_until)

    async def _fire(self, chain_id: str, schedule: Schedule, fire: Fire) -> None:
        overlap = _overlap(schedule, fire)
        if overlap is None and (running := self._engine.open_run_of(schedule.id)):
            miss = Miss(due=fire.due, reason=f"overlap: run {running} has not ended")
            await self._missed(chain_id, schedule, [miss])
            return
        reach("fire.due")
        try:
            await self._engine.start_run(
                SCHEDULE,
                chain_id,
                dict(schedule.inputs),
                once=Once.of_fire(schedule.id, fire.due),
                trigger=Trigger(kind="schedule", actor=SCHEDULE.name, key=f"{schedule.id}@{fire.due:.0f}"),
                overlap=overlap or "allow",
            )
        except Refusal as refusal:
            if refusal.code is Code.UNAVAILABLE:
                raise NotRecorded(str(refusal)) from refusal
            await self._missed(chain_id, schedule, [Miss(due=fire.due, reason=str(refusal))])
        except StoreError as error:
            raise NotRecorded(str(error)) from error

    async def _missed(self, chain_id: str, schedule: Schedule, missed: Sequence[Miss]) -> None:
        reach("missed.due")
        try:
            new = await self._store.record_missed(schedule.id, {miss.due: miss.reason for miss in missed})
        except StoreError as error:
            raise NotRecorded(str(error)) from error
        reach("missed.recorded")
        if new:
            log.warning(
                "missed",
                action="schedule.missed",
                chain=chain_id,
                cron=schedule.cron,
                due=missed[0].due,
                until=missed[-1].due,
                times=new,
                reason=missed[-1].reason,
            )


def _overlap(schedule: Schedule, fire: Fire) -> Overlap | None:
    """What the run does about earlier ones; None when there is to be none beside them.

    Of times that are made up for, each is to have its run, so they wait for one another where they may not overlap.
    """
    if schedule.overlap == "allow":
        return "allow"
    if fire.made_up and schedule.missed == "all":
        return "queue"
    return None if schedule.overlap == "skip" else schedule.overlap
