"""Checks that need no session: an attempt that has done well so far is held to an expression, or one of its outputs to a schema."""

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
    """Why the check does not hold, for people and for the next attempt; None when it does."""
    if check.schema is not None:
        return _misfits(check, check.schema, outputs[check.output])
    contexts = attempt_contexts(state, attempt) | {"outputs": outputs}
    return _refuted(check.assertion or "", check.message, contexts)


def _misfits(check: Check, schema: Mapping[str, Any], value: Any) -> str | None:
    # It takes 150 ms to import what reads schemas, and few chains have any.
    from chainwright.daemon.core.json_schema import misfits  # noqa: PLC0415 - see above

    told = misfits(schema, value)
    said = f'the output "{check.output}" does not fit {check.schema_path}'
    return "\n".join((f"{said}:", *told))[:MAX_TEXT] if told else None


def _refuted(assertion: str, message: str, contexts: Mapping[str, Any]) -> str | None:
    """One that cannot be evaluated does not hold."""
    try:
        condition = parse_assertion(assertion)
        if condition.holds(contexts, _NO_STATUS):
            return None
        said = parse_template(message).text(contexts)
    except ExpressionError as error:
        return f"`{assertion}` cannot be evaluated: {error}"[:MAX_TEXT]
    return "\n".join(filter(None, (said, _why(assertion, condition, contexts))))[:MAX_TEXT]


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
