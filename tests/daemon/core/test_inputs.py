"""Inputs, outputs and payloads against their declarations."""

from typing import Any

import pytest

from chainwright.daemon.core.graph import Input, ValueType
from chainwright.daemon.core.inputs import (
    check_inputs,
    check_outputs,
    check_payload,
)

TOPIC = Input(name="topic", default="agents")
REPOSITORY = Input(name="repo", required=True, pattern=r"^[\w.-]+/[\w.-]+$")


def problem_of(one: Input, value: Any, *, texts: bool = False) -> str:
    checked = check_inputs((one,), {one.name: value}, texts=texts)

    assert checked.values == {}
    (problem,) = checked.problems
    assert problem.name == one.name
    return problem.message


def test_what_is_not_given_is_the_default_or_null() -> None:
    checked = check_inputs((TOPIC, Input(name="other")), {})

    assert checked.values == {"topic": "agents", "other": None}
    assert checked.problems == ()


def test_null_counts_as_not_given_except_for_json() -> None:
    declared = (TOPIC, Input(name="data", type="json", default=1))

    assert check_inputs(declared, {"topic": None, "data": None}).values == {"topic": "agents", "data": None}


def test_a_required_input_has_to_be_given() -> None:
    (problem,) = check_inputs((REPOSITORY,), {}).problems

    assert problem.message == 'input "repo": a value is required'


def test_every_problem_is_reported_at_once() -> None:
    declared = (REPOSITORY, Input(name="pr", type="integer", required=True), TOPIC)

    checked = check_inputs(declared, {"pr": "three", "topc": "x"})

    assert [problem.name for problem in checked.problems] == ["topc", "repo", "pr"]
    assert checked.values == {"topic": "agents"}


def test_an_unknown_input_is_answered_with_the_near_one_or_with_all() -> None:
    near, far = check_inputs((TOPIC, Input(name="pr")), {"topc": 1, "zzz": 1}).problems

    assert (near.message, near.hint) == ('there is no input "topc"', 'did you mean "topic"?')
    assert far.hint == 'the inputs are "topic", "pr"'


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("string", "x", "x"),
        ("number", 1.5, 1.5),
        ("integer", 3.0, 3),
        ("boolean", False, False),
        ("json", {"a": [1, None]}, {"a": [1, None]}),
    ],
)
def test_a_value_of_its_type_is_kept(kind: ValueType, value: Any, kept: Any) -> None:
    value = check_inputs((Input(name="x", type=kind),), {"x": value}).values["x"]

    assert (value, type(value)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("string", 5, "a text is expected, this is a number, 5"),
        ("number", "5", 'a number is expected, this is a text, "5"'),
        ("number", True, "a number is expected, this is a boolean, true"),
        ("number", float("nan"), "a number is expected that JSON can write"),
        ("integer", 1.5, "an integer is expected, this is a number, 1.5"),
        ("integer", [1], "an integer is expected, this is a list"),
        ("boolean", "yes", 'true or false is expected, this is a text, "yes"'),
        ("json", object(), "cannot be written as JSON"),
        ("file", "x", "a file is expected"),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_it_is(kind: ValueType, value: Any, message: str) -> None:
    assert message in problem_of(Input(name="x", type=kind), value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "5", "5"),
        ("number", "5", 5),
        ("number", " -1.5e3 ", -1500.0),
        ("integer", "-12", -12),
        ("boolean", "true", True),
        ("json", '{"a": 1}', {"a": 1}),
    ],
)
def test_texts_of_a_command_line_become_the_declared_type(kind: ValueType, text: str, value: Any) -> None:
    checked = check_inputs((Input(name="x", type=kind),), {"x": text}, texts=True)

    assert checked.values == {"x": value}
    assert type(checked.values["x"]) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "1_0"),
        ("number", "inf"),
        ("integer", "1.0"),
        ("integer", "9" * 5000),
        ("boolean", "True"),
        ("json", "{"),
        ("json", "NaN"),
        ("json", "[" * 100_000),
        ("number", "1e9999"),
    ],
)
def test_a_text_that_does_not_spell_the_type_is_refused(kind: ValueType, text: str) -> None:
    assert "expected" in problem_of(Input(name="x", type=kind), text, texts=True)


def test_a_choice_is_one_of_its_options() -> None:
    lens = Input(name="lens", type="choice", options=("style", "security"))

    (problem,) = check_inputs((lens,), {"lens": "speed"}).problems

    assert problem.message == 'input "lens": "speed" is not one of its options'
    assert problem.hint == 'one of "style", "security"'
    assert check_inputs((lens,), {"lens": "style"}).values == {"lens": "style"}


