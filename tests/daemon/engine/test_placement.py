"""Placement: the host with all the labels that is least loaded; first come, first served; and no place is ever lost."""

import asyncio
from typing import Any

import pytest
from tests.daemon.engine.conftest import SomeHosts, host_of

from chainwright.daemon.engine.hosts import Host
from chainwright.daemon.engine.placement import Placement, Wanted

LOCAL = Wanted.by(())
GPU = Wanted.by(("gpu",))


def host(name: str = "local", *labels: str, slots: int = 1, **fields: Any) -> Host:
    return host_of(None, None, None, name=name, slots=slots, labels=frozenset({name, *labels}), **fields)


def of(*hosts: Host) -> Placement:
    return Placement(SomeHosts(list(hosts) or [host()]))


def waiting(placement: Placement, **wanted: Wanted) -> tuple[list[str], list[asyncio.Task[None]]]:
    """Who has got a place so far, with its host, and the tasks that wait."""
    served: list[str] = []

    async def take(name: str, what: Wanted) -> None:
        served.append(f"{name} on {(await placement.wait(what)).name}")

    return served, [asyncio.create_task(take(name, what), name=name) for name, what in wanted.items()]


async def turns() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


def name_of(found: Host | None) -> str | None:
    return found.name if found else None


# which host


def test_who_asks_for_nothing_is_on_the_daemons_own_machine():
    assert name_of(of(host(slots=9), host("a")).try_claim(LOCAL)) == "local"


def test_one_host_has_to_have_all_the_labels():
    placement = of(host(), host("a", "gpu"), host("b", "gpu", "eu"), host("c", "eu"))

    assert name_of(placement.try_claim(Wanted.by(("gpu", "eu")))) == "b"


def test_a_hosts_name_is_a_label():
    assert name_of(of(host(), host("a"), host("b")).try_claim(Wanted.by(("b",)))) == "b"


def test_the_least_loaded_is_first_for_its_size():
    """Two of eight is less than one of two."""
    placement = of(host(), host("small", "gpu", slots=2), host("big", "gpu", slots=8))
    names = [name_of(placement.try_claim(GPU)) for _ in range(10)]

    assert names[:6] == ["small", "big", "big", "big", "big", "small"]
    assert sorted(names) == ["big"] * 8 + ["small"] * 2


def test_a_host_that_is_closed_gets_nothing_new():
    placement = of(host(), host("a", "gpu", closed=lambda: "drained by ann"), host("b", "gpu"))

    assert [name_of(placement.try_claim(GPU)) for _ in range(2)] == ["b", None]


def test_what_was_placed_on_a_host_may_begin_there_though_it_is_closed():
    """It may have begun there already, and must not begin anywhere else."""
    placement = of(host(), host("a", "gpu", closed=lambda: "drained"), host("b", "gpu"))

    assert name_of(placement.try_claim(Wanted.exactly("a"))) == "a"


# why not


@pytest.mark.parametrize(
    ("hosts", "wanted", "said"),
    [
        (
            [host(), host("a", "gpu")],
            Wanted.by(("gpu", "eu")),
            ("no-host", "no host has the labels eu, gpu; there are: local (no labels), a (gpu)"),
        ),
        ([host(), host("a", "gpu", closed=lambda: "unreachable")], GPU, ("host-away", "a: unreachable")),
        ([host(), host("a", "gpu", slots=3)], GPU, ("no-slot", "all 3 slots of a are taken")),
    ],
)
def test_it_says_why_there_is_no_place(hosts, wanted, said):
    assert of(*hosts).why_not(wanted) == said


# waiting


async def test_a_free_slot_is_claimed_at_once():
    placement = of()

    assert placement.try_claim(LOCAL)
    assert not placement.try_claim(LOCAL)


async def test_who_waits_is_served_in_the_order_of_coming():
    placement = of()
    placement.claim("local")
    served, tasks = waiting(placement, a=LOCAL, b=LOCAL, c=LOCAL)
    await turns()
    for expected in (["a"], ["a", "b"], ["a", "b", "c"]):
        placement.give_back("local")
        await turns()
        assert served == [f"{name} on local" for name in expected]
    await asyncio.gather(*tasks)


async def test_who_waits_for_another_host_is_passed_over():
    placement = of(host(), host("a", "gpu"))
    placement.claim("local")
    placement.claim("a")
    served, tasks = waiting(placement, first=GPU, second=LOCAL)
    await turns()
    placement.give_back("local")
    await turns()

    assert served == ["second on local"]
    placement.give_back("a")
    await asyncio.gather(*tasks)


async def test_a_host_that_comes_serves_who_waits_for_it():
    some = SomeHosts([host()])
    placement = Placement(some)
    served, tasks = waiting(placement, first=GPU, second=GPU, third=GPU)
    await turns()
    some.change(host(), host("a", "gpu", slots=2))
    await turns()

    assert served == ["first on a", "second on a"]
    some.change(host(), host("a", "gpu", slots=3))
    await asyncio.gather(*tasks)


async def test_a_place_on_a_host_that_has_gone_can_be_given_back():
    some = SomeHosts([host(), host("a", "gpu")])
    placement = Placement(some)
    placement.try_claim(GPU)
    some.change(host())
    placement.give_back("a")

    assert placement.held == 0


async def test_a_slot_that_came_free_before_the_waiting_began_is_taken():
    """Or the caller would wait for a word that was given before it listened."""
    placement = of()
    placement.claim("local")
    assert not placement.try_claim(LOCAL)
    placement.give_back("local")

    await asyncio.wait_for(placement.wait(LOCAL), 10)
    assert placement.held_on("local") == 1


async def test_nobody_overtakes_who_waits():
    placement = of()
    placement.claim("local")
    _, tasks = waiting(placement, a=LOCAL)
    await turns()
    placement.give_back("local")

    assert not placement.try_claim(LOCAL)
    await asyncio.gather(*tasks)


async def test_a_waiter_that_leaves_is_passed_over():
    placement = of()
    placement.claim("local")
    served, (first, second) = waiting(placement, a=LOCAL, b=LOCAL)
    await turns()
    first.cancel()
    await turns()
    placement.give_back("local")
    await second

    assert served == ["b on local"]


async def test_a_waiter_that_leaves_with_its_slot_in_hand_gives_it_back():
    placement = of()
    placement.claim("local")
    _, (first,) = waiting(placement, a=LOCAL)
    await turns()
    placement.give_back("local")
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first

    assert placement.held == 0
    assert placement.try_claim(LOCAL)


async def test_what_already_runs_is_counted_beyond_the_size():
    """After a restart with fewer slots nothing new starts until enough has ended."""
    placement = of()
    placement.claim("local")
    placement.claim("local")
    served, tasks = waiting(placement, a=LOCAL)
    await turns()
    placement.give_back("local")
    await turns()

    assert served == []
    placement.give_back("local")
    await asyncio.gather(*tasks)


def test_it_introduces_itself():
    placement = of(host(slots=3), host("a"))
    placement.claim("local")

    assert repr(placement) == "<Placement 1 of 3 on local, 0 of 1 on a; 0 waiting>"


async def test_a_higher_priority_is_served_first():
    placement = of()
    placement.claim("local")
    served = []

    async def take(name, priority):
        await placement.wait(LOCAL, priority)
        served.append(name)

    waiting = {"low": -1, "first": 0, "second": 0, "high": 5}
    tasks = [asyncio.create_task(take(name, priority), name=name) for name, priority in waiting.items()]
    for _ in tasks:
        await turns()
        placement.give_back("local")
    await asyncio.gather(*tasks)

    assert served == ["high", "first", "second", "low"]
