"""Every due time is fired or missed, once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from chainwright.daemon.core.due import GRACE_S, NOT_RUNNING, Fire, Miss, Pause, starts_at
from chainwright.daemon.core.graph import Schedule
from chainwright.daemon.triggers import cron
from chainwright.daemon.triggers.cron import AT_ONCE, CronTrigger, NotRecorded

MIDNIGHT = 1_767_225_600.0  # 2026-01-01T00:00:00Z
HOURLY = Schedule(id="hourly", cron="0 * * * *")
MINUTELY = Schedule(id="minutely", cron="* * * * *")
LIMIT_S = 20.0


class Clock:
    """Stands where it is put."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Told:
    """What the trigger told, oldest first, in seconds since midnight."""

    def __init__(self) -> None:
        self.fired: list[tuple[str, str, float]] = []
        self.missed: list[tuple[str, float, str]] = []
        self.one_fired = asyncio.Event()
        self.failing: set[str] = set()
        self.pauses: dict[str, Pause] = {}

    async def fire(self, chain_id: str, schedule: Schedule, fire: Fire) -> None:
        if chain_id in self.failing:
            raise NotRecorded("no space left")
        self.fired.append((chain_id, schedule.id, fire.due - MIDNIGHT))
        self.one_fired.set()

    async def miss(self, _chain_id: str, schedule: Schedule, missed: Sequence[Miss]) -> None:
        self.missed += [(schedule.id, one.due - MIDNIGHT, one.reason) for one in missed]


@pytest.fixture
def clock() -> Clock:
    return Clock(MIDNIGHT + 1_800)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def trigger(clock: Clock, told: Told) -> AsyncIterator[CronTrigger]:
    """Not started: the tests look themselves, at the times that they choose."""
    made = CronTrigger(fire=told.fire, missed=told.miss, paused=told.pauses.get, clock=clock)
    yield made
    await made.stop()


