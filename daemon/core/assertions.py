"""Checks by ``assert``: an expression over what an attempt gave, decided here, when the attempt has done well so far."""

from collections.abc import Mapping
from typing import Any, Final

from chainwright.daemon.core.expressions import (
    Condition,
    ExpressionError,
    Status,
    parse_assertion,
    parse_template,
    plain,
)
from chainwright.daemon.core.graph import Check
from chainwright.daemon.core.state import AttemptState, RunState
from chainwright.daemon.core.stepping import attempt_contexts
from chainwright.daemon.core.value_types import shown

MAX_TEXT: Final = 4_000
"""Characters of what is said about a check: a message may quote an output of any size, and every further attempt carries it."""

_MAX_VALUES: Final = 8
_NO_STATUS: Final = Status()


def refuted(state: RunState, attempt: AttemptState, check: Check, outputs: Mapping[str, Any]) -> str | None:
    """Why the assertion does not hold, for people and for the next attempt; None when it does.

    One that cannot be evaluated does not hold.
    """
    assert check.assertion is not None
    contexts = attempt_contexts(state, attempt) | {"outputs": outputs}
    try:
        condition = parse_assertion(check.assertion)
        if condition.holds(contexts, _NO_STATUS):
            return None
        message = parse_template(check.message).text(contexts)
    except ExpressionError as error:
        return f"`{check.assertion}` cannot be evaluated: {error}"[:MAX_TEXT]
    return "\n".join(filter(None, (message, _why(check.assertion, condition, contexts))))[:MAX_TEXT]


def _why(written: str, condition: Condition, contexts: Mapping[str, Any]) -> str:
    """The assertion, and the values that it went by."""
    paths = list(dict.fromkeys(path for path in condition.references if "*" not in path))[:_MAX_VALUES]
    values = "; ".join(f"{'.'.join(path)} is {shown(plain(_value(path, contexts)))}" for path in paths)
    return f"`{written}` is false" + (f": {values}" if values else "")


def _value(path: tuple[str, ...], contexts: Mapping[str, Any]) -> Any:
    """What stands at a path, found as the evaluator finds it."""
    head, *steps = path
    keys = "".join("['{}']".format(step.replace("'", "''")) for step in steps)
    return parse_template(f"${{{{ {head}{keys} }}}}").evaluate(contexts)
