"""Live streams: a replay, then what comes, without a gap or a double."""

import asyncio

import pytest

from chainwright.daemon.core.decisions import RunStarted
from chainwright.daemon.engine import changes as module
from chainwright.daemon.testing import agent_of, chain_of
from chainwright.daemon.testing.scripted_runner import within

ONE = chain_of(agent_of("a"))


async def heard(stream, count=None):
    """The numbers of all changes of the stream, or of its first ones."""
    seen = []
    async for change in stream:
        seen.append(change["seq"])
        if len(seen) == count:
            break
    await stream.aclose()
    return seen


async def test_a_replay_goes_over_into_what_comes(bench):
    """Listening begins before the journal is read, and what both give is given once."""
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(f"{run_id}-a-1-1")
    await bench.reaches(run_id, "SessionStarted")
    stream = bench.engine.changes_of(run_id, 0)
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

    assert await heard(bench.engine.changes_of(run_id, after)) == [row.seq for row in rows[after:]]


async def test_nobody_hears_of_other_runs(bench):
    first = await bench.begin(ONE)
    listening = asyncio.create_task(heard(bench.engine.changes_of(first, 0)), name="listener")
    second = await bench.begin(ONE)
    for run_id in (second, first):
        (await bench.runner.started(f"{run_id}-a-1-1")).exits(0)
    await within(listening, "the end of the stream")

    assert listening.result() == list(range(1, len(await bench.store.journal(first)) + 1))


async def test_one_stream_hears_of_all_runs_from_now_on(bench):
    stream = bench.engine.changes_of(None, 0)
    following = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    run_id = await bench.begin(ONE)
    change = await following
    await stream.aclose()

    assert (change["run_id"], change["seq"], change["kind"]) == (run_id, 1, "RunRequested")


async def test_a_listener_that_falls_behind_is_ended_without_a_gap(bench, monkeypatch):
    """What it has heard is a beginning, so it can come back with its last number."""
    monkeypatch.setattr(module, "QUEUE_SIZE", 3)
    run_id = await bench.begin(ONE)
    await bench.reaches(run_id, "SessionStarted")
    scope = bench.engine._scopes[run_id]
    before = len(await bench.store.journal(run_id))
    stream = bench.engine.changes_of(run_id, before)
    first = asyncio.ensure_future(anext(stream))
    await bench.runner.until(lambda: bool(bench.engine.changes._queues), "the listening")
    bench.engine.changes.publish(scope, before + 1, [(1.0, RunStarted())])
    assert (await first)["seq"] == before + 1
    for number in range(2, 9):
        bench.engine.changes.publish(scope, before + number, [(1.0, RunStarted())])

    assert await within_list(stream) == []


async def within_list(stream):
    """Everything that a stream gives until it ends."""
    found = asyncio.create_task(heard(stream), name="rest")
    await within(found, "the end of the stream")
    return found.result()


async def test_going_down_ends_all_listening(bench):
    run_id = await bench.begin(ONE)
    listening = asyncio.create_task(heard(bench.engine.changes_of(run_id, 0)), name="listener")
    await bench.reaches(run_id, "SessionStarted")
    bench.engine.changes.close()

    await within(listening, "the end of the stream")


async def test_a_change_says_whose_it_is_and_leaves_out_what_is_large(bench):
    bench.runner.part = lambda session: session.exits(0)
    run_id = await bench.begin(ONE)
    await bench.ended(run_id)
    changes = [change async for change in bench.engine.changes_of(run_id, 0)]
    agents = {change["kind"]: change["agent"] for change in changes}

    assert (agents["SessionStarted"], agents["TurnStarted"], agents["RunStarted"]) == ("a", "a", None)
    assert not any({"resolved", "outputs", "inputs"} & set(change["data"]) for change in changes)
