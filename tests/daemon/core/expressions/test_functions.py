"""Functions of our own, and what GitHub's cases leave open."""

from typing import Any

import pytest

from chainwright.daemon.core.expressions import NOW, ExpressionError, parse_template

CONTEXTS = {
    "inputs": {
        "topic": "Cats",
        "none": None,
        "zero": 0,
        "list": [1, 0, "a"],
        "id": 12345678901234567,
        "deep": {"a": 1},
    },
    "event": {"data": {"notes": [{"bad": False}, {"bad": True}, {}]}},
    NOW: 1_700_000_000.5,
}


def value(expression: str) -> Any:
    return parse_template("${{" + expression + "}}").evaluate(CONTEXTS)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("len('cats')", 4),
        ("len(inputs.list)", 3),
        ("len(inputs)", 6),
        ("len(null)", 0),
        ("matches(inputs.topic, 'a.s$')", True),
        ("matches(inputs.topic, '^cats$')", False),
        ("matches(inputs.topic, '(?i)^cats$')", True),
        ("matches(inputs.list, '.')", False),
        ("matches(123, '2')", True),
        ("default(inputs.none, 'x')", "x"),
        ("default(inputs.zero, 'x')", 0),
        ("default('', 'x')", ""),
        ("default(inputs.topic, fromJSON('no json'))", "Cats"),
        ("any(event.data.notes.*.bad)", True),
        ("all(event.data.notes.*.bad)", False),
        ("any(inputs.none)", False),
        ("all(fromJSON('[]'))", True),
        ("now()", 1_700_000_000.5),
        ("case(true, 1, fromJSON('no json'), 2, 3)", 1),
    ],
)
def test_our_functions(expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "offset", "part"),
    [
        ("len(1)", 3, "len() counts a text, a list or an object, this is a number"),
        ("1 == len(true)", 8, "this is a boolean"),
        ("any('a')", 3, "any() takes a list, this is a text"),
        ("all(inputs.deep)", 3, "all() takes a list, this is an object"),
        ("matches('a', '(')", 3, "the pattern cannot be read: missing )"),
        ("matches('a', '(?=a)')", 3, "invalid perl operator"),
        ("fromJSON('')", 3, "Error parsing JSON when evaluating fromJson: empty input"),
        ("fromJSON('[1,')", 3, "Error parsing JSON"),
        ("fromJSON('NaN')", 3, "NaN is not JSON"),
        ("format('{0:x}', 1)", 3, "The following format string is invalid: {0:x}"),
    ],
)
def test_an_evaluation_error_says_what_and_where(expression: str, offset: int, part: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value(expression)

    assert (caught.value.kind, caught.value.offset) == ("evaluation", offset)
    assert part in caught.value.message


def test_json_that_is_written_can_be_read_again_to_the_last_digit() -> None:
    assert value("toJSON(inputs.id)") == "12345678901234567"
    assert value("toJSON(fromJSON('[1.5, 1e3, 0.1, 1e400]'))") == "[\n  1.5,\n  1000,\n  0.1,\n  null\n]"
    assert value("fromJSON(toJSON(inputs)).list[2]") == "a"


def test_json_writes_numbers_as_the_language_does_unless_that_loses_digits() -> None:
    """GitHub's runner writes both with fifteen digits at most."""
    assert value("toJSON(0.00001)") == "1E-05"
    assert value("toJSON(fromJSON('[1e21, -2.5e-7]'))") == "[\n  1E+21,\n  -2.5E-07\n]"
    assert value("toJSON(fromJSON('0.1234567890123456'))") == "0.1234567890123456"
    assert value('toJSON(fromJSON(\'{"a":[],"b":{}, "ü":"\\n"}\'))') == '{\n  "a": [],\n  "b": {},\n  "ü": "\\n"\n}'


def test_texts_are_in_the_order_of_their_utf_16() -> None:
    """Beyond the first plane that is not the order of the code points; and text is compared with text, ASCII or not."""
    assert value("'\U0001f600' < '\uff21'") is True
    assert value("'a' < 'ä'") is True
    assert value("'Z' < 'ä'") is True


@pytest.mark.parametrize("sign", [1, -1])
def test_a_whole_number_beyond_all_doubles_is_infinite(sign: int) -> None:
    """JSON of an agent may hold one."""
    contexts = {"inputs": {"n": sign * 10**400}}
    said = parse_template("${{ inputs.n && true }} ${{ inputs.n > 0 }} ${{ inputs.n }}").evaluate(contexts)

    assert said == ("true true Infinity" if sign > 0 else "true false -Infinity")


def test_numbers_are_compared_as_doubles() -> None:
    """Also those that Python would tell apart."""
    assert value("inputs.id == 12345678901234568") is True


def test_a_context_is_written_as_json_although_it_is_worked_out_as_it_is_read() -> None:
    assert value("toJSON(event.data.notes[1])") == '{\n  "bad": true\n}'


def test_now_is_known_only_where_there_is_a_fact() -> None:
    with pytest.raises(ExpressionError, match=r"now\(\) is not known here"):
        parse_template("${{ now() }}").evaluate({})
