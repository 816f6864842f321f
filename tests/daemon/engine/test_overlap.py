"""39: schedules over a real engine and store, with a clock that the test sets: each due time has one row, whatever overlaps or is missed."""

from collections.abc import AsyncIterator
from datetime import datetime
from itertools import pairwise, takewhile
from typing import Any

import pytest

from chainwright.daemon.core.graph import CHAIN_JSON, Schedule
from chainwright.daemon.core.schedule import fires
from chainwright.daemon.scheduling import Scheduling
from chainwright.daemon.testing import agent_of, chain_of

MINUTE = 60.0
NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z


class Scheduled:
    """A chain with one schedule, in force since noon, on an engine that can be ended and begun anew."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        self.clock = bench.clock
        self.since = self.latest = NOON
        """When the schedule came into force, and the latest time that the clock has shown."""

    async def deploy(self, **fields: Any) -> None:
        self.schedule = Schedule(**({"id": "s1", "cron": "* * * * *"} | fields))
        self.chain = chain_of(agent_of("a"), schedules=(self.schedule,))
        self.bench.chains.known[self.chain.id] = self.chain
        await self.bench.store.keep_definition(f"digest of {self.chain.id}", CHAIN_JSON.dump_json(self.chain))
        await self.begin()

    async def begin(self) -> None:
        self.scheduling = Scheduling(self.bench.engine, self.bench.store, self.clock)
        await self.scheduling.follow({self.chain.id: self.chain}, in_force_since={self.chain.id: self.since})

    async def goes(self, seconds: float, *, step: float = 20.0) -> None:
        """Time passes, and the daemon looks now and then."""
        until = self.clock.now + seconds
        while self.clock.now < until:
            self.clock.now = min(until, self.clock.now + step)
            self.latest = max(self.latest, self.clock.now)
            await self.scheduling.look()

    async def is_away(self, seconds: float) -> None:
        """The daemon is ended, and the next one looks at what has passed."""
        self.clock.now += seconds - 1  # a second more passes with the restart
        await self.bench.restart()
        self.latest = max(self.latest, self.clock.now)
        await self.begin()
        await self.scheduling.look()

    async def rows(self) -> list[Any]:
        """The fate of every due time, oldest first, each due once."""
        found = (await self.bench.store.fires(self.schedule.id, limit=100_000))[::-1]
        due = fires(self.schedule.cron, self.schedule.timezone, self.since)
        assert [row.due for row in found] == list(takewhile(lambda moment: moment <= self.latest, due))
        assert all(bool(row.run_id) != bool(row.missed) for row in found)
        return found

    async def runs(self) -> list[dict[str, Any]]:
        """Oldest first."""
        return (await self.bench.store.runs("default", limit=1_000))[::-1]


@pytest.fixture
async def scheduled(bench: Any) -> AsyncIterator[Scheduled]:
    """The clock says noon."""
    bench.clock.now = NOON
    yield Scheduled(bench)


def fates(rows: list[Any]) -> list[str]:
    return ["run" if row.run_id else row.missed.split(":")[0].split(";")[0] for row in rows]


async def test_39_what_overlaps_is_skipped_by_default(scheduled: Scheduled) -> None:
    await scheduled.deploy()
    await scheduled.goes(5 * MINUTE)

    assert fates(await scheduled.rows()) == ["run", *["overlap"] * 4]


async def test_39_queue_lets_each_run_wait_for_those_before(scheduled: Scheduled, bench: Any) -> None:
    await scheduled.deploy(overlap="queue")
    await scheduled.goes(3 * MINUTE)

    assert [run["state"] for run in await scheduled.runs()] == ["running", "queued", "queued"]
    for row in await scheduled.rows():
        (await bench.runner.started(f"{row.run_id}-a-1-1")).exits(0)
        await bench.ended(row.run_id)
    ended = await scheduled.runs()
    assert [run["outcome"] for run in ended] == ["succeeded"] * 3
    assert all(later["started_at"] >= earlier["ended_at"] for earlier, later in pairwise(ended))


async def test_39_cancel_lets_the_newest_take_the_place(scheduled: Scheduled) -> None:
    await scheduled.deploy(overlap="cancel")
    await scheduled.goes(2 * MINUTE)

    first, second = await scheduled.rows()
    assert (await scheduled.bench.ended(first.run_id))["reason"] == "superseded"
    assert [run["outcome"] for run in await scheduled.runs()] == ["cancelled", None]
    assert second.run_id


async def test_39_allow_minds_nothing(scheduled: Scheduled) -> None:
    await scheduled.deploy(overlap="allow")
    await scheduled.goes(3 * MINUTE)

    assert [run["state"] for run in await scheduled.runs()] == ["running"] * 3


@pytest.mark.parametrize(
    ("missed", "fate"),
    [
        ("skip", ["the daemon was not running"] * 10),
        ("once", [*["the daemon was not running"] * 9, "run"]),
        ("all", ["run"] * 10),
    ],
)
async def test_i8_ten_minutes_of_downtime_leave_a_row_for_each_time(
    scheduled: Scheduled, missed: str, fate: list[str]
) -> None:
    await scheduled.deploy(missed=missed)
    await scheduled.is_away(10 * MINUTE)

    assert fates(await scheduled.rows()) == fate
    assert len(await scheduled.runs()) == fate.count("run")


async def test_39_times_that_are_made_up_for_do_not_overlap_either(scheduled: Scheduled) -> None:
    await scheduled.deploy(missed="all")
    await scheduled.is_away(3 * MINUTE)
    await scheduled.goes(MINUTE)

    assert [run["state"] for run in await scheduled.runs()] == ["running", "queued", "queued"]
    assert fates(await scheduled.rows()) == ["run", "run", "run", "overlap"]


@pytest.mark.parametrize("missed", ["skip", "once", "all"])
async def test_i8_a_clock_that_is_set_back_an_hour_repeats_nothing(scheduled: Scheduled, missed: str) -> None:
    await scheduled.deploy(missed=missed, overlap="allow")
    await scheduled.goes(5 * MINUTE)
    scheduled.clock.advance(-60 * MINUTE)
    await scheduled.goes(62 * MINUTE)
    await scheduled.is_away(-30 * MINUTE)
    await scheduled.goes(33 * MINUTE)

    assert scheduled.clock.now == NOON + 10 * MINUTE
    assert fates(await scheduled.rows()) == ["run"] * 10


async def test_i8_a_clock_that_jumps_ahead_leaves_a_row_for_each_time(scheduled: Scheduled) -> None:
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
    scheduled: Scheduled, zone: str, begins: str, cron: str
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


async def test_i8_what_was_due_under_the_deployment_before_is_accounted_for(scheduled: Scheduled) -> None:
    await scheduled.deploy(overlap="allow")
    scheduled.clock.advance(MINUTE + 1)
    await scheduled.scheduling.follow({}, in_force_since={})
    scheduled.latest = scheduled.clock.now

    assert fates(await scheduled.rows()) == ["run"]
