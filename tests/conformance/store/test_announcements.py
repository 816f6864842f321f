"""What chains are told: recorded with the entries that tell it, open until it has come to something, and told once."""

from typing import Any

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.store.port import Append, Store, Told


def announcement(key: str, **changed: Any) -> Announcement:
    about: dict[str, Any] = {
        "key": key,
        "kind": "event",
        "listener": "reads",
        "organization": "default",
        "environment": "main",
        "at": 5.0,
        "run_id": None,
        "event": {"name": "go", "data": {"n": [1, None]}},
        "depth": 3,
    }
    return Announcement(**(about | changed))


async def keys(store: Store) -> list[str]:
    return [one.key for one in await store.open_announcements()]


async def test_what_is_announced_is_open_in_its_order_and_comes_back_whole(store: Store) -> None:
    await store.announce([announcement("b"), announcement("a")])

    assert await store.open_announcements() == [announcement("b"), announcement("a")]


async def test_the_same_key_counts_once_and_the_first_stays(store: Store) -> None:
    await store.announce([announcement("a")])
    await store.announce([announcement("a", listener="other"), announcement("b")])

    assert [one.listener for one in await store.open_announcements()] == ["reads", "reads"]


async def test_what_has_come_to_something_is_no_longer_open_and_stays_as_it_is(store: Store) -> None:
    await store.announce([announcement("a"), announcement("b")])
    first = Told(fate="filtered", at=6.0, reason="its `if` does not hold")
    await store.settle_announcement("a", first)
    await store.settle_announcement("a", Told(fate="refused", at=7.0))

    assert await keys(store) == ["b"]
    assert await store.told(["a", "b", "c"]) == {"a": first}


async def test_a_settled_key_is_not_opened_again(store: Store) -> None:
    await store.announce([announcement("a")])
    await store.settle_announcement("a", Told(fate="started", at=6.0, run_id="r"))
    await store.announce([announcement("a")])

    assert await keys(store) == []


async def test_a_run_and_its_entries_carry_what_they_tell(store: Store, requested: Any) -> None:
    request = requested(1)
    first, later = (announcement(key, run_id=request.run_id) for key in ("first", "later"))
    await store.create_run(request, [(1.0, request)], None, None, [first])
    append = Append(run_id=request.run_id, epoch=store.epoch, entries=[], announcements=[later])
    await store.append(append)
    await store.append(append)

    assert await keys(store) == ["first", "later"]
    told = (await store.run(request.run_id) or {})["told"]
    assert [(one["name"], one["chain"], one["fate"]) for one in told] == [("go", "reads", None)] * 2


async def test_the_next_daemon_finds_what_is_open(database: Any) -> None:
    store = await database.open()
    await store.announce([announcement("a")])
    store = await database.open()

    assert await keys(store) == ["a"]
