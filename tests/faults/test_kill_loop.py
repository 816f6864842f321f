"""A seeded killer against the daemon while agents work: nothing is lost, nothing happens twice, nothing is left behind.

The killer strikes at any moment, also while the daemon starts or recovers, and several times in a row. The small campaign runs
with the other tests; ``make soak`` runs the long one and prints its figures.
"""

import asyncio
import json
import statistics
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """How much is done, and within which time."""

    kills: int
    sessions: int
    wholes: int
    """Runs of the chain ``whole``, beside the others."""
    at_once: int
    limit_s: float


SMALL = Campaign(kills=30, sessions=100, wholes=2, at_once=5, limit_s=150.0)
LONG = Campaign(kills=300, sessions=2_000, wholes=150, at_once=12, limit_s=1_800.0)

SESSIONS_OF_A_RUN = 7
OPEN_DESCRIPTORS = 60
"""Of a daemon whose sessions have all ended; it starts with about twenty."""


@dataclass(kw_only=True)
class Figures:
    """What came of it."""

    kills: int = 0
    kills_while_starting: int = 0
    runs: int = 0
    wholes: int = 0
    restarts_s: list[float] = field(default_factory=list)


class Killer:
    """Kills the daemon and starts it again, until it has done so often enough."""

    def __init__(self, faults: Any, figures: Figures, wanted: int) -> None:
        self._faults = faults
        self._figures = figures
        self._wanted = wanted

    async def work(self) -> None:
        """Ends with a daemon that is up."""
        for _ in range(self._wanted):
            await self._strike(self._faults.chance.random())
        await self._restarted()

    async def _strike(self, mood: float) -> None:
        """A third of the kills fall into the start; the others come after a while in which work gets done."""
        if mood < 1 / 3:
            self._faults.daemon.spawn()
            await asyncio.sleep(self._faults.chance.uniform(0.0, 0.5))
            self._figures.kills_while_starting += not await self._faults.daemon.is_ready()
        else:
            await self._restarted()
            await asyncio.sleep(self._faults.chance.expovariate(1 / 0.6))
        self._faults.daemon.kill()
        self._figures.kills += 1

    async def _restarted(self) -> None:
        begun = time.monotonic()
        await self._faults.daemon.up()
        self._figures.restarts_s.append(time.monotonic() - begun)


async def keep_busy(faults: Any, figures: Figures, campaign: Campaign, killing: "asyncio.Task[None]") -> None:
    """Run after run, several at once, until there were enough and the killer is done."""
    wanted = -(-campaign.sessions // SESSIONS_OF_A_RUN)

    async def one_after_another() -> None:
        while figures.runs < wanted or not killing.done():
            figures.runs += 1
            pause = faults.chance.uniform(0.01, 0.2)
            detail = await faults.load.run(f"run {figures.runs}", pause=pause, lines=faults.chance.randrange(5, 25))
            assert detail["outcome"] == "succeeded", json.dumps(detail)

    async def whole_ones() -> None:
        while figures.wholes < campaign.wholes or not killing.done():
            figures.wholes += 1
            detail = await faults.load.whole(f"whole {figures.wholes}")
            assert detail["outcome"] == "succeeded", json.dumps(detail)
            assert [one["fate"] for one in detail["told"]] == ["started"], json.dumps(detail["told"])

    async with asyncio.TaskGroup() as group:
        group.create_task(whole_ones(), name="whole ones")
        for worker in range(campaign.at_once):
            group.create_task(one_after_another(), name=f"worker {worker}")
        group.create_task(_no_failure(killing), name="killer")


async def _no_failure(killing: "asyncio.Task[None]") -> None:
    """A killer that cannot go on ends the campaign."""
    await killing


async def fight(faults: Any, campaign: Campaign) -> Figures:
    """The whole campaign; the daemon is up at its end, with nothing left to do."""
    figures = Figures()
    killing = asyncio.create_task(Killer(faults, figures, campaign.kills).work(), name="killer")
    async with asyncio.timeout(campaign.limit_s):
        await keep_busy(faults, figures, campaign, killing)
    return figures


def told(faults: Any, figures: Figures, took_s: float) -> str:
    """The figures as a line of JSON."""
    restarts = sorted(figures.restarts_s)
    counted = {name: value for name, value in asdict(figures).items() if name != "restarts_s"}
    books = [path.read_text().splitlines() for path in faults.books.iterdir()]
    lines = [json.loads(line)[0] for book in books for line in book]
    return json.dumps(
        counted
        | {
            "sessions": len(books),
            "bytes": sum(path.stat().st_size for path in faults.daemon.home.sessions.glob("*/out.log")),
        }
        | {"events": lines.count("emitted"), "inputs": lines.count("read"), "seconds": round(took_s, 1)}
        | {"restart_median_s": round(statistics.median(restarts), 3), "restart_max_s": round(restarts[-1], 3)}
    )


@pytest.mark.parametrize(
    "campaign", [pytest.param(SMALL, id="small"), pytest.param(LONG, id="long", marks=pytest.mark.soak)]
)
async def test_nothing_is_lost_or_doubled_however_often_the_daemon_is_killed(faults: Any, campaign: Campaign) -> None:
    """Every invariant holds at the end; what people saw at their terminals is what the agents wrote."""
    begun = time.monotonic()
    figures = await fight(faults, campaign)
    print(told(faults, figures, time.monotonic() - begun))  # noqa: T201 - what `make soak` is run for

    assert figures.kills >= campaign.kills
    assert len(list(faults.books.iterdir())) >= campaign.sessions
    assert faults.daemon.descriptors() < OPEN_DESCRIPTORS
    for attempt, seen in faults.load.seen.items():
        assert seen == (faults.daemon.home.sessions / attempt / "out.log").read_bytes()
