"""23: who gets a place of a concurrency group, who waits for it, and who has no room even to wait."""

import itertools
from typing import Any

import pytest

from chainwright.daemon.engine.groups import Claim, Groups


class Desk:
    """Groups, and what they have told to whom."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.groups = Groups(lambda claim, told, detail: self.told.append((claim.run_id, told)))
        self.times = itertools.count(1.0)

    def made(self, run: str, **fields: Any) -> Claim:
        usual = {"name": "run", "organization": "default", "group": "g", "max": 1, "queue": 100, "priority": 0}
        return Claim(run_id=run, **{**usual, "cancel_in_progress": False, "at": next(self.times), **fields})

    def claims(self, run: str, **fields: Any) -> list[str]:
        """Who is told what when a run asks."""
        return self.new(lambda: self.groups.claim(self.made(run, **fields)))

    def releases(self, run: str, name: str = "run") -> list[str]:
        return self.new(lambda: self.groups.release(run, name))

    def new(self, act: Any) -> list[str]:
        before = len(self.told)
        act()
        return [f"{run} {told}" for run, told in self.told[before:]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_23_places_are_given_in_the_order_of_asking(desk: Desk) -> None:
    assert desk.claims("a") == ["a granted"]
    assert desk.claims("b") + desk.claims("c") == []

    assert desk.releases("a") == ["b granted"]
    assert desk.releases("b") == ["c granted"]


def test_23_the_smallest_number_of_places_wins(desk: Desk) -> None:
    assert desk.claims("a", max=3) + desk.claims("b", max=3) == ["a granted", "b granted"]

    assert desk.claims("c", max=2) == []
    assert desk.releases("a") == ["c granted"]


def test_23_a_smaller_number_that_only_waits_counts_too(desk: Desk) -> None:
    desk.claims("a", max=3)
    desk.claims("b", max=1)

    assert desk.claims("c", max=3) == []


def test_23_no_more_wait_than_may(desk: Desk) -> None:
    desk.claims("a")
    assert desk.claims("b", queue=1) == []

    assert desk.claims("c", queue=1) == ["c refused"]
    assert desk.releases("a") == ["b granted"]


def test_23_a_queue_of_none_still_has_its_places(desk: Desk) -> None:
    assert desk.claims("a", queue=0) == ["a granted"]
    assert desk.claims("b", queue=0) == ["b refused"]


def test_23_of_a_group_that_cancels_only_the_newest_stays(desk: Desk) -> None:
    desk.claims("a", cancel_in_progress=True)
    assert desk.claims("b", cancel_in_progress=True) == ["a taken"]

    assert desk.claims("c", cancel_in_progress=True) == ["b taken"]
    assert desk.releases("b") + desk.releases("a") == ["c granted"]


def test_23_as_many_stay_as_there_are_places(desk: Desk) -> None:
    desk.claims("a", max=2)
    desk.claims("b", max=2)

    assert desk.claims("c", max=2, cancel_in_progress=True) == ["a taken"]


def test_23_one_that_leaves_the_queue_gets_no_place(desk: Desk) -> None:
    desk.claims("a")
    desk.claims("b")
    desk.claims("c", cancel_in_progress=True)

    assert desk.releases("a") == ["c granted"]


def test_23_a_group_belongs_to_its_organization(desk: Desk) -> None:
    assert desk.claims("a") + desk.claims("b", organization="other") == ["a granted", "b granted"]


def test_23_a_claim_is_made_once(desk: Desk) -> None:
    desk.claims("a")

    assert desk.claims("a") == []
    assert desk.releases("a") + desk.claims("b") == ["b granted"]


def test_23_a_child_shares_the_place_of_its_ancestors(desk: Desk) -> None:
    desk.claims("parent")

    assert desk.claims("child", family=(("parent", "run"),)) == ["child granted"]
    assert desk.claims("grandchild", family=(("child", "run"),)) == ["grandchild granted"]
    assert desk.claims("other") == []


def test_23_after_a_restart_holders_hold_and_the_queue_is_as_it_was(desk: Desk) -> None:
    claims = [desk.made(run) for run in ("a", "b", "c")]
    desk.groups.restore([(claims[2], False), (claims[1], False), (claims[0], True)])

    assert desk.new(desk.groups.settle) == []
    assert desk.claims("d") == []
    assert desk.releases("a") == ["b granted"]


def test_23_a_place_that_fell_free_before_a_restart_is_given_after_it(desk: Desk) -> None:
    desk.groups.restore([(desk.made("b"), False)])

    assert desk.new(desk.groups.settle) == ["b granted"]


def test_23_who_was_to_leave_before_a_restart_is_told_again(desk: Desk) -> None:
    first, second = desk.made("a"), desk.made("b", cancel_in_progress=True)
    desk.groups.restore([(first, True), (second, False)])

    assert desk.new(desk.groups.settle) == ["a taken"]


def test_a_higher_priority_is_served_first(desk: Desk) -> None:
    desk.claims("a")
    desk.claims("low")
    desk.claims("high", priority=1)

    assert desk.releases("a") == ["high granted"]


def test_a_run_that_ends_leaves_nothing(desk: Desk) -> None:
    desk.claims("a", name="post:1")
    desk.claims("a", name="send:1", group="h")
    desk.claims("b")

    assert desk.new(lambda: desk.groups.release_all("a")) == ["b granted"]
    assert desk.claims("c", group="h") == ["c granted"]


def test_one_that_waits_knows_who_is_ahead(desk: Desk) -> None:
    for run in ("a", "b", "c"):
        desk.claims(run)

    assert [claim.run_id for claim in desk.groups.ahead_of("c", "run")] == ["a", "b"]
    assert desk.groups.ahead_of("a", "run") == []


def test_23_a_long_line_is_served_in_its_order(desk: Desk) -> None:
    """With some leaving it, and others far behind that are in a hurry."""
    asked = [(number, number % 7) for number in range(2_000)]
    desk.claims("first", queue=2_000)
    for number, priority in asked:
        desk.claims(f"r{number}", queue=2_000, priority=priority)
    for number, _ in asked[::3]:
        assert desk.releases(f"r{number}") == []
    line = sorted((one for one in asked if one[0] % 3), key=lambda one: (-one[1], one[0]))

    served = desk.releases("first")
    while len(served) < len(line):
        served += desk.releases(served[-1].split()[0])
    assert served == [f"r{number} granted" for number, _ in line]