async def test_a_due_time_is_fired_once(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    trigger.set_schedules({"brief": (HOURLY,)})
    for second in (3_599, 3_600, 3_601, 7_200.5):
        clock.now = MIDNIGHT + second
        await trigger.look()
        await trigger.look("hourly")

    assert told.fired == [("brief", "hourly", 3_600), ("brief", "hourly", 7_200)]
    assert told.missed == []


async def test_what_came_due_while_the_daemon_was_away_is_missed(
    trigger: CronTrigger, clock: Clock, told: Told
) -> None:
    trigger.set_schedules({"brief": (HOURLY,)}, since={"hourly": MIDNIGHT - 7_200}, away_until=clock.now)
    await trigger.look()
    clock.now = MIDNIGHT + 3_600
    await trigger.look()

    assert told.missed == [("hourly", -3_600, NOT_RUNNING), ("hourly", 0, NOT_RUNNING)]
    assert told.fired == [("brief", "hourly", 3_600)]


async def test_due_just_before_the_start_is_missed_too(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    clock.now = MIDNIGHT + 0.5
    trigger.set_schedules({"brief": (HOURLY,)}, since={"hourly": MIDNIGHT - 1}, away_until=clock.now)
    await trigger.look()

    assert (told.missed, told.fired) == ([("hourly", 0, NOT_RUNNING)], [])


async def test_each_of_very_many_is_told(trigger: CronTrigger, told: Told) -> None:
    trigger.set_schedules({"brief": (MINUTELY,)}, since={"minutely": MIDNIGHT - 3 * 86_400})
    await trigger.look()
    await trigger.look()

    minutes = 3 * 24 * 60 + 30
    assert minutes > AT_ONCE
    assert [due for _, due, _ in told.missed] + [due for *_, due in told.fired] == [
        1_800 - 60 * minute for minute in range(minutes - 1, -1, -1)
    ]


async def test_of_more_than_anybody_reads_the_newest_are_told(
    trigger: CronTrigger, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cron, "MOST_MISSED", 1_200)
    trigger.set_schedules({"brief": (MINUTELY,)}, since={"minutely": MIDNIGHT - 3 * 86_400})
    await trigger.look()

    assert len(told.missed) + len(told.fired) == 1_200
    assert told.missed == sorted(told.missed)


async def test_a_time_noticed_too_late_is_missed_with_how_late(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    trigger.set_schedules({"brief": (HOURLY,)})
    clock.now = MIDNIGHT + 10_800 + GRACE_S
    await trigger.look()

    assert [(due, reason.split(":")[0]) for _, due, reason in told.missed] == [
        (3_600, "noticed 7260 s late"),
        (7_200, "noticed 3660 s late"),
    ]
    assert told.fired == [("brief", "hourly", 10_800)]


async def test_a_clock_that_is_set_back_repeats_nothing(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    trigger.set_schedules({"brief": (HOURLY,)})
    for second in (3_600, 1_000, 3_600, 3_700, 7_200):
        clock.now = MIDNIGHT + second
        await trigger.look()

    assert [due for _, _, due in told.fired] == [3_600, 7_200]


async def test_a_failed_callback_comes_again(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    trigger.set_schedules({"brief": (HOURLY,)})
    clock.now, told.failing = MIDNIGHT + 3_600, {"brief"}
    await trigger.look()
    told.failing = set()
    await trigger.look()

    assert told.fired == [("brief", "hourly", 3_600)]


async def test_a_schedule_that_cannot_be_recorded_keeps_no_other_waiting(
    trigger: CronTrigger, clock: Clock, told: Told
) -> None:
    trigger.set_schedules({"brief": (HOURLY,), "scan": (MINUTELY,)})
    clock.now, told.failing = MIDNIGHT + 1_860, {"brief"}
    await trigger.look()
    clock.now = MIDNIGHT + 3_600
    await trigger.look()

    assert {chain for chain, *_ in told.fired} == {"scan"}


async def test_a_pause_counts_where_its_chain_is_concerned(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    trigger.set_schedules({"brief": (HOURLY,), "scan": (Schedule(id="other", cron="0 * * * *"),)})
    told.pauses["brief"] = Pause(actor="ann", at=clock.now)
    clock.now = MIDNIGHT + 3_600
    await trigger.look()

    assert told.missed == [("hourly", 3_600, "paused by ann")]
    assert told.fired == [("scan", "other", 3_600)]


async def test_jitter_starts_later_and_in_order(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    schedule = Schedule(id="spread", cron="* * * * *", jitter_s=60.0)
    trigger.set_schedules({"brief": (schedule,)})
    started = []
    for _ in range(600):
        clock.now += 1
        before = len(told.fired)
        await trigger.look()
        started += [(due + MIDNIGHT, clock.now) for *_, due in told.fired[before:]]

    assert [due for due, _ in started] == [MIDNIGHT + 1_800 + 60 * n for n in range(1, len(started) + 1)]
    assert all(0 <= now - starts_at(schedule, due) < 1 for due, now in started)
    assert len(started) in (9, 10)


async def test_a_schedule_that_stays_takes_what_is_new_about_it(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    trigger.set_schedules({"brief": (HOURLY,)}, since={"hourly": MIDNIGHT - 7_200}, away_until=clock.now)
    trigger.set_schedules({"brief": (Schedule(id="hourly", cron="0 * * * *", missed="all"),)})
    await trigger.look()

    assert [due for *_, due in told.fired] == [-3_600, 0]


async def test_the_position_is_the_newest_that_is_accounted_for(trigger: CronTrigger, clock: Clock) -> None:
    trigger.set_schedules({"brief": (HOURLY,)})
    clock.now = MIDNIGHT + 4_000
    await trigger.look()

    assert (trigger.position("hourly"), trigger.position("other")) == (MIDNIGHT + 3_600, None)


async def test_a_new_set_replaces_the_old_and_keeps_positions(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    trigger.set_schedules({"brief": (HOURLY,), "scan": (MINUTELY,)})
    clock.now = MIDNIGHT + 3_600
    trigger.set_schedules({"brief": (HOURLY,)})
    await trigger.look()

    assert told.fired == [("brief", "hourly", 3_600)]


async def test_the_time_zone_of_the_schedule_counts(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    trigger.set_schedules({"brief": (Schedule(id="riga", cron="30 3 * * *", timezone="Europe/Riga"),)})
    clock.now = MIDNIGHT + 5_400
    await trigger.look()

    assert told.fired == [("brief", "riga", 5_400)]


async def test_timers_wake_it(told: Told) -> None:
    trigger = CronTrigger(fire=told.fire, missed=told.miss)
    trigger.start()
    trigger.set_schedules({"brief": (Schedule(id="each second", cron="* * * * * *"),)})
    before = time.time()
    await asyncio.wait_for(told.one_fired.wait(), LIMIT_S)
    await trigger.stop()
    await trigger.stop()

    assert told.fired[0][2] + MIDNIGHT > before - 1
    assert told.missed == []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_schedules_can_be_set_before_and_after_the_start(told: Told, when: str) -> None:
    trigger = CronTrigger(fire=told.fire, missed=told.miss)
    steps: list[Callable[[], None]] = [trigger.start, lambda: trigger.set_schedules({"brief": (HOURLY,)})]
    for step in steps if when == "after" else reversed(steps):
        step()
    trigger.set_schedules({})
    await trigger.stop()

    assert told.fired == []
