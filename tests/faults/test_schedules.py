"""I8: every due time of a schedule has one row, a run or a reason, whatever deaths lie between."""

import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from chainwright.daemon.core.facts import RunRequested
from chainwright.daemon.core.graph import Schedule
from chainwright.daemon.engine.ids import RunIds
from chainwright.daemon.scheduling import Scheduling
from chainwright.daemon.store.sqlite import SqliteStore
from chainwright.daemon.testing import FakeClock, agent_of, chain_of

MINUTELY = Schedule(id="minutely", cron="* * * * *")
CHAIN = chain_of(agent_of("a"), schedules=(MINUTELY,))
START = 1_000_000_020.0  # a whole minute
LIVES, LOOKS = 40, 6


class Died(BaseException):
    """The end of a daemon, wherever it was."""


class Runs:
    """The engine's side of a fire: a run that is durable when it says so, or a death before or after that."""

    def __init__(self, store: SqliteStore, clock: FakeClock, chance: random.Random) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._ids = RunIds(clock, chance.getrandbits)

    def open_run_of(self, schedule: str) -> str | None:
        return "an earlier one" if self._chance.random() < 0.2 else None

    async def start_run(
        self, actor: Any, chain: str, inputs: dict[str, Any], *, once: Any, trigger: Any, overlap: Any
    ) -> str:
        mood = self._chance.random()
        if mood < 0.2:
            raise Died
        request = RunRequested(
            at=self._clock(),
            run_id=self._ids.new(),
            number=1,
            organization="default",
            repository="r",
            environment="main",
            chain=chain,
            commit="c",
            definition="d",
            trigger=trigger,
        )
        run_id = await self._store.create_run(request, [(request.at, request)], once)
        if mood < 0.4:
            raise Died
        return run_id


async def live(store: SqliteStore, clock: FakeClock, chance: random.Random) -> None:
    """One daemon: it looks at its schedules a few times, at moments that may lie before the last, and dies."""
    scheduling = Scheduling(Runs(store, clock, chance), store, clock)  # type: ignore[arg-type] # the part that it uses
    await scheduling.follow({CHAIN.id: CHAIN}, in_force_since={CHAIN.id: START})
    look: Callable[[], Awaitable[None]] = scheduling._cron.look
    await look()
    for _ in range(LOOKS):
        clock.advance(chance.choice((-90.0, 10.0, 30.0, 59.0, 61.0, 200.0)))
        await look()


async def test_each_due_time_has_one_row_through_any_number_of_deaths(tmp_path: Path, seed: int) -> None:
    """With a clock that jumps, looks that repeat, overlaps, and deaths before and after the commit."""
    chance, clock = random.Random(seed), FakeClock(START)
    for _ in range(LIVES):
        store = SqliteStore(tmp_path / "state.db", clock=clock)
        await store.open()
        try:
            await live(store, clock, chance)
        except Died:
            clock.advance(chance.uniform(0, 300))
        rows = await store.fires(MINUTELY.id, limit=10_000)
        runs = [run["id"] for run in (await store.runs("default", limit=10_000)).rows]
        await store.close()

    due = [START + 60 * minute for minute in range(1, len(rows) + 1)]
    assert sorted(row.due for row in rows) == due
    assert sorted(row.run_id for row in rows if row.run_id) == sorted(runs)
    assert all(bool(row.run_id) != bool(row.missed) for row in rows)
    assert {bool(row.run_id) for row in rows} == {True, False}
