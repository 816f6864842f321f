"""Deliveries of webhooks: kept once, known again for thirty days (semantics 40), forgotten by age and by room."""

import asyncio
from typing import Any

from chainwright.daemon.store.port import REPEATED_WITHIN_S, HookDelivery, Store

AT = 100.0


def delivery(name: str, *keys: str, fate: Any = "accepted", **more: Any) -> HookDelivery:
    about = {"organization": "default", "environment": "main", "hook": "forge", "chain": "brief"}
    sent = {"received_at": AT, "headers": {"x": "1"}, "body": b"body of " + name.encode()}
    return HookDelivery(id=name, fate=fate, keys=keys, **(about | sent | more))


async def start(store: Store, requested: Any, number: int, kept: HookDelivery) -> str:
    """The id of the run that a delivery leads to."""
    request = requested(number)
    made = delivery(kept.id, *kept.keys, received_at=kept.received_at, run_id=request.run_id)
    return await store.create_run(request, [(1.0, request)], None, made)


async def page(store: Store, **asked: Any) -> list[dict[str, Any]]:
    told = {"hook": None, "fate": None, "limit": 50, "before": None, **asked}
    return await store.deliveries("default", **told)


async def test_a_delivery_and_its_run_are_there_together(store: Store, requested: Any) -> None:
    run = await start(store, requested, 1, delivery("d-1", "a", "b"))

    (row,) = await page(store)
    assert (row["id"], row["run_id"], row["fate"], row["kept"]) == ("d-1", run, "accepted", True)
    assert await store.delivered("d-1") == ({"x": "1"}, b"body of d-1")


async def test_any_key_leads_to_the_first_run(store: Store, requested: Any) -> None:
    """Semantics 40: by delivery id, or by event and body."""
    first = await start(store, requested, 1, delivery("d-1", "a", "b"))

    assert await start(store, requested, 2, delivery("d-2", "c", "b")) == first
    assert await start(store, requested, 3, delivery("d-3", "c")) != first


async def test_of_a_hundred_at_once_one_run_comes(store: Store, requested: Any) -> None:
    runs = await asyncio.gather(*(start(store, requested, n, delivery(f"d-{n}", "a")) for n in range(1, 101)))

    assert set(runs) == set(await store.find_runs("default", "", limit=100))
    assert len(await page(store, limit=500)) == len(set(runs)) == 1


async def test_the_same_key_of_another_webhook_is_another_thing(store: Store, requested: Any) -> None:
    first = await start(store, requested, 1, delivery("d-1", "a"))
    request = requested(2)
    other = delivery("d-2", "a", hook="other", run_id=request.run_id)

    assert await store.create_run(request, [(1.0, request)], None, other) == request.run_id != first


async def test_after_thirty_days_a_repeat_is_a_new_delivery(store: Store, requested: Any) -> None:
    first = await start(store, requested, 1, delivery("d-1", "a"))
    later = delivery("d-2", "a", received_at=AT + REPEATED_WITHIN_S + 1)

    assert await start(store, requested, 2, later) != first


async def test_a_key_holds_after_a_restart(database: Any, store: Store, requested: Any) -> None:
    first = await start(store, requested, 1, delivery("d-1", "a"))
    reopened = await database.open()

    assert await start(reopened, requested, 2, delivery("d-2", "a")) == first


async def test_one_that_did_not_fit_is_known_and_may_fit_later(store: Store, requested: Any) -> None:
    await store.record_delivery(delivery("d-1", "a", fate="unfit", reason="no"))
    known = await store.known_delivery("default/main/forge", ("x", "a"), AT)
    run = await start(store, requested, 1, delivery("d-1", "a"))

    (row,) = await page(store)
    assert known is not None and (known.id, known.run_id) == ("d-1", None)
    assert (row["fate"], row["run_id"], row["count"]) == ("accepted", run, 2)


async def test_many_that_ask_at_once_are_each_told_of_their_own(store: Store, requested: Any) -> None:
    runs = [await start(store, requested, number, delivery(f"d-{number}", f"k-{number}")) for number in (1, 2)]
    asked = [("k-2", "x"), ("nobody's",), ("k-1",), ("k-2",)]
    known = await asyncio.gather(*(store.known_delivery("default/main/forge", keys, AT) for keys in asked))
    elsewhere = await store.known_delivery("default/main/other", ("k-1",), AT)

    assert [one and one.run_id for one in known] == [runs[1], None, runs[0], runs[1]]
    assert elsewhere is None


async def test_what_is_folded_is_one_row_that_counts(store: Store) -> None:
    for number in range(3):
        folded = {"folded": "refused/1", "body": None, "received_at": AT + number, "remote": str(number)}
        await store.record_delivery(delivery(f"d-{number}", fate="refused", reason="wrong", **folded))

    (row,) = await page(store, fate="refused")
    assert (row["id"], row["count"], row["last_at"], row["remote"], row["kept"]) == ("d-0", 3, AT + 2, "2", False)


async def test_pages_are_by_hook_and_fate_newest_first(store: Store) -> None:
    for name, hook, fate in (("d-1", "a", "filtered"), ("d-2", "b", "unfit"), ("d-3", "a", "filtered")):
        await store.record_delivery(delivery(name, hook=hook, fate=fate))

    assert [row["id"] for row in await page(store, hook="a")] == ["d-3", "d-1"]
    assert [row["id"] for row in await page(store, fate="unfit")] == ["d-2"]
    assert [row["id"] for row in await page(store, limit=1, before="d-3")] == ["d-2"]
    assert await store.find_deliveries("default", "d-3") == ["d-3"]
    assert (await store.delivery("d-2") or {})["fate"] == "unfit"
    assert await store.delivery("d-9") is None


async def test_the_oldest_content_goes_when_room_is_short(store: Store) -> None:
    for name in ("d-1", "d-2", "d-3"):
        await store.record_delivery(delivery(name, fate="filtered"))
    size = len(b"body of d-1") + len('{"x": "1"}')
    while await store.prune_deliveries(AT, 2 * size):
        pass

    assert [row["kept"] for row in await page(store)] == [True, True, False]
    assert await store.delivered("d-1") is None


async def test_what_is_older_than_thirty_days_is_forgotten(store: Store, requested: Any) -> None:
    await start(store, requested, 1, delivery("d-1", "a", received_at=AT - 2 * REPEATED_WITHIN_S))
    await store.record_delivery(delivery("d-2", "b", fate="filtered", received_at=AT))
    while await store.prune_deliveries(AT, 1000):
        pass

    assert [row["id"] for row in await page(store)] == ["d-2"]
    assert await store.known_delivery("default/main/forge", ("a",), AT) is None