def test_bounds_hold_for_a_numbers_value_and_a_texts_length() -> None:
    bounded = {"min": 2.0, "max": 3.0}

    assert "it is 1, at least 2 is expected" in problem_of(Input(name="x", type="integer", **bounded), 1)
    assert "it is 3.5, at most 3 is expected" in problem_of(Input(name="x", type="number", **bounded), 3.5)
    assert "its length is 4, at most 3" in problem_of(Input(name="x", **bounded), "abcd")


@pytest.mark.parametrize("value", ["a/b/c", "a b/c", "", "a/b\n"])
def test_a_text_has_to_match_its_pattern(value: str) -> None:
    assert "does not match" in problem_of(REPOSITORY, value)


def test_a_dollar_within_a_class_or_escaped_is_itself() -> None:
    price = Input(name="x", pattern=r"^[$€]\$$")

    assert check_inputs((price,), {"x": "$$"}).problems == ()


def test_a_pattern_is_searched_in_time_that_grows_with_the_text_alone() -> None:
    """2: a backtracking engine would not come back from this one."""
    slow = Input(name="x", pattern=r"^(a+)+$")

    assert "does not match" in problem_of(slow, "a" * 100_000 + "b")
    assert check_inputs((slow,), {"x": "a" * 100_000}).problems == ()


def test_a_pattern_of_an_older_engine_is_refused_with_its_reason() -> None:
    """A stored chain may hold one; the run is refused, not the daemon surprised."""
    assert "invalid perl operator: (?=" in problem_of(Input(name="x", pattern="(?=a)"), "a")


def test_outputs_become_their_declared_type() -> None:
    declared: dict[str, ValueType] = {
        "score": "number",
        "n": "integer",
        "ok": "boolean",
        "data": "json",
        "text": "string",
    }
    raw = {"score": "0.5", "n": "3", "ok": "true", "data": "[1]", "text": "1"}

    values, problems = check_outputs(declared, raw)

    assert values == {"score": 0.5, "n": 3, "ok": True, "data": [1], "text": "1"}
    assert problems == ()


def test_outputs_that_were_typed_already_are_kept() -> None:
    values, problems = check_outputs({"score": "number", "data": "json"}, {"score": 1, "data": {"a": 1}})

    assert (values, problems) == ({"score": 1, "data": {"a": 1}}, ())


def test_missing_undeclared_and_mistyped_outputs_are_named() -> None:
    values, problems = check_outputs({"score": "number", "report": "string", "n": "integer"}, {"scor": "1", "n": "x"})

    assert values == {}
    assert problems == (
        'output "scor" is not declared (did you mean "score"?)',
        'output "score" was not written',
        'output "report" was not written',
        'output "n": an integer is expected, this is a text, "x"',
    )


def test_a_payload_fits_when_each_declared_field_is_there_in_its_type() -> None:
    assert check_payload({"draft": "string", "n": "integer"}, {"draft": "x", "n": 1, "more": None}) == ()
    assert check_payload(None, "anything") == ()
    assert check_payload({}, None) == ()


def test_a_payload_that_does_not_fit_is_told_field_by_field() -> None:
    assert check_payload({"draft": "string", "n": "integer"}, {"n": "1"}) == (
        'the event\'s data lacks "draft"',
        '"n" in the event\'s data: an integer is expected, this is a text, "1"',
    )
    assert check_payload({"draft": "string"}, None) == (
        'the event\'s data has to be an object with "draft", this is null',
    )


# choices

LEVELS = {"level": ("low", "high")}


def test_an_output_that_is_a_choice_is_one_of_its_options() -> None:
    """The allowed ones are named."""
    declared: dict[str, ValueType] = {"level": "choice"}

    assert check_outputs(declared, {"level": "low"}, options=LEVELS) == ({"level": "low"}, ())
    assert check_outputs(declared, {"level": "urgent"}, options=LEVELS) == (
        {},
        ('output "level": "urgent" is none of "low", "high"',),
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("high", ()),
        ("urgent", ('"level" in the event\'s data: "urgent" is none of "low", "high"',)),
        (1, ('"level" in the event\'s data: a text is expected, this is a number, 1',)),
    ],
)
def test_a_field_that_is_a_choice_is_one_of_its_options(value: Any, told: tuple[str, ...]) -> None:
    assert check_payload({"level": "choice"}, {"level": value}, LEVELS) == told
