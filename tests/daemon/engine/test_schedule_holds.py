"""What people do to schedules at run time, over a real engine and store: pause, resume, run now, and see."""

from typing import Any

import pytest

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.graph import Schedule
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.testing import agent_of, chain_of

ANN = Actor(name="ann")
MINUTE = 60.0
NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z


def fates(rows: list[Any]) -> list[str]:
    return ["run" if row.run_id else row.missed.split(":")[0].split(";")[0] for row in rows]


def refused(code: Code) -> Any:
    return pytest.raises(Refusal, check=lambda refusal: refusal.code is code)


async def test_a_pause_leaves_a_row_for_each_time_and_survives_a_restart(scheduled: Any) -> None:
    await scheduled.deploy(overlap="allow", missed="all")
    await scheduled.goes(MINUTE)
    await scheduled.scheduling.pause(ANN, "test", None)
    await scheduled.goes(MINUTE)
    await scheduled.is_away(2 * MINUTE)
    assert (await scheduled.told())["paused"] == {"actor": "ann", "at": NOON + MINUTE, "until": None}
    assert set(scheduled.scheduling.paused()) == {"test"}

    await scheduled.scheduling.resume(ANN, "test")
    await scheduled.goes(MINUTE)

    assert fates(await scheduled.rows()) == ["run", *["paused by ann"] * 3, "run"]
    assert (await scheduled.told())["paused"] is None


async def test_a_pause_with_an_end_ends_then_also_while_the_daemon_is_away(scheduled: Any) -> None:
    await scheduled.deploy(overlap="allow")
    await scheduled.scheduling.pause(ANN, "test", NOON + 2.5 * MINUTE)
    await scheduled.goes(MINUTE)
    await scheduled.is_away(3 * MINUTE)
    await scheduled.goes(MINUTE)

    assert fates(await scheduled.rows()) == [*["paused by ann"] * 2, *["the daemon was not running"] * 2, "run"]
    assert scheduled.scheduling.paused() == {}


async def test_what_is_due_when_somebody_pauses_still_starts(scheduled: Any) -> None:
    await scheduled.deploy()
    scheduled.clock.advance(MINUTE + 1)
    await scheduled.scheduling.pause(ANN, "test", None)
    scheduled.latest = scheduled.clock.now

    assert fates(await scheduled.rows()) == ["run"]


async def test_a_pause_takes_the_place_of_the_one_before(scheduled: Any) -> None:
    await scheduled.deploy()
    await scheduled.scheduling.pause(ANN, "test", None)
    await scheduled.scheduling.pause(Actor(name="bob"), "test", NOON + MINUTE)
    scheduled.clock.advance(MINUTE)

    assert scheduled.scheduling.paused() == {}
    with refused(Code.CONFLICT):
        await scheduled.scheduling.resume(ANN, "test")


async def test_a_pause_that_makes_no_sense_is_refused(scheduled: Any) -> None:
    await scheduled.deploy()
    with refused(Code.INVALID_INPUT):
        await scheduled.scheduling.pause(ANN, "test", NOON)
    with refused(Code.NOT_FOUND):
        await scheduled.scheduling.pause(ANN, "other", None)
    await scheduled.scheduling.follow({"bare": chain_of(agent_of("a"), id="bare")}, in_force_since={"bare": NOON})
    with refused(Code.CONFLICT):
        await scheduled.scheduling.pause(ANN, "bare", None)

    assert await scheduled.bench.store.pauses() == {}


async def test_a_schedule_is_run_now_with_its_inputs_also_while_it_is_paused(scheduled: Any) -> None:
    await scheduled.deploy()
    await scheduled.scheduling.pause(ANN, "test", None)
    run = await scheduled.scheduling.run_now(ANN, "test", "")

    (row,) = await scheduled.runs()
    assert (row["id"], row["trigger"]["kind"], row["trigger"]["actor"]) == (run, "schedule", "ann")
    assert (await scheduled.told())["running"] == run
    assert await scheduled.rows() == []


async def test_a_run_now_counts_as_an_earlier_one(scheduled: Any) -> None:
    await scheduled.deploy(overlap="queue")
    await scheduled.scheduling.run_now(ANN, "test", "")
    await scheduled.goes(MINUTE)

    assert scheduled.states() == ["running", "queued"]


async def test_which_schedule_is_meant_has_to_be_clear(scheduled: Any) -> None:
    await scheduled.deploy()
    two = (scheduled.schedule, Schedule(id="t2", cron="0 * * * *", inputs={"topic": "tea"}))
    chain = chain_of(agent_of("a"), schedules=two)
    await scheduled.scheduling.follow({"test": chain}, in_force_since={"test": NOON})
    with refused(Code.AMBIGUOUS):
        await scheduled.scheduling.run_now(ANN, "test", "")
    with refused(Code.NOT_FOUND):
        await scheduled.scheduling.run_now(ANN, "test", "x")
    with refused(Code.NOT_FOUND):
        await scheduled.scheduling.fires("x", 5)

    assert await scheduled.scheduling.run_now(ANN, "test", "s")


async def test_a_schedule_is_told_with_its_next_times_and_its_last(scheduled: Any) -> None:
    await scheduled.deploy(cron="0 * * * *", written="@hourly")
    await scheduled.goes(60 * MINUTE)

    told = await scheduled.told()
    (fire,) = await scheduled.scheduling.fires("s", 5)
    assert (told["cron"], told["words"]) == ("@hourly", "At the start of every hour")
    assert told["next"] == [NOON + hour * 3_600 for hour in range(2, 7)]
    assert told["last"] == fire == {"due": NOON + 3_600, "run_id": told["running"], "outcome": None, "missed": ""}
