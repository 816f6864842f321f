"""Slots: first come, first served, and none is ever lost."""

import asyncio

import pytest

from chainwright.daemon.engine.slots import Slots


def waiting(slots: Slots, *names: str) -> tuple[list[str], list[asyncio.Task[None]]]:
    """Who has got a slot so far, and the tasks that wait."""
    served: list[str] = []

    async def take(name: str) -> None:
        await slots.wait()
        served.append(name)

    return served, [asyncio.create_task(take(name), name=name) for name in names]


async def turns() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_free_slot_is_claimed_at_once():
    slots = Slots(1)

    assert slots.try_claim()
    assert not slots.try_claim()


async def test_who_waits_is_served_in_the_order_of_coming():
    slots = Slots(1)
    slots.claim()
    served, tasks = waiting(slots, "a", "b", "c")
    await turns()
    for expected in (["a"], ["a", "b"], ["a", "b", "c"]):
        slots.give_back()
        await turns()
        assert served == expected
    await asyncio.gather(*tasks)


async def test_a_slot_that_came_free_before_the_waiting_began_is_taken():
    """Or the caller would wait for a word that was given before it listened."""
    slots = Slots(1)
    slots.claim()
    assert not slots.try_claim()
    slots.give_back()

    await asyncio.wait_for(slots.wait(), 10)
    assert slots.held == 1


async def test_nobody_overtakes_who_waits():
    slots = Slots(1)
    slots.claim()
    _, tasks = waiting(slots, "a")
    await turns()
    slots.give_back()

    assert not slots.try_claim()
    await asyncio.gather(*tasks)


async def test_a_waiter_that_leaves_is_passed_over():
    slots = Slots(1)
    slots.claim()
    served, (first, second) = waiting(slots, "a", "b")
    await turns()
    first.cancel()
    await turns()
    slots.give_back()
    await second

    assert served == ["b"]


async def test_a_waiter_that_leaves_with_its_slot_in_hand_gives_it_back():
    slots = Slots(1)
    slots.claim()
    _, (first,) = waiting(slots, "a")
    await turns()
    slots.give_back()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first

    assert slots.held == 0
    assert slots.try_claim()


async def test_what_already_runs_is_counted_beyond_the_size():
    """After a restart with fewer slots nothing new starts until enough has ended."""
    slots = Slots(1)
    slots.claim()
    slots.claim()
    served, tasks = waiting(slots, "a")
    await turns()
    slots.give_back()
    await turns()

    assert served == []
    slots.give_back()
    await asyncio.gather(*tasks)


def test_it_introduces_itself():
    slots = Slots(3)
    slots.claim()

    assert repr(slots) == "<Slots 1 of 3 held, 0 waiting>"


async def test_a_higher_priority_is_served_first():
    slots = Slots(1)
    slots.claim()
    served = []

    async def take(name, priority):
        await slots.wait(priority)
        served.append(name)

    waiting = {"low": -1, "first": 0, "second": 0, "high": 5}
    tasks = [asyncio.create_task(take(name, priority), name=name) for name, priority in waiting.items()]
    for _ in tasks:
        await turns()
        slots.give_back()
    await asyncio.gather(*tasks)

    assert served == ["high", "first", "second", "low"]
