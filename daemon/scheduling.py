"""Schedules that start runs: the cron trigger, the engine and the store, joined.

Every due time leaves one row: the run, or ``missed`` with its reason (I8). Which due times start a run is decided by ``core.due``; what
overlaps a run of the same schedule that still goes on is skipped, started beside it, or left to the run machine to hold back.
"""

from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from operator import itemgetter
from typing import Any

import structlog

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.due import GRACE_S, Fire, Miss, Pause
from chainwright.daemon.core.facts import Trigger
from chainwright.daemon.core.graph import Chain, Schedule
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.schedule import fires
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.engine import Overlap
from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.engine.recording import recording
from chainwright.daemon.schedule_views import chosen, detail, fire_view
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
        self._cron = CronTrigger(fire=self._fire, missed=self._missed, paused=self._pause_of, clock=clock)
        self._is_open = False
        self._chains: Mapping[str, Chain] = {}
        self._pauses: dict[str, Pause] | None = None
        """By chain, as the store has them, ended ones included; None until they are read."""

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
        if self._pauses is None:
            self._pauses = await self._store.pauses()
        await self.look()
        self._chains = {chain.id: chain for chain in chains.values()}
        since = {
            schedule.id: max(await self._store.last_fire(schedule.id) or 0.0, in_force_since[chain.id])
            for chain in chains.values()
            for schedule in chain.schedules
        }
        away_until = 0.0 if self._is_open else self._clock()
        self._cron.set_schedules({chain.id: chain.schedules for chain in chains.values()}, since, away_until=away_until)

    # people's hold on them

    async def pause(self, actor: Actor, chain_id: str, until: float | None) -> None:
        """Start no run of a chain's schedules; durable when this returns. What is due by now is settled first."""
        chain = self.chain(chain_id)
        chosen(chain, "")
        now = self._clock()
        if until is not None and until <= now:
            raise Refusal(Code.INVALID_INPUT, "the pause would be over already", "give a time that is yet to come")
        await self.look()
        pause = Pause(actor=actor.name, at=now, until=until)
        reach("pause.decided")
        with recording():
            await self._store.pause_schedules(chain.id, pause)
        reach("pause.durable")
        self._known_pauses[chain.id] = pause
        log.warning("paused", action="schedule.paused", chain=chain.id, actor=actor.name, until=until)

    async def resume(self, actor: Actor, chain_id: str) -> None:
        """Start runs of a chain's schedules again; durable when this returns."""
        chain = self.chain(chain_id)
        if self.pause_of(chain.id) is None:
            raise Refusal(Code.CONFLICT, f'the schedules of "{chain.id}" are not paused')
        await self.look()
        with recording():
            await self._store.resume_schedules(chain.id, actor.name, self._clock())
        reach("resume.durable")
        self._known_pauses.pop(chain.id, None)
        log.warning("resumed", action="schedule.resumed", chain=chain.id, actor=actor.name)

    async def run_now(self, actor: Actor, chain_id: str, beginning: str, once: Once | None = None) -> str:
        """The id of a new run of a schedule, which its due times take for one of theirs; durable when this returns.

        The id of the earlier one if ``once`` was seen before.
        """
        chain = self.chain(chain_id)
        schedule = chosen(chain, beginning)
        trigger = Trigger(kind="schedule", actor=actor.name, key=f"{schedule.id}@now")
        overlap: Overlap = "allow" if schedule.overlap == "skip" else schedule.overlap
        return await self._engine.start_run(
            actor, chain.id, dict(schedule.inputs), once=once, trigger=trigger, overlap=overlap
        )

    def pause_of(self, chain_id: str) -> Pause | None:
        """Who keeps the schedules of a chain from starting runs now."""
        pause = self._pause_of(chain_id)
        return pause if pause is not None and pause.covers(self._clock()) else None

    def paused(self) -> dict[str, Pause]:
        """Every pause of a chain in force that has not ended, by chain."""
        return {chain_id: pause for chain_id in self._chains if (pause := self.pause_of(chain_id))}

    def ahead_until(self) -> float | None:
        """Up to when due times are on record that are yet to come, because the clock was set back: nothing starts before; or None."""
        positions = [self._cron.position(one.id) or 0.0 for chain in self._chains.values() for one in chain.schedules]
        latest = max(positions, default=0.0)
        return latest if latest > self._clock() + GRACE_S else None

    # what people see

    def chain(self, chain_id: str) -> Chain:
        """A chain in force. Refused when there is none of that id."""
        if chain_id not in self._chains:
            scheduled = ", ".join(sorted(one.id for one in self._chains.values() if one.schedules))
            raise Refusal(
                Code.NOT_FOUND, f'there is no chain "{chain_id}"', f"with schedules are: {scheduled or 'none'}"
            )
        return self._chains[chain_id]

    async def described(self, chain_id: str | None = None) -> list[dict[str, Any]]:
        """ScheduleDetails, by chain and in the order of its file."""
        chains = self._chains.values() if chain_id is None else (self.chain(chain_id),)
        return [await self._detail(chain, schedule) for chain in chains for schedule in chain.schedules]

    async def fires(self, beginning: str, limit: int, before: float | None = None) -> list[dict[str, Any]]:
        """FireViews of the schedule in force whose id begins so, newest first."""
        ids = [one.id for chain in self._chains.values() for one in chain.schedules if one.id.startswith(beginning)]
        if len(set(ids)) != 1:
            code = Code.AMBIGUOUS if ids else Code.NOT_FOUND
            raise Refusal(code, f'{len(set(ids)) or "no"} schedules begin with "{beginning}"', ", ".join(ids))
        return [fire_view(fire) for fire in await self._store.fires(ids[0], limit, before)]

    def due_times(self, after: float) -> Iterator[dict[str, Any]]:
        """DueTimes of all schedules in force that are not paused then, in their order, later than ``after`` and possibly without end."""
        every = (self._due_times(chain, one, after) for chain in self._chains.values() for one in chain.schedules)
        return merge(*every, key=itemgetter("at"))

    def _due_times(self, chain: Chain, schedule: Schedule, after: float) -> Iterator[dict[str, Any]]:
        pause = self._pause_of(chain.id)
        times = (at for at in fires(schedule.cron, schedule.timezone, after) if pause is None or not pause.covers(at))
        return ({"schedule": schedule.id, "chain": chain.id, "at": at} for at in _until_resumed(times, pause))

    async def _detail(self, chain: Chain, schedule: Schedule) -> dict[str, Any]:
        newest = await self._store.fires(schedule.id, 1)
        return detail(
            chain,
            schedule,
            self._clock(),
            running=self._engine.open_run_of(schedule.id),
            last=newest[0] if newest else None,
            pause=self.pause_of(chain.id),
        )

    # what becomes of due times

    @property
    def _known_pauses(self) -> dict[str, Pause]:
        assert self._pauses is not None, "schedules are followed before anybody asks about them"
        return self._pauses

    def _pause_of(self, chain_id: str) -> Pause | None:
        return self._known_pauses.get(chain_id)

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


def _until_resumed(times: Iterator[float], pause: Pause | None) -> Iterator[float]:
    """None at all under a pause that nobody has set an end to: they would be looked for without end."""
    return iter(()) if pause is not None and pause.until is None else times


def _overlap(schedule: Schedule, fire: Fire) -> Overlap | None:
    """What the run does about earlier ones; None when there is to be none beside them.

    Of times that are made up for, each is to have its run, so they wait for one another where they may not overlap.
    """
    if schedule.overlap == "allow":
        return "allow"
    if fire.made_up and schedule.missed == "all":
        return "queue"
    return None if schedule.overlap == "skip" else schedule.overlap
