"""The legs that a strategy gives, by GitHub's rules (semantics 22)."""

from typing import Any

import pytest

from chainwright.daemon.core.graph import Strategy
from chainwright.daemon.core.matrix import MatrixError, combined, label, spread

FRUITS = {"fruit": ["apple", "pear"], "animal": ["cat", "dog"]}


def test_every_combination_is_a_leg_and_the_first_key_varies_slowest() -> None:
    assert combined({"os": ["linux", "mac"], "node": [10, 12]}) == [
        {"os": "linux", "node": 10},
        {"os": "linux", "node": 12},
        {"os": "mac", "node": 10},
        {"os": "mac", "node": 12},
    ]


def test_included_objects_follow_the_example_of_githubs_documentation() -> None:
    include = [
        {"color": "green"},
        {"color": "pink", "animal": "cat"},
        {"fruit": "apple", "shape": "circle"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]

    assert combined(FRUITS, include=include) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_included_objects_alone_are_a_leg_each() -> None:
    assert combined({}, include=[{"a": 1}, {"a": 2}, {"b": 3}]) == [{"a": 1}, {"a": 2}, {"b": 3}]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ([{"fruit": "apple", "animal": "cat"}], 3),
        ([{"fruit": "apple"}], 2),
        ([{"fruit": "APPLE"}], 2),
        ([{"fruit": "fig"}], 4),
        ([{"fruit": "apple"}, {"animal": "dog"}], 1),
        ([{"fruit": "apple"}, {"fruit": "pear"}], 0),
    ],
)
def test_an_excluded_object_takes_away_what_it_fits(exclude: list[dict[str, Any]], left: int) -> None:
    assert len(combined(FRUITS, exclude=exclude)) == left


def test_a_part_of_an_object_is_enough_to_exclude_it() -> None:
    values = {"os": [{"name": "linux", "node": 12}, {"name": "mac", "node": 12}]}

    assert combined(values, exclude=[{"os": {"name": "mac"}}]) == [{"os": {"name": "linux", "node": 12}}]


def test_what_was_excluded_can_be_included_again() -> None:
    legs = combined({"a": [1, 2]}, exclude=[{"a": 2}], include=[{"a": 2, "b": 3}])

    assert legs == [{"a": 1}, {"a": 2, "b": 3}]


def test_an_empty_list_leaves_no_combination() -> None:
    assert combined({"a": [1, 2], "b": []}) == []


def test_256_legs_are_allowed_and_no_more() -> None:
    assert len(combined({"a": list(range(256))})) == 256
    with pytest.raises(MatrixError, match="257 legs, at most 256"):
        combined({"a": list(range(256))}, include=[{"a": -1}])


def test_combinations_that_could_never_be_looked_through_are_refused_at_once() -> None:
    with pytest.raises(MatrixError, match="more than 65,536"):
        combined({name: list(range(256)) for name in "abcdefgh"}, exclude=[{"a": 1}])


def test_excluding_by_a_key_that_the_matrix_lacks_is_a_mistake() -> None:
    with pytest.raises(MatrixError, match='no "arch", it has os'):
        combined({"os": ["linux"]}, exclude=[{"arch": "arm"}])


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Strategy(matrix={"a": "${{ inputs.list }}"}), [{"a": 1}, {"a": 2}]),
        (Strategy(matrix={"a": ["${{ inputs.text }}"]}), [{"a": "x"}]),
        (Strategy(matrix="${{ inputs.whole }}"), [{"b": 1}, {"b": 2, "c": 3}]),
        (Strategy(include="${{ inputs.objects }}"), [{"d": 4}]),
    ],
)
def test_values_may_be_computed(strategy: Strategy, expected: list[dict[str, Any]]) -> None:
    inputs = {
        "list": [1, 2],
        "text": "x",
        "whole": {"b": [1, 2, 3], "exclude": [{"b": 3}], "include": [{"b": 2, "c": 3}]},
        "objects": [{"d": 4}],
    }

    assert spread(strategy, {"inputs": inputs}) == expected


@pytest.mark.parametrize(
    ("strategy", "why"),
    [
        (Strategy(matrix={"a": "${{ inputs.x }}"}), 'matrix.a: a list is expected, this is "text"'),
        (Strategy(matrix="${{ inputs.x }}"), 'matrix: an object of lists is expected, this is "text"'),
        (Strategy(matrix={"a": [1]}, exclude="${{ inputs.x }}"), 'exclude: a list is expected, this is "text"'),
        (Strategy(include=(1,)), "include: a list of objects is expected, this holds 1"),
    ],
)
def test_a_value_of_another_shape_is_said(strategy: Strategy, why: str) -> None:
    with pytest.raises(MatrixError) as refused:
        spread(strategy, {"inputs": {"x": "text"}})

    assert str(refused.value) == why


def test_a_label_is_the_values_in_a_row() -> None:
    assert label({"os": "linux", "node": {"major": 12, "lts": True}, "tags": ["a", None]}) == "linux, 12, true, a, "
