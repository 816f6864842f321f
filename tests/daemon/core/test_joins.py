"""Which waiting events start the next turn (rule 14)."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.core.graph import Listen
from chainwright.daemon.core.joins import Taken, take


def inbox(**waiting: list[int]) -> dict[str, deque[int]]:
    """Queues by name."""
    return {name: deque(numbers) for name, numbers in waiting.items()}


@pytest.mark.parametrize(
    ("mode", "count", "waiting", "consumed", "surplus"),
    [
        ("any", 1, {"x": [3], "y": [2, 4]}, (2,), ()),
        ("any", 1, {"x": [5], "y": []}, (5,), ()),
        ("all", 1, {"x": [1, 2], "y": [4]}, (1, 4), ()),
        ("all", 1, {"x": [9], "y": [4]}, (9, 4), ()),
        ("quorum", 1, {"x": [], "y": [4, 6]}, (4,), (6,)),
        ("quorum", 2, {"x": [3, 5], "y": [4], "z": [1]}, (1, 3), (4, 5)),
    ],
)
def test_what_is_taken(mode, count, waiting, consumed, surplus):
    listen = Listen(mode=mode, names=tuple(waiting), count=count)

    assert take(listen, inbox(**waiting)) == Taken(consumed=consumed, surplus=surplus)


@pytest.mark.parametrize(
    ("mode", "count", "waiting"),
    [("any", 1, {"x": [], "y": []}), ("all", 1, {"x": [1, 2], "y": []}), ("quorum", 2, {"x": [1, 2, 3], "y": []})],
)
def test_what_is_waited_for(mode, count, waiting):
    """Two votes of one name are one."""
    assert take(Listen(mode=mode, names=tuple(waiting), count=count), inbox(**waiting)) is None


@given(st.lists(st.sampled_from("xyz"), max_size=20), st.sampled_from(["any", "all", "quorum"]), st.integers(1, 3))
def test_everything_is_taken_once_in_order_or_left(order, mode, count):
    """Whatever comes: a name's events are used first in first out, and none twice."""
    waiting = inbox(x=[], y=[], z=[])
    for number, name in enumerate(order, 1):
        waiting[name].append(number)
    used = []
    while taken := take(Listen(mode=mode, names=("x", "y", "z"), count=count), waiting):
        for number in (*taken.consumed, *taken.surplus):
            waiting[order[number - 1]].remove(number)
            used.append(number)
        for name in "xyz":
            consumed = [number for number in taken.consumed if order[number - 1] == name]
            assert all(one < rest for one in consumed for rest in waiting[name])

    assert sorted(used + [number for numbers in waiting.values() for number in numbers]) == list(
        range(1, len(order) + 1)
    )


def test_14_first_takes_the_oldest_and_makes_the_others_worthless() -> None:
    listen = Listen(mode="first", names=("a", "b", "c"))

    assert take(listen, {"a": deque(), "b": deque(), "c": deque()}) is None
    assert take(listen, {"a": deque([4]), "b": deque([3, 5]), "c": deque()}) == Taken(consumed=(3,), surplus=(4, 5))
