"""Waits for the due times of schedules, and accounts for every one of them: fired, or missed with its reason.

APScheduler keeps the timers and is believed in nothing else. Its reading of cron lines is not cron, so the times come from
``core.schedule``; and a timer may be late (a suspended machine, a clock that was set), so being woken only means looking: what lies
between a schedule's position and now is due, each time once. A clock that is set back leaves the position ahead, and nothing repeats.

What becomes of each due time is decided by ``core.due``. Left to the owner of the callbacks: making the run and its record unique by
(schedule, due time), and what happens while an earlier run of the schedule is still going on (``overlap``).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, takewhile
from typing import Final, Protocol

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped] # ships no types
from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped] # ships no types

from chainwright.daemon.core.due import Fire, Look, Miss, Pause, starts_at, verdicts
from chainwright.daemon.core.graph import Schedule
from chainwright.daemon.core.schedule import fires, previous_fires

MOST_MISSED: Final = 100_000
"""Of a schedule at once, the newest; ten weeks of every minute. Whoever was away for years is not told of each."""

AT_ONCE: Final = 1_000
"""Due times that are told together, so that others get their turn in between."""

SWEEP_S: Final = 20.0
"""Between two looks at every schedule, whatever the timers do; also when what could not be recorded is tried again."""

log = structlog.get_logger()


class NotRecorded(Exception):
    """Nothing of this due time could be recorded now: it comes again with the next look."""


class OnFire(Protocol):
    """Told of a due time whose run is to start."""

    def __call__(self, chain_id: str, schedule: Schedule, fire: Fire) -> Awaitable[None]:
        """Raises :class:`NotRecorded`."""


class OnMissed(Protocol):
    """Told of due times that start no run, oldest first."""

    def __call__(self, chain_id: str, schedule: Schedule, missed: Sequence[Miss]) -> Awaitable[None]:
        """Raises :class:`NotRecorded`: then none of them is."""


@dataclass(kw_only=True)
class _Watched:
    """A schedule in force; every due time up to ``position`` is accounted for."""

    chain_id: str
    schedule: Schedule
    position: float
    away_until: float
    """Until when the daemon was not running."""


class CronTrigger:
    """The schedules in force. Times are seconds since the epoch, by ``clock``; ``paused`` tells of a chain's pause."""

    def __init__(
        self,
        *,
        fire: OnFire,
        missed: OnMissed,
        paused: Callable[[str], Pause | None] = lambda _chain_id: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._fire = fire
        self._missed = missed
        self._paused = paused
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
        self,
        schedules: Mapping[str, tuple[Schedule, ...]],
        since: Mapping[str, float] | None = None,
        *,
        away_until: float = 0.0,
    ) -> None:
        """Puts these in force, by chain id, in place of all others. What is in force already keeps its position.

        ``since`` says, by schedule id, up to when due times are accounted for: after a start of the daemon the newest that is
        recorded, or when the schedule came into force. Without it, a schedule begins now. What was due up to ``away_until`` was due
        while no daemon was running.
        """
        now = self._clock()
        positions = {} if since is None else since
        wanted = {
            schedule.id: self._kept(chain_id, schedule)
            or _Watched(
                chain_id=chain_id,
                schedule=schedule,
                position=positions.get(schedule.id, now),
                away_until=away_until,
            )
            for chain_id, several in schedules.items()
            for schedule in several
        }
        for gone in self._watched.keys() - wanted.keys():
            self._remove_timer(gone)
        for watched in wanted.values():
            self._set_timer(watched.schedule)
        self._watched = wanted

    async def look(self, schedule_id: str | None = None) -> None:
        """Accounts for what is due by now, of one schedule or of all. What cannot be recorded is left to the next look."""
        async with self._one_at_a_time:
            for watched in list(self._watched.values()):
                if schedule_id in (None, watched.schedule.id):
                    await self._try(watched)

    def position(self, schedule_id: str) -> float | None:
        """Up to when the due times of a schedule in force are accounted for."""
        watched = self._watched.get(schedule_id)
        return watched.position if watched else None

    async def _try(self, watched: _Watched) -> None:
        """One schedule whose times cannot be recorded keeps no other from its own."""
        try:
            await self._account(watched)
        except NotRecorded as error:
            log.error(
                "a due time could not be recorded; it is tried again",
                action="schedule.unrecorded",
                chain=watched.chain_id,
                cron=watched.schedule.cron,
                error=str(error),
            )

    async def _account(self, watched: _Watched) -> None:
        now = self._clock()
        dues = await _due_times(watched.schedule, watched.position, now)
        look = Look(now=now, away_until=watched.away_until, pause=self._paused(watched.chain_id))
        decided = verdicts(watched.schedule, dues, look)
        for is_missed, several in groupby(decided, key=lambda verdict: isinstance(verdict, Miss)):
            same = list(several)
            step = AT_ONCE if is_missed else 1
            for start in range(0, len(same), step):
                await self._tell(watched, same[start : start + step])

    async def _tell(self, watched: _Watched, verdicts: Sequence[Fire | Miss]) -> None:
        if self._watched.get(watched.schedule.id) is not watched:  # taken out of force by a callback
            return
        missed = [verdict for verdict in verdicts if isinstance(verdict, Miss)]
        if missed:
            await self._missed(watched.chain_id, watched.schedule, missed)
        for verdict in verdicts:
            if isinstance(verdict, Fire):
                await self._fire(watched.chain_id, watched.schedule, verdict)
        watched.position = verdicts[-1].due

    def _kept(self, chain_id: str, schedule: Schedule) -> _Watched | None:
        """What is known of a schedule that stays in force; what it says beside its identity may be new."""
        watched = self._watched.get(schedule.id)
        if watched is not None:
            watched.chain_id, watched.schedule = chain_id, schedule
        return watched

    def _set_timer(self, schedule: Schedule) -> None:
        self._scheduler.add_job(
            self.look, _Starts(schedule), args=(schedule.id,), id=schedule.id, replace_existing=True
        )

    def _remove_timer(self, schedule_id: str) -> None:
        if self._scheduler.get_job(schedule_id):  # one that will never fire again has been removed already
            self._scheduler.remove_job(schedule_id)


class _Starts(BaseTrigger):  # type: ignore[misc] # APScheduler ships no types
    """Tells APScheduler when to wake us for a schedule."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime | None:
        """When the first due time starts that has not started by now."""
        schedule, moment = self._schedule, now.timestamp()
        for due in fires(schedule.cron, schedule.timezone, moment - schedule.jitter_s):
            if (starts := starts_at(schedule, due)) > moment:
                return datetime.fromtimestamp(starts, UTC)
        return None


async def _due_times(schedule: Schedule, after: float, until: float) -> list[float]:
    """Due times later than ``after`` that have started by ``until``, oldest first; the newest if there are too many."""
    coming = fires(schedule.cron, schedule.timezone, after)
    due = list(zip(range(AT_ONCE), takewhile(lambda one: starts_at(schedule, one) <= until, coming), strict=False))
    if len(due) < AT_ONCE:
        return [one for _, one in due]
    newest = await asyncio.to_thread(
        previous_fires, schedule.cron, schedule.timezone, _just_after(until), MOST_MISSED
    )  # a second of work
    return [one for one in reversed(newest) if one > after and starts_at(schedule, one) <= until]


def _just_after(moment: float) -> float:
    """The next whole second: cron knows no shorter time, and what is due at ``moment`` itself counts."""
    return float(int(moment) + 1)
