"""The journal of a run: complete, in order, chained, and whole or not at all."""

import asyncio

import pytest

from chainwright.daemon.core.decisions import TimerSet
from chainwright.daemon.core.facts import InternalErrorOccurred, TimerFired
from chainwright.daemon.core.journal import first_broken
from chainwright.daemon.store.port import StoreError


def timer(number):
    return TimerSet(timer=f"t{number}", due=float(number))


async def test_what_was_appended_is_read_back(store, begun, append, requested):
    run_id = await begun(timer(1))
    await append(run_id, TimerFired(at=100.0, timer="t1"), timer(2))

    rows = await store.journal(run_id)

    assert [row.entry() for row in rows] == [requested(1), timer(1), TimerFired(at=100.0, timer="t1"), timer(2)]
    assert [row.at for row in rows] == [1.0, 2.0, 100.0, 100.0]


async def test_numbers_have_no_gap_and_the_chain_holds(store, begun, append):
    run_id = await begun()
    for number in range(5):
        await append(run_id, timer(number), timer(number + 1))

    rows = await store.journal(run_id)

    assert [row.seq for row in rows] == list(range(1, 12))
    assert first_broken(run_id, rows) is None
    assert await store.verify(run_id) is None


async def test_the_chain_goes_on_after_a_restart(database, store, begun, append, requested):
    run_id = await begun(timer(1))
    reopened = await database.open()
    await reopened.open_runs()
    other = requested(2)
    await reopened.create_run(other, [(2.0, other)])

    assert [row.seq for row in await reopened.journal(run_id)] == [1, 2]
    assert await reopened.verify(run_id) is None


async def test_a_run_that_does_not_exist_has_no_rows(store):
    assert await store.journal("run-x") == ()
    assert await store.verify("run-x") is None


async def test_appends_of_one_run_are_written_in_the_order_of_the_calls(store, begun, append):
    run_id = await begun()
    await asyncio.gather(*(append(run_id, timer(number)) for number in range(300)))

    written = [row.entry() for row in await store.journal(run_id)][1:]

    assert written == [timer(number) for number in range(300)]


async def test_an_append_need_not_wait_for_the_run_to_be_durable(store, begun, append):
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(begun(), name="create")
        tasks.create_task(append("run-000001", timer(1)), name="append")

    assert [row.kind for row in await store.journal("run-000001")] == ["RunRequested", "TimerSet"]


async def test_an_append_that_cannot_be_written_takes_no_other_run_with_it(store, begun, append, requested):
    await begun()
    others = [requested(number) for number in range(2, 20)]
    bad = InternalErrorOccurred(at=1.0, detail=object())  # type: ignore[arg-type]  # no JSON: a mistake of ours
    asked = [store.create_run(other, [(1.0, other)]) for other in others]

    answers = await asyncio.gather(*asked[:9], append("run-000001", bad), *asked[9:], return_exceptions=True)

    assert isinstance(answers.pop(9), StoreError)
    assert answers == [other.run_id for other in others]
    assert len(await store.journal("run-000001")) == 1


async def test_entries_never_follow_others_that_failed(store, begun, append):
    run_id = await begun()
    bad = InternalErrorOccurred(at=1.0, detail=object())  # type: ignore[arg-type]  # no JSON: a mistake of ours

    answers = await asyncio.gather(
        append(run_id, timer(1)), append(run_id, timer(2), bad), append(run_id, timer(3)), return_exceptions=True
    )

    assert [type(answer) for answer in answers] == [type(None), StoreError, StoreError]
    assert [row.entry() for row in await store.journal(run_id)][1:] == [timer(1)]


async def test_a_run_goes_on_after_a_failed_append(store, begun, append):
    run_id = await begun()
    with pytest.raises(StoreError):
        await append(run_id, InternalErrorOccurred(at=1.0, detail=object()))  # type: ignore[arg-type]  # as above
    await append(run_id, timer(1))

    assert [row.seq for row in await store.journal(run_id)] == [1, 2]
    assert await store.verify(run_id) is None


async def test_a_caller_that_gives_up_leaves_the_write_and_the_others_alone(store, begun, append):
    run_id = await begun()
    given_up = asyncio.create_task(append(run_id, timer(1)), name="given up")
    await asyncio.sleep(0)
    given_up.cancel()
    await append(run_id, timer(2))

    assert [row.entry() for row in await store.journal(run_id)][1:] == [timer(1), timer(2)]


async def test_an_append_that_names_what_it_follows_is_written_once(store, begun, append):
    run_id = await begun()
    for _ in range(2):
        await append(run_id, timer(1), timer(2), follows=1)
    await append(run_id, timer(3), follows=3)
    await append(run_id, timer(1), timer(2), follows=1)

    assert [row.seq for row in await store.journal(run_id)] == [1, 2, 3, 4]
    assert await store.verify(run_id) is None


@pytest.mark.parametrize("follows", [0, 1, 3])
async def test_other_entries_after_the_same_one_are_refused(store, begun, append, follows):
    run_id = await begun()
    await append(run_id, timer(1), follows=1)
    with pytest.raises(StoreError, match="are others already"):
        await append(run_id, timer(2), follows=follows)

    assert len(await store.journal(run_id)) == 2
