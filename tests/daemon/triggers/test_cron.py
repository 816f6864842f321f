"""Every due time is fired or missed, once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from chainwright.daemon.core.graph import Schedule
from chainwright.daemon.triggers.cron import GRACE_S, MOST_MISSED, NOT_RUNNING, CronTrigger

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
        self.fails = False

    async def fire(self, chain_id: str, schedule: Schedule, due: float) -> None:
        if self.fails:
            raise OSError("no space left")
        self.fired.append((chain_id, schedule.id, due - MIDNIGHT))
        self.one_fired.set()

    async def miss(self, _chain_id: str, schedule: Schedule, due: float, reason: str) -> None:
        self.missed.append((schedule.id, due - MIDNIGHT, reason))


@pytest.fixture
def clock() -> Clock:
    return Clock(MIDNIGHT + 1_800)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def trigger(clock: Clock, told: Told) -> AsyncIterator[CronTrigger]:
    """Not started: the tests look themselves, at the times that they choose."""
    made = CronTrigger(fire=told.fire, missed=told.miss, clock=clock)
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
    trigger.set_schedules({"brief": (HOURLY,)}, since={"hourly": MIDNIGHT - 7_200})
    await trigger.look()
    clock.now = MIDNIGHT + 3_600
    await trigger.look()

    assert told.missed == [("hourly", -3_600, NOT_RUNNING), ("hourly", 0, NOT_RUNNING)]
    assert told.fired == [("brief", "hourly", 3_600)]


async def test_due_just_before_the_start_is_missed_too(trigger: CronTrigger, clock: Clock, told: Told) -> None:
    clock.now = MIDNIGHT + 0.5
    trigger.set_schedules({"brief": (HOURLY,)}, since={"hourly": MIDNIGHT - 1})
    await trigger.look()

    assert (told.missed, told.fired) == ([("hourly", 0, NOT_RUNNING)], [])


async def test_only_the_newest_of_very_many_are_told(trigger: CronTrigger, told: Told) -> None:
    trigger.set_schedules({"brief": (MINUTELY,)}, since={"minutely": MIDNIGHT - 365 * 86_400})
    await trigger.look()
    await trigger.look()

    assert len(told.missed) == MOST_MISSED
    assert told.missed[-1][1] == 1_800
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
    clock.now, told.fails = MIDNIGHT + 3_600, True
    with pytest.raises(OSError, match="no space left"):
        await trigger.look()
    told.fails = False
    await trigger.look()

    assert told.fired == [("brief", "hourly", 3_600)]


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
