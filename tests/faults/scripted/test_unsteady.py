"""A run's entries become durable once and in order, whatever the store or the clock does meanwhile."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.graph import Retry
from chainwright.daemon.core.refusals import Refusal
from chainwright.daemon.engine import run_scope
from chainwright.daemon.store.port import NotOwner, StoreBusy, StoreFull
from chainwright.daemon.testing import agent_of, chain_of

ANN = Actor(name="ann")
ONE = chain_of(agent_of("a"))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_scope, "UNAVAILABLE_PAUSE_S", 0.01)
    monkeypatch.setattr(run_scope, "CLOSE_WITHIN_S", 0.2)


class Unsteady:
    """A store whose appends and new runs meet ``errors`` first: after doing it, or instead of it."""

    def __init__(self, store: Any, *errors: Exception, is_done: bool) -> None:
        self._store = store
        self.errors = list(errors)
        self._is_done = is_done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def append(self, append: Any) -> None:
        await self._faulty(self._store.append, append)

    async def create_run(self, *asked: Any) -> Any:
        return await self._faulty(self._store.create_run, *asked)

    async def next_number(self, *asked: Any) -> Any:
        return await self._faulty(self._store.next_number, *asked)

    async def _faulty(self, act: Any, *asked: Any) -> Any:
        if not self.errors:
            return await act(*asked)
        if self._is_done:
            await act(*asked)
        raise self.errors.pop(0)


async def unsteady(rig: Any, *errors: Exception, is_done: bool = False) -> Unsteady:
    """The next daemon's store, steady until the test gives it errors."""
    await rig.close()
    await rig.open(lambda store: Unsteady(store, is_done=is_done))
    store: Unsteady = rig.store
    return store


async def kinds(rig: Any, run_id: str) -> Counter[str]:
    """How often each kind of entry is in a run's journal."""
    return Counter(row.kind for row in await rig.store.journal(run_id))


@pytest.mark.parametrize("is_done", [False, True], ids=["not done", "done but reported as failed"])
@pytest.mark.parametrize("error", [StoreFull("full"), StoreBusy("held")], ids=["full", "busy"])
async def test_an_append_that_failed_is_made_again_and_is_on_record_once(
    rig: Any, error: Exception, is_done: bool
) -> None:
    """Every append of the run fails twice."""
    store = await unsteady(rig, is_done=is_done)
    run_id = await rig.start(ONE)
    store.errors = [error, error]
    await rig.eventually(lambda: rig.host.started)
    store.errors += [error, error]
    rig.host.exits(f"{run_id}-a-1-1")
    detail = await rig.finished(run_id)

    assert detail["outcome"] == "succeeded"
    assert set((await kinds(rig, run_id)).values()) == {1}
    assert await rig.store.verify(run_id) is None


@pytest.mark.parametrize("error", [StoreFull("full"), StoreBusy("held")], ids=["full", "busy"])
async def test_a_new_run_is_refused_while_nothing_can_be_recorded(rig: Any, error: Exception) -> None:
    """The number and the run itself: each refusal says to come again, and the next try succeeds."""
    store = await unsteady(rig)
    rig.chains[ONE.id] = ONE
    store.errors = [error]
    with pytest.raises(Refusal, match="nothing can be recorded now"):
        await rig.engine.start_run(ANN, ONE.id, {})

    assert await rig.start(ONE)


async def test_a_scope_whose_entries_are_refused_does_nothing_more(rig: Any) -> None:
    """Another daemon owns the run: this one neither ends its session nor says that it cancelled it."""
    store = await unsteady(rig)
    run_id = await rig.start(ONE)
    await rig.eventually(lambda: rig.host.started)
    store.errors = [NotOwner("no longer")]
    with pytest.raises(Refusal):
        await rig.engine.cancel_run(ANN, run_id)
    with pytest.raises(Refusal):
        await rig.engine.cancel_run(ANN, run_id)

    assert rig.host.stopped == []
    await rig.close()
    await rig.open()
    rig.host.exits(f"{run_id}-a-1-1")
    assert (await rig.finished(run_id))["outcome"] == "succeeded"


async def test_a_daemon_goes_down_though_the_store_takes_nothing_and_the_next_one_makes_good(rig: Any) -> None:
    """What it could not record is found again."""
    store = await unsteady(rig)
    run_id = await rig.start(ONE)
    await rig.eventually(lambda: rig.host.started)
    store.errors = [StoreFull("full")] * 10_000
    rig.host.exits(f"{run_id}-a-1-1")
    async with asyncio.timeout(5):
        await rig.close()
    await rig.open()

    assert (await rig.finished(run_id))["outcome"] == "succeeded"
    assert rig.host.started == [f"{run_id}-a-1-1"]


async def test_times_of_a_journal_never_run_backwards(rig: Any) -> None:
    """I7, with a clock that is set back while the daemon runs, and again while it is down."""
    run_id = await rig.start(ONE)
    await rig.eventually(lambda: rig.host.started)
    rig.now -= 500
    await rig.close()
    rig.now -= 400
    await rig.open()
    rig.host.exits(f"{run_id}-a-1-1")
    await rig.finished(run_id)
    times = [row.at for row in await rig.store.journal(run_id)]

    assert times == sorted(times)


async def test_a_retry_waits_by_the_clock_also_when_the_clock_jumps(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set back, it waits longer; set forward beyond the due time, it starts at the next look."""
    monkeypatch.setattr("chainwright.daemon.engine.timers.LONGEST_NAP_S", 0.01)
    run_id = await rig.start(chain_of(agent_of("a", retry=Retry(max=1, delay_s=60))))
    await rig.eventually(lambda: rig.host.started)
    rig.host.exits(f"{run_id}-a-1-1", code=1)
    await rig.eventually(lambda: rig.host.forgotten)
    rig.now -= 3_600
    looks = rig.looks
    await rig.eventually(lambda: rig.looks > looks + 5)
    assert len(rig.host.started) == 1
    rig.now += 3_661
    await rig.eventually(lambda: len(rig.host.started) == 2)
    rig.host.exits(f"{run_id}-a-1-2")

    assert (await rig.finished(run_id))["outcome"] == "succeeded"


async def test_a_runs_duration_is_over_when_the_clock_says_so(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A jump over its whole duration ends it, once."""
    monkeypatch.setattr("chainwright.daemon.engine.timers.LONGEST_NAP_S", 0.01)
    run_id = await rig.start(ONE)
    await rig.eventually(lambda: rig.host.started)
    rig.now += 10 * 24 * 3_600
    await rig.eventually(lambda: rig.host.stopped)
    rig.host.exits(f"{run_id}-a-1-1", ended_by="stop")
    detail = await rig.finished(run_id)

    assert (detail["outcome"], detail["reason"]) == ("timed_out", "limit-duration")
    assert rig.host.stopped == [f"{run_id}-a-1-1"]
