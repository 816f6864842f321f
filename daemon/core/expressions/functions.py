"""The functions: GitHub's and ours, from values to a value.

Each takes the evaluation's budget and its arguments, whose number the parser has checked. GitHub's never complain about the kind of a
value; ours do, because a list that is none would otherwise go unnoticed. Case, default and now are the evaluator's: they do not look
at all of their arguments.
"""

from collections.abc import Callable, Sequence
from typing import Final

from chainwright.daemon.core.expressions.budget import Budget
from chainwright.daemon.core.expressions.errors import Fault
from chainwright.daemon.core.expressions.formatting import formatted
from chainwright.daemon.core.expressions.json_text import read, written
from chainwright.daemon.core.expressions.patterns import is_found, pattern_problem
from chainwright.daemon.core.expressions.values import (
    Json,
    Kind,
    equals,
    folded,
    is_primitive,
    is_truthy,
    kind_of,
    to_text,
)

_CALLED: Final[dict[Kind, str]] = {
    "null": "null",
    "boolean": "a boolean",
    "number": "a number",
    "string": "a text",
    "array": "a list",
    "object": "an object",
}


def _contains(budget: Budget, search: Json, item: Json) -> bool:
    if is_primitive(search):
        return is_primitive(item) and _folded(budget, item) in _folded(budget, search)
    if kind_of(search) != "array":
        return False
    budget.step(len(search))
    return any(equals(item, one) for one in search)


def _starts_with(budget: Budget, text: Json, start: Json) -> bool:
    return _both_primitive(text, start) and _folded(budget, text).startswith(_folded(budget, start))


def _ends_with(budget: Budget, text: Json, end: Json) -> bool:
    return _both_primitive(text, end) and _folded(budget, text).endswith(_folded(budget, end))


def _format(budget: Budget, text: Json, *arguments: Json) -> str:
    return formatted(budget, to_text(text), arguments)


def _join(budget: Budget, items: Json, separator: Json = ",") -> str:
    if is_primitive(items):
        return to_text(items)
    if kind_of(items) != "array":
        return ""
    between = to_text(separator) if is_primitive(separator) else ","
    for item in items:
        budget.step()
        budget.hold(len(to_text(item)) + len(between))
    return between.join(map(to_text, items))


def _to_json(budget: Budget, value: Json) -> str:
    return written(budget, value)


def _from_json(budget: Budget, text: Json) -> Json:
    return read(budget, to_text(text))


def _len(_budget: Budget, value: Json) -> int:
    if value is None:
        return 0
    if kind_of(value) not in ("string", "array", "object"):
        raise Fault(f"len() counts a text, a list or an object, this is {_CALLED[kind_of(value)]}")
    return len(value)


def _matches(budget: Budget, text: Json, pattern: Json) -> bool:
    if not _both_primitive(text, pattern):
        return False
    if problem := pattern_problem(to_text(pattern)):
        raise Fault(f"matches(): {problem}")
    return is_found(to_text(pattern), budget.read(to_text(text)))


def _any(budget: Budget, items: Json) -> bool:
    return any(map(is_truthy, _listed(budget, "any", items)))


def _all(budget: Budget, items: Json) -> bool:
    return all(map(is_truthy, _listed(budget, "all", items)))


def _listed(budget: Budget, name: str, items: Json) -> Sequence[Json]:
    """The items of a list; null counts as an empty one, as it does in len()."""
    if items is None:
        return ()
    if kind_of(items) != "array":
        raise Fault(f"{name}() takes a list, this is {_CALLED[kind_of(items)]}")
    budget.step(len(items))
    return tuple(items)


def _both_primitive(one: Json, other: Json) -> bool:
    return is_primitive(one) and is_primitive(other)


def _folded(budget: Budget, value: Json) -> str:
    return folded(budget.read(to_text(value)))


FUNCTIONS: Final[dict[str, Callable[..., Json]]] = {
    "contains": _contains,
    "startswith": _starts_with,
    "endswith": _ends_with,
    "format": _format,
    "join": _join,
    "tojson": _to_json,
    "fromjson": _from_json,
    "len": _len,
    "matches": _matches,
    "any": _any,
    "all": _all,
}
"""By name in lower case. A :class:`Fault` is what an argument or the budget does not allow."""
