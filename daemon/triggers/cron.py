"""Waits for the due times of schedules, and accounts for every one of them: fired, or missed with its reason.

APScheduler keeps the timers and is believed in nothing else. Its reading of cron lines is not cron, so the times come from
``core.schedule``; and a timer may be late (a suspended machine, a clock that was set), so being woken only means looking: what lies
between a schedule's position and now is due, each time once. A clock that is set back leaves the position ahead, and nothing repeats.

Left to the owner of the callbacks: making the run and its record unique by (schedule, due time), and what happens while an earlier
run of the schedule is still going on (``overlap``; ``skip`` by default). Missed times are skipped, never made up for.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped] # ships no types
from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped] # ships no types

from chainwright.daemon.core.graph import Schedule
from chainwright.daemon.core.schedule import next_fires, previous_fires

GRACE_S: Final = 60.0
"""A due time noticed later than this is missed."""

MOST_MISSED: Final = 1_000
"""Of a schedule at once, the newest; whoever was away for a year is not told of every minute."""

SWEEP_S: Final = 20.0
"""Between two looks at every schedule, whatever the timers do; also when a failed callback is tried again."""

NOT_RUNNING: Final = "the daemon was not running"


class Fire(Protocol):
    """Told of a due time that has come."""

    def __call__(self, chain_id: str, schedule: Schedule, due: float) -> Awaitable[None]:
        """An error means that nothing was recorded: the same due time comes again."""


class Missed(Protocol):
    """Told of a due time that has passed without a run."""

    def __call__(self, chain_id: str, schedule: Schedule, due: float, reason: str) -> Awaitable[None]:
        """An error means that nothing was recorded: the same due time comes again."""


@dataclass(kw_only=True)
class _Watched:
    """A schedule in force; every due time up to ``position`` is accounted for."""

    chain_id: str
    schedule: Schedule
    position: float
    away_until: float
    """Until when the daemon was not running."""


class CronTrigger:
    """The schedules in force. Times are seconds since the epoch, by ``clock``."""

    def __init__(self, *, fire: Fire, missed: Missed, clock: Callable[[], float] = time.time) -> None:
        self._fire = fire
        self._missed = missed
        self._clock = clock
        self._watched: dict[str, _Watched] = {}
        self._one_at_a_time = asyncio.Lock()
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})

    def start(self) -> None:
        """Begins to wait; needs a running loop."""
        self._scheduler.start()
        self._scheduler.add_job(self.look, "interval", seconds=SWEEP_S, id="sweep", max_instances=1)

    async def stop(self) -> None:
        """Ends waiting, after a callback that is under way. May be repeated, and called without a start."""
        async with self._one_at_a_time:
            if self._scheduler.running:
                self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # the scheduler ends in a callback of the loop

    def set_schedules(
        self, schedules: Mapping[str, tuple[Schedule, ...]], since: Mapping[str, float] | None = None
    ) -> None:
        """Puts these in force, by chain id, in place of all others. What is in force already keeps its position.

        ``since`` says, by schedule id, up to when due times are accounted for: after a start of the daemon the newest that is
        recorded, or when the schedule came into force. Later ones are then missed. Without it, a schedule begins now.
        """
        now = self._clock()
        positions = {} if since is None else since
        wanted = {
            schedule.id: self._watched.get(schedule.id)
            or _Watched(
                chain_id=chain_id,
                schedule=schedule,
                position=positions.get(schedule.id, now),
                away_until=now,
            )
            for chain_id, several in schedules.items()
            for schedule in several
        }
        for gone in self._watched.keys() - wanted.keys():
            self._remove_timer(gone)
        for new in wanted.keys() - self._watched.keys():
            self._add_timer(wanted[new].schedule)
        self._watched = wanted

    async def look(self, schedule_id: str | None = None) -> None:
        """Accounts for what is due by now, of one schedule or of all. An error of a callback leaves the rest for the next look."""
        async with self._one_at_a_time:
            for watched in list(self._watched.values()):
                if schedule_id in (None, watched.schedule.id):
                    await self._account(watched)

    async def _account(self, watched: _Watched) -> None:
        now = self._clock()
        for due in _due_times(watched.schedule, watched.position, now):
            if watched.schedule.id not in self._watched:  # taken out of force by a callback
                return
            await self._tell(watched, due, now)
            watched.position = due

    async def _tell(self, watched: _Watched, due: float, now: float) -> None:
        if due <= watched.away_until:
            await self._missed(watched.chain_id, watched.schedule, due, NOT_RUNNING)
        elif now - due > GRACE_S:
            reason = (
                f"noticed {now - due:.0f} s late: the machine slept, its clock was set, or it could not be recorded"
            )
            await self._missed(watched.chain_id, watched.schedule, due, reason)
        else:
            await self._fire(watched.chain_id, watched.schedule, due)

    def _add_timer(self, schedule: Schedule) -> None:
        self._scheduler.add_job(self.look, _DueTimes(schedule), args=(schedule.id,), id=schedule.id)

    def _remove_timer(self, schedule_id: str) -> None:
        if self._scheduler.get_job(schedule_id):  # one that will never fire again has been removed already
            self._scheduler.remove_job(schedule_id)


class _DueTimes(BaseTrigger):  # type: ignore[misc] # APScheduler ships no types
    """Tells APScheduler when to wake us for a schedule."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime | None:
        """The next due time later than now."""
        for due in next_fires(self._schedule.cron, self._schedule.timezone, now.timestamp(), 1):
            return datetime.fromtimestamp(due, UTC)
        return None


def _due_times(schedule: Schedule, after: float, until: float) -> list[float]:
    """Due times later than ``after`` up to ``until``, oldest first; the newest if there are too many."""
    if not _is_due(schedule, after, until):
        return []
    newest = previous_fires(schedule.cron, schedule.timezone, _just_after(until), MOST_MISSED)
    return [due for due in reversed(newest) if due > after]


def _is_due(schedule: Schedule, after: float, until: float) -> bool:
    """Whether anything is due in the time: the cheap question, asked on every look."""
    return any(due <= until for due in next_fires(schedule.cron, schedule.timezone, after, 1))


def _just_after(moment: float) -> float:
    """The next whole second: cron knows no shorter time, and what is due at ``moment`` itself counts."""
    return float(int(moment) + 1)
