"""39: schedules over a real engine and store, with a clock that the test sets: each due time has one row, whatever overlaps or is missed."""

from datetime import datetime
from itertools import pairwise, takewhile
from typing import Any

import pytest

from chainwright.daemon.core.schedule import fires

MINUTE = 60.0
NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z


def fates(rows: list[Any]) -> list[str]:
    return ["run" if row.run_id else row.missed.split(":")[0].split(";")[0] for row in rows]


async def test_39_what_overlaps_is_skipped_by_default(scheduled: Any) -> None:
    await scheduled.deploy()
    await scheduled.goes(5 * MINUTE)

    assert fates(await scheduled.rows()) == ["run", *["overlap"] * 4]


async def test_39_queue_lets_each_run_wait_for_those_before(scheduled: Any, bench: Any) -> None:
    await scheduled.deploy(overlap="queue")
    await scheduled.goes(3 * MINUTE)

    assert scheduled.states() == ["running", "queued", "queued"]
    for row in await scheduled.rows():
        (await bench.runner.started(f"{row.run_id}-a-1-1")).exits(0)
        await bench.ended(row.run_id)
    ended = await scheduled.runs()
    assert [run["outcome"] for run in ended] == ["succeeded"] * 3
    assert all(later["started_at"] >= earlier["ended_at"] for earlier, later in pairwise(ended))


async def test_39_cancel_lets_the_newest_take_the_place(scheduled: Any) -> None:
    await scheduled.deploy(overlap="cancel")
    await scheduled.goes(2 * MINUTE)

    first, second = await scheduled.rows()
    assert (await scheduled.bench.ended(first.run_id))["reason"] == "superseded"
    assert [run["outcome"] for run in await scheduled.runs()] == ["cancelled", None]
    assert second.run_id


async def test_39_allow_minds_nothing(scheduled: Any) -> None:
    await scheduled.deploy(overlap="allow")
    await scheduled.goes(3 * MINUTE)

    assert scheduled.states() == ["running"] * 3


@pytest.mark.parametrize(
    ("missed", "fate"),
    [
        ("skip", ["the daemon was not running"] * 10),
        ("once", [*["the daemon was not running"] * 9, "run"]),
        ("all", ["run"] * 10),
    ],
)
async def test_i8_ten_minutes_of_downtime_leave_a_row_for_each_time(
    scheduled: Any, missed: str, fate: list[str]
) -> None:
    await scheduled.deploy(missed=missed)
    await scheduled.is_away(10 * MINUTE)

    assert fates(await scheduled.rows()) == fate
    assert len(await scheduled.runs()) == fate.count("run")


async def test_39_times_that_are_made_up_for_do_not_overlap_either(scheduled: Any) -> None:
    await scheduled.deploy(missed="all")
    await scheduled.is_away(3 * MINUTE)
    await scheduled.goes(MINUTE)

    assert scheduled.states() == ["running", "queued", "queued"]
    assert fates(await scheduled.rows()) == ["run", "run", "run", "overlap"]


@pytest.mark.parametrize("missed", ["skip", "once", "all"])
async def test_i8_a_clock_that_is_set_back_an_hour_repeats_nothing(scheduled: Any, missed: str) -> None:
    await scheduled.deploy(missed=missed, overlap="allow")
    await scheduled.goes(5 * MINUTE)
    scheduled.clock.advance(-60 * MINUTE)
    await scheduled.goes(62 * MINUTE)
    await scheduled.is_away(-30 * MINUTE)
    await scheduled.goes(33 * MINUTE)

    assert scheduled.clock.now == NOON + 10 * MINUTE
    assert fates(await scheduled.rows()) == ["run"] * 10


async def test_a_clock_that_is_set_back_is_known_to_be_behind(scheduled: Any) -> None:
    await scheduled.deploy(overlap="allow")
    await scheduled.goes(5 * MINUTE)
    assert scheduled.scheduling.ahead_until() is None

    scheduled.clock.advance(-60 * MINUTE)
    assert scheduled.scheduling.ahead_until() == NOON + 5 * MINUTE


async def test_i8_a_clock_that_jumps_ahead_leaves_a_row_for_each_time(scheduled: Any) -> None:
    await scheduled.deploy(overlap="allow")
    await scheduled.goes(MINUTE)
    scheduled.clock.advance(60 * MINUTE)
    await scheduled.goes(MINUTE)

    rows = await scheduled.rows()
    assert len(rows) == 62
    assert [row.due for row in rows if row.run_id] == [NOON + MINUTE, NOON + 61 * MINUTE, NOON + 62 * MINUTE]
    assert "its clock was set" in rows[1].missed


@pytest.mark.parametrize(
    ("zone", "begins"),
    [
        ("Europe/Riga", "2026-03-28T22:00:00Z"),
        ("Europe/Riga", "2026-10-24T22:00:00Z"),
        ("America/New_York", "2026-03-08T04:00:00Z"),
        ("America/New_York", "2026-11-01T03:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T13:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T12:00:00Z"),
    ],
)
@pytest.mark.parametrize("cron", ["*/15 * * * *", "30 1-3 * * *", "*/10 2 * * *", "15 2 * * *"])
async def test_i8_changes_of_the_clock_leave_one_row_for_each_time(
    scheduled: Any, zone: str, begins: str, cron: str
) -> None:
    """Six hours around the change, with a daemon that is away for one of them in the middle of it."""
    start = datetime.fromisoformat(begins).timestamp()
    scheduled.clock.now = scheduled.since = scheduled.latest = start
    await scheduled.deploy(cron=cron, timezone=zone, overlap="allow", missed="all")
    await scheduled.goes(2.5 * 3_600, step=300.0)
    await scheduled.is_away(3_600)
    await scheduled.goes(2.5 * 3_600, step=300.0)

    due = list(takewhile(lambda moment: moment <= scheduled.clock.now, fires(cron, zone, start)))
    rows = await scheduled.rows()
    assert [row.due for row in rows] == due
    assert len({row.run_id for row in rows if row.run_id}) == len(await scheduled.runs())


async def test_i8_what_was_due_under_the_deployment_before_is_accounted_for(scheduled: Any) -> None:
    await scheduled.deploy(overlap="allow")
    scheduled.clock.advance(MINUTE + 1)
    await scheduled.scheduling.follow({}, in_force_since={})
    scheduled.latest = scheduled.clock.now

    assert fates(await scheduled.rows()) == ["run"]
