"""Whatever an author writes, it is a value or an :class:`ExpressionError` of the kind of its phase, with a place inside the text."""

import json
import math
import os
import shlex
from collections.abc import Sequence
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from chainwright.daemon.core.expressions import NOW, ExpressionError, Status, parse_condition, parse_template
from chainwright.daemon.core.expressions.evaluator import evaluate
from chainwright.daemon.core.expressions.parser import parse
from chainwright.daemon.core.expressions.signatures import SIGNATURES
from chainwright.daemon.core.expressions.tree import Node
from chainwright.daemon.core.expressions.values import kind_of, to_text
from chainwright.daemon.core.expressions.vocabulary import IN_CONDITION

EXAMPLES = int(os.environ.get("CHAINWRIGHT_FUZZ_EXAMPLES", "20000"))
AT_ONCE = 100
"""Inputs of one example, from the seed that is told when one fails: drawing each by itself costs more than reading it."""
FUZZED = settings(max_examples=EXAMPLES // AT_ONCE, derandomize=False, database=None, phases=[Phase.generate])

_WORDS = shlex.split("( ) [ ] , . .* [*] ! == != < <= > >= && || 0 1 -1.5 .5e3 0xff NaN null true 9e999 @ $ ? ä")
_PIECES = [
    *_WORDS,
    *(f"{name}(" for name in (*SIGNATURES, "success", "failure", "nope")),
    *("inputs", "inputs.list", "inputs.deep", "inputs['text']", "event.data", "secrets.X", "needs", "vars.", "NOPE"),
    *("'a'", "'{0}{0}'", "'[1, {\"a\": null}]'", "'(a+)+$'", "'a''b'", "'", "''", "'write'", " ", "\n", "${{", "}}"),
    "\ud800",
]
_CONTEXTS = {
    "inputs": {
        "list": [1, None, "a", {"a": [True]}, math.nan],
        "deep": {"A": {"b": [[], {}]}},
        "text": "x" * 50,
        "n": 10**400,
    },
    "event": {"data": [{"bad": True}, {}], "time": 1.5},
    "needs": {"write": {"result": "success", "outputs": {"score": 0.5}}},
    "vars": {},
    NOW: 5.5,
}
_STATUS = Status(results={"write": "failure"})
_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


def _text(chance: Random, pieces: Sequence[str], most: int) -> str:
    """Most are short, because those are more often right."""
    return "".join(chance.choices(pieces, k=min(most, 1 + int(chance.expovariate(3 / most)))))


def _read(text: str) -> Node | None:
    try:
        return parse(text, IN_CONDITION)
    except ExpressionError as error:
        assert error.kind in ("lexing", "parsing")
        assert 0 <= error.offset <= len(text)
        return None


@FUZZED
@given(st.integers(0, 2**64))
def test_an_expression_has_a_value_or_an_error_of_its_phase(seed: int) -> None:
    """The parser is total, and evaluation raises nothing but its own kind."""
    chance = Random(seed)
    for _ in range(AT_ONCE):
        _is_valued_or_refused(_text(chance, _PIECES, 20))


def _is_valued_or_refused(text: str) -> None:
    tree = _read(text)
    if tree is None:
        return
    try:
        value = evaluate(tree, _CONTEXTS, _STATUS)
    except ExpressionError as error:
        assert error.kind == "evaluation"
        assert 0 <= error.offset <= len(text)
        return
    kind_of(value)
    to_text(value)


@FUZZED
@given(st.integers(0, 2**64))
def test_any_text_is_compiled_or_refused_with_a_place_inside_it(seed: int) -> None:
    chance = Random(seed)
    for _ in range(AT_ONCE):
        _is_compiled_or_refused(_text(chance, "${} '.!&|=<>()[]*,aeinptsuv019_-\n", 60))


def _is_compiled_or_refused(text: str) -> None:
    for compiled in (parse_template, parse_condition):
        try:
            compiled(text)
        except ExpressionError as error:
            assert error.kind != "evaluation"
            assert 0 <= error.offset <= len(text)


def _value(expression: str, **contexts: object) -> object:
    return evaluate(parse(expression, IN_CONDITION), contexts, _STATUS)


@given(st.text(max_size=200))
def test_a_quoted_text_is_itself(text: str) -> None:
    assert _value("'" + text.replace("'", "''") + "'") == text


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53))
def test_a_number_that_is_written_is_itself(number: float) -> None:
    assert _value(repr(number)) == number


@given(_VALUES)
def test_json_that_is_written_and_read_is_itself(value: object) -> None:
    """Also for whoever reads it with another reader."""
    assert _value("fromJSON(toJSON(inputs))", inputs=value) == value
    assert json.loads(str(_value("toJSON(inputs)", inputs=value))) == value
