"""Typed input: kept before it is sent, forgotten once it was taken."""

import asyncio

import pytest

from chainwright.daemon.core.decisions import AttemptScheduled, TurnQueued
from chainwright.daemon.store.port import NotOwner, StoredInput


@pytest.fixture(autouse=True)
async def attempts(begun):
    """Attempts at-1 and at-2 of a run."""
    scheduled = [AttemptScheduled(attempt_id=f"at-{n}", agent="a", turn=1, attempt=n) for n in (1, 2)]
    await begun(TurnQueued(agent="a", turn=1), *scheduled)


async def test_each_attempt_counts_from_one(store):
    assert [await store.keep_input("at-1", b"x") for _ in range(3)] == [1, 2, 3]
    assert await store.keep_input("at-2", b"x") == 1


async def test_numbers_follow_the_order_of_the_calls(store):
    numbers = await asyncio.gather(*(store.keep_input("at-1", b"%d" % n) for n in range(50)))

    assert numbers == list(range(1, 51))
    assert [kept.data for kept in await store.pending_input("at-1", 0)] == [b"%d" % n for n in range(50)]


async def test_the_last_number_is_known_whether_taken_or_not(store):
    for data in (b"a", b"b"):
        await store.keep_input("at-1", data)
    await store.acknowledge_input("at-1", 2)

    assert (await store.last_input("at-1"), await store.last_input("at-2")) == (2, 0)


async def test_pending_is_what_was_not_taken_after_a_number(store):
    for data in (b"a", b"b\x00\xff", b"c"):
        await store.keep_input("at-1", data)

    assert await store.pending_input("at-1", 1) == [
        StoredInput(seq=2, data=b"b\x00\xff"),
        StoredInput(seq=3, data=b"c"),
    ]
    assert await store.pending_input("at-2", 0) == []


async def test_what_was_taken_is_forgotten_and_its_number_stays_used(store):
    for data in (b"a", b"b", b"c"):
        await store.keep_input("at-1", data)
    await store.acknowledge_input("at-1", 2)
    await store.acknowledge_input("at-1", 2)

    assert await store.pending_input("at-1", 0) == [StoredInput(seq=3, data=b"c")]
    await store.acknowledge_input("at-1", 3)
    assert await store.keep_input("at-1", b"d") == 4


async def test_input_outlives_a_restart(database, store):
    await store.keep_input("at-1", b"a")
    reopened = await database.open()

    assert await reopened.pending_input("at-1", 0) == [StoredInput(seq=1, data=b"a")]


async def test_an_attempt_that_does_not_exist_takes_no_input(store):
    with pytest.raises(NotOwner):
        await store.keep_input("at-9", b"x")
