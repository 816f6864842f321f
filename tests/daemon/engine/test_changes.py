"""Live streams: a replay, then what comes, without a gap or a double."""

import asyncio

import pytest

from chainwright.daemon.core.live_changes import FeedLost
from chainwright.daemon.engine import changes as module
from chainwright.daemon.testing import agent_of, chain_of
from chainwright.daemon.testing.scripted_runner import within

ONE = chain_of(agent_of("a"))


async def heard(stream, count=None):
    """The numbers of all changes of the stream, or of its first ones."""
    seen = []
    async for change in stream:
        seen.append(change.seq)
        if len(seen) == count:
            break
    await stream.aclose()
    return seen


async def test_a_replay_goes_over_into_what_comes(bench):
    """Listening begins before the journal is read, and what both give is given once."""
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(f"{run_id}-a-1-1")
    await bench.reaches(run_id, "SessionStarted")
    stream = bench.engine.changes.of_run(run_id, 0)
    listening = asyncio.create_task(heard(stream), name="listener")
    session.exits(0)
    await within(listening, "the end of the stream")

    rows = await bench.store.journal(run_id)
    assert listening.result() == [row.seq for row in rows]


@pytest.mark.parametrize("after", [0, 3, 5])
async def test_an_ended_run_is_replayed_from_where_it_was_left(bench, after):
    bench.runner.part = lambda session: session.exits(0)
    run_id = await bench.begin(ONE)
    await bench.ended(run_id)
    rows = await bench.store.journal(run_id)

    assert await heard(bench.engine.changes.of_run(run_id, after)) == [row.seq for row in rows[after:]]


async def test_nobody_hears_of_other_runs(bench):
    first = await bench.begin(ONE)
    listening = asyncio.create_task(heard(bench.engine.changes.of_run(first, 0)), name="listener")
    second = await bench.begin(ONE)
    for run_id in (second, first):
        (await bench.runner.started(f"{run_id}-a-1-1")).exits(0)
    await within(listening, "the end of the stream")

    assert listening.result() == list(range(1, len(await bench.store.journal(first)) + 1))


async def fed(bench, after, last):
    """The changes of all runs after a number, up to one of this kind."""
    seen = []
    async for part in bench.engine.changes.after(after):
        for change in (change for step in part for change in step.changes):
            seen.append((change.run_id, change.seq))
            if change.kind == last:
                return seen
    return seen


async def test_one_stream_hears_of_all_runs_from_now_on(bench):
    before = await bench.begin(ONE)
    head = await bench.engine.changes.head()
    listening = asyncio.create_task(fed(bench, head, "RunFinished"), name="listener")
    run_id = await bench.begin(ONE)
    (await bench.runner.started(f"{run_id}-a-1-1")).exits(0)
    await within(listening, "the end of the run")
    rows = await bench.store.journal(run_id)

    assert [seq for run, seq in listening.result() if run == run_id] == [row.seq for row in rows]
    assert before != run_id


async def test_a_listener_that_falls_behind_misses_nothing(bench, monkeypatch):
    """What is no longer in memory is read from the store."""
    monkeypatch.setattr(module, "KEPT", 2)
    monkeypatch.setattr(module, "PART", 2)
    quick = asyncio.create_task(fed(bench, 0, "RunFinished"), name="listener that keeps the memory in use")
    run_id = await bench.begin(ONE)
    (await bench.runner.started(f"{run_id}-a-1-1")).exits(0)
    await within(quick, "the end of the run")
    rows = await bench.store.journal(run_id)

    assert len(bench.engine.changes._newest) <= 2
    assert await fed(bench, 0, "RunFinished") == quick.result() == [(run_id, row.seq) for row in rows]


async def test_a_number_holds_after_a_restart(bench):
    run_id = await bench.begin(ONE)
    await bench.reaches(run_id, "SessionStarted")
    head = await bench.engine.changes.head()
    await bench.restart()
    listening = asyncio.create_task(fed(bench, head, "RunFinished"), name="listener")
    (await bench.runner.started(f"{run_id}-a-1-1")).exits(0)
    await within(listening, "the end of the run")
    rows = await bench.store.journal(run_id)

    assert [seq for _, seq in listening.result()][-1] == rows[-1].seq
    assert {seq for _, seq in listening.result()} == set(range(listening.result()[0][1], rows[-1].seq + 1))


@pytest.mark.parametrize("number", [2, 10**9])
async def test_a_number_of_another_database_is_told(bench, number):
    with pytest.raises(FeedLost):
        async for _ in bench.engine.changes.after(number):
            pass


async def test_while_nobody_listens_nothing_is_kept(bench):
    bench.runner.part = lambda session: session.exits(0)
    run_id = await bench.begin(ONE)
    await bench.ended(run_id)  # listens itself
    await bench.store.note("hosts", "attic", "HostSeen", 0.0)

    await bench.runner.until(lambda: not bench.engine.changes._newest, "forgetting")


async def test_going_down_ends_all_listening(bench):
    run_id = await bench.begin(ONE)
    listening = asyncio.create_task(heard(bench.engine.changes.of_run(run_id, 0)), name="listener")
    await bench.reaches(run_id, "SessionStarted")
    await bench.engine.changes.close()

    await within(listening, "the end of the stream")


async def test_a_change_says_whose_it_is_and_leaves_out_what_is_large(bench):
    bench.runner.part = lambda session: session.exits(0)
    run_id = await bench.begin(ONE)
    await bench.ended(run_id)
    changes = [change async for change in bench.engine.changes.of_run(run_id, 0)]
    agents = {change.kind: change.agent for change in changes}

    assert (agents["SessionStarted"], agents["TurnStarted"], agents["RunStarted"]) == ("a", "a", None)
    assert not any({"resolved", "outputs", "inputs"} & set(change.data) for change in changes)
