"""What happens once: runs of a key, fire times, run numbers."""

import asyncio

import pytest

from chainwright.daemon.core.due import Pause
from chainwright.daemon.store.port import Fire, Once, StoreError

KEY = Once(scope="api", key="k-1")


async def test_a_repeated_key_leads_to_the_first_run_and_writes_nothing(store, requested):
    first, second = requested(1), requested(2)
    assert await store.create_run(first, [(1.0, first)], KEY) == first.run_id
    assert await store.create_run(second, [(2.0, second)], KEY) == first.run_id

    assert await store.journal(second.run_id) == ()
    assert await store.find_runs("default", "") == [first.run_id]


async def test_a_key_holds_after_a_restart(database, store, requested):
    first, second = requested(1), requested(2)
    await store.create_run(first, [(1.0, first)], KEY)
    reopened = await database.open()

    assert await reopened.create_run(second, [(2.0, second)], KEY) == first.run_id


async def test_of_many_at_once_one_run_comes(store, requested):
    requests = [requested(number) for number in range(1, 51)]

    ids = await asyncio.gather(*(store.create_run(request, [(1.0, request)], KEY) for request in requests))

    assert len(set(ids)) == 1
    assert await store.find_runs("default", "", limit=50) == [ids[0]]


async def test_the_same_key_of_another_scope_is_another_thing(store, requested):
    first, second = requested(1), requested(2)
    await store.create_run(first, [(1.0, first)], KEY)

    assert await store.create_run(second, [(1.0, second)], Once(scope="hook", key=KEY.key)) == second.run_id


async def test_a_run_without_a_key_is_always_new(store, requested):
    ids = [await store.create_run(request, [(1.0, request)]) for request in (requested(1), requested(2))]

    assert ids == ["run-000001", "run-000002"]


async def test_the_same_run_cannot_be_created_twice(store, requested):
    request = requested(1)
    await store.create_run(request, [(1.0, request)])
    with pytest.raises(StoreError):
        await store.create_run(request, [(1.0, request)])

    assert len(await store.journal(request.run_id)) == 1


async def test_a_due_time_becomes_one_run_and_has_its_row(store, requested):
    first, second = requested(1), requested(2)
    once = Once.of_fire("nightly", 86_400.0)
    assert await store.create_run(first, [(1.0, first)], once) == first.run_id
    assert await store.create_run(second, [(1.0, second)], once) == first.run_id

    assert await store.fires("nightly") == [Fire(schedule="nightly", due=86_400.0, run_id=first.run_id, missed="")]


async def test_a_missed_due_time_has_its_row_and_becomes_no_run(store, requested):
    assert await store.record_missed("nightly", {60.0: "overlap"}) == 1
    request = requested(1)
    with pytest.raises(StoreError, match="missed"):
        await store.create_run(request, [(1.0, request)], Once.of_fire("nightly", 60.0))

    assert await store.fires("nightly") == [Fire(schedule="nightly", due=60.0, run_id=None, missed="overlap")]
    assert await store.run(request.run_id) is None


async def test_many_due_times_are_missed_together(store):
    await store.record_missed("nightly", {120.0: "overlap"})

    assert await store.record_missed("nightly", {60.0 * n: f"down {n}" for n in range(1, 2_001)}) == 1_999
    assert await store.record_missed("nightly", {}) == 0
    found = await store.fires("nightly", limit=5_000)
    assert [fire.due for fire in found] == [60.0 * n for n in range(2_000, 0, -1)]
    assert (found[-2].missed, found[-3].missed) == ("overlap", "down 3")


async def test_a_due_time_that_has_a_row_is_not_missed(store, requested):
    request = requested(1)
    await store.create_run(request, [(1.0, request)], Once.of_fire("nightly", 60.0))
    await store.record_missed("nightly", {120.0: "down"})

    assert not await store.record_missed("nightly", {60.0: "down"})
    assert not await store.record_missed("nightly", {120.0: "down"})
    assert [fire.due for fire in await store.fires("nightly")] == [120.0, 60.0]


async def test_the_last_fire_is_the_newest_due_time_of_its_schedule(store):
    assert await store.last_fire("nightly") is None
    for due in (60.0, 180.0, 120.0):
        await store.record_missed("nightly", {due: "down"})
    await store.record_missed("weekly", {999.0: "down"})

    assert await store.last_fire("nightly") == 180.0
    assert [fire.due for fire in await store.fires("nightly", limit=2)] == [180.0, 120.0]
    assert [fire.due for fire in await store.fires("nightly", before=180.0)] == [120.0, 60.0]


async def test_run_numbers_count_each_chain_from_one_and_are_given_once(store):
    numbers = await asyncio.gather(*(store.next_number("default", "notes", "brief") for _ in range(20)))

    assert sorted(numbers) == list(range(1, 21))
    assert await store.next_number("default", "notes", "other") == 1
    assert await store.next_number("default", "elsewhere", "brief") == 1


async def test_a_number_is_higher_than_that_of_any_run_on_record(store, requested):
    for number in (7, 5):
        request = requested(number)
        await store.create_run(request, [(1.0, request)])

    assert await store.next_number("default", "notes", "brief") == 8


async def test_the_newest_pause_of_a_chain_counts_until_it_is_resumed(store):
    await store.pause_schedules("brief", Pause(actor="ann", at=1.0))
    await store.pause_schedules("brief", Pause(actor="bob", at=2.0, until=9.0))
    await store.pause_schedules("team/scan", Pause(actor="ann", at=3.0))
    assert await store.pauses() == {
        "brief": Pause(actor="bob", at=2.0, until=9.0),
        "team/scan": Pause(actor="ann", at=3.0),
    }

    await store.resume_schedules("brief", "ann", 4.0)
    assert set(await store.pauses()) == {"team/scan"}
    await store.pause_schedules("brief", Pause(actor="cat", at=5.0))
    assert (await store.pauses())["brief"].actor == "cat"
