"""What an expression may cost: a bomb is an evaluation error, and the daemon does not feel it."""

import pytest

from chainwright.daemon.core.expressions import ExpressionError, parse_template
from chainwright.daemon.core.expressions.budget import MAX_BYTES

TENFOLD = "{0}" * 10


def value(expression: str, **contexts: object) -> object:
    return parse_template("${{" + expression + "}}").evaluate(contexts)


def bomb(levels: int) -> str:
    """``format`` within ``format``: each level makes ten times as much."""
    expression = "'x'"
    for _ in range(levels):
        expression = f"format('{TENFOLD}', {expression})"
    return expression


@pytest.mark.parametrize(
    "expression",
    [
        bomb(40),
        "join(inputs.many, format('" + "{0}" * 100 + "', inputs.text))",
        "toJSON(inputs.deep)",
        "fromJSON(inputs.text_of_deep)",
    ],
)
def test_what_grows_too_large_or_too_deep_is_an_evaluation_error(expression: str) -> None:
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    inputs = {
        "many": [1] * 1_000,
        "text": "x" * 100,
        "deep": deep,
        "text_of_deep": "[" * 90_000 + "]" * 90_000,
    }

    with pytest.raises(ExpressionError, match=r"memory size was exceeded|levels deep") as caught:
        value(expression, inputs=inputs)

    assert caught.value.kind == "evaluation"


def test_the_number_of_items_that_are_looked_at_is_bounded() -> None:
    look = " || ".join(["contains(inputs.many, 2)"] * 300)

    with pytest.raises(ExpressionError, match="steps was exceeded"):
        value(look, inputs={"many": [1] * 1_000})


def test_filters_count_what_they_look_at() -> None:
    nested = [[[1] * 100] * 100] * 100

    with pytest.raises(ExpressionError, match="steps was exceeded") as caught:
        value("inputs.nested.*.*.*", inputs={"nested": nested})

    assert caught.value.offset == 3


def test_what_an_argument_held_is_let_go() -> None:
    """A row of comparisons may each make nearly as much as is allowed."""
    text = "x" * (MAX_BYTES // 5)
    asked = " && ".join(["startsWith(format('{0}', inputs.text), 'x')"] * 20)

    assert value(asked, inputs={"text": text}) is True
