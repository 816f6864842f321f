"""A run is written by one daemon at a time: the epoch fences every write."""

import asyncio

import pytest

from chainwright.daemon.core.access import DEFAULT_ORGANIZATION
from chainwright.daemon.core.decisions import AttemptScheduled, RunFinished, TimerSet, TurnQueued
from chainwright.daemon.core.states import Outcome
from chainwright.daemon.store.port import Append, NotOwner, StoreError

TIMER = TimerSet(timer="t", due=1.0)
ATTEMPT = (TurnQueued(agent="a", turn=1), AttemptScheduled(attempt_id="at-1", agent="a", turn=1, attempt=1))


async def test_each_daemon_has_a_higher_epoch_than_those_before(database):
    epochs = [(await database.open()).epoch for _ in range(3)]

    assert epochs == sorted(set(epochs))
    assert epochs[0] >= 1


@pytest.mark.parametrize("off_by", [-1, 1])
async def test_an_append_under_another_epoch_is_refused_and_writes_nothing(store, begun, append, off_by):
    run_id = await begun()
    with pytest.raises(NotOwner, match=run_id):
        await append(run_id, TIMER, epoch=store.epoch + off_by)

    assert len(await store.journal(run_id)) == 1


async def test_an_append_to_a_run_that_does_not_exist_is_refused(store, append):
    with pytest.raises(NotOwner):
        await append("run-x", TIMER)


async def test_an_append_without_entries_is_fenced_too(store, begun, append):
    run_id = await begun()
    with pytest.raises(NotOwner):
        await append(run_id, epoch=store.epoch + 1)


async def test_a_run_is_not_ours_before_it_was_taken_over(database, store, begun):
    run_id = await begun()
    successor = await database.open()
    with pytest.raises(NotOwner):
        await successor.append(Append(run_id=run_id, epoch=successor.epoch, entries=[(1.0, TIMER)]))


async def test_taking_over_shuts_the_previous_owner_out(database, store, begun):
    run_id = await begun()
    before = store.epoch
    successor = await database.open()
    await successor.open_runs()
    with pytest.raises(NotOwner):
        await successor.append(Append(run_id=run_id, epoch=before, entries=[(1.0, TIMER)]))
    await successor.append(Append(run_id=run_id, epoch=successor.epoch, entries=[(1.0, TIMER)]))

    assert [row.kind for row in await successor.journal(run_id)] == ["RunRequested", "TimerSet"]
    assert await successor.verify(run_id) is None


async def test_input_for_a_run_of_another_is_refused(database, store, begun):
    await begun(*ATTEMPT)
    successor = await database.open()
    with pytest.raises(NotOwner):
        await successor.keep_input("at-1", b"y\n")
    with pytest.raises(NotOwner):
        await successor.acknowledge_input("at-1", 1)


async def test_open_runs_are_those_that_have_not_finished(database, store, begun, append, requested):
    live = await begun(*ATTEMPT)
    ended = requested(2)
    await store.create_run(ended, [(1.0, ended), (2.0, RunFinished(outcome=Outcome.SUCCEEDED))])
    await append(live, TIMER, offsets={"at-1": 42})
    rows = await store.journal(live)
    successor = await database.open()

    (found,) = await successor.open_runs()

    assert (found.run_id, found.rows, found.offsets) == (live, rows, {"at-1": 42})
    assert [run["id"] for run in (await successor.runs(DEFAULT_ORGANIZATION)).rows] == [ended.run_id, live]


async def test_the_last_offset_of_several_counts(store, begun, append):
    live = await begun(*ATTEMPT)
    for end in (10, 20, 30):
        await append(live, offsets={"at-1": end})

    assert (await store.open_runs())[0].offsets == {"at-1": 30}


async def test_a_closed_store_can_be_closed_again_and_refuses_the_rest(store):
    await store.close()
    await store.close()
    with pytest.raises(StoreError):
        await store.next_number("default", "notes", "brief")
    with pytest.raises(StoreError):
        await store.find_runs("default", "")


async def test_closing_writes_what_is_pending(database, store, begun, append):
    run_id = await begun()
    pending = asyncio.create_task(append(run_id, TIMER), name="pending")
    await asyncio.sleep(0)
    reopened = await database.open()
    await pending

    assert len(await reopened.journal(run_id)) == 2
