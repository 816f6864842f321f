"""Tree and contexts → value. Pure, and as long as the tree: there are no loops, and no attribute of a Python object is read.

A property that is not there is null, never an error: whether it can be there is the lint's question.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chainwright.daemon.core.expressions.tree import (
    Comparison,
    ComparisonOperator,
    Constant,
    Context,
    Logic,
    Member,
    Node,
    Not,
    StatusCall,
    StatusName,
)
from chainwright.daemon.core.expressions.values import Json, equals, is_less, is_truthy, member


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How that on which a condition depends has gone so far: what ``success()`` and its kin answer."""

    success: bool = True
    failure: bool = False
    cancelled: bool = False


_COMPARE: Final[dict[ComparisonOperator, Callable[[Json, Json], bool]]] = {
    "==": equals,
    "!=": lambda left, right: not equals(left, right),
    "<": is_less,
    "<=": lambda left, right: equals(left, right) or is_less(left, right),
    ">": lambda left, right: is_less(right, left),
    ">=": lambda left, right: equals(left, right) or is_less(right, left),
}

_STATUS: Final[dict[StatusName, Callable[[Status], bool]]] = {
    "success": lambda status: status.success,
    "failure": lambda status: status.failure,
    "cancelled": lambda status: status.cancelled,
    "always": lambda _: True,
    "finished": lambda status: not status.cancelled,
}


def evaluate(node: Node, contexts: Mapping[str, Json], status: Status) -> Json:
    """The value of the tree; ``contexts`` maps the lower-case names of contexts to their values."""
    return _EVALUATE[type(node)](node, contexts, status)


def _constant(node: Constant, _contexts: Mapping[str, Json], _status: Status) -> Json:
    return node.value


def _context(node: Context, contexts: Mapping[str, Json], _status: Status) -> Json:
    return contexts.get(node.name)


def _member(node: Member, contexts: Mapping[str, Json], status: Status) -> Json:
    return member(evaluate(node.of, contexts, status), node.key.value)


def _not(node: Not, contexts: Mapping[str, Json], status: Status) -> Json:
    return not is_truthy(evaluate(node.operand, contexts, status))


def _comparison(node: Comparison, contexts: Mapping[str, Json], status: Status) -> Json:
    compare = _COMPARE[node.operator]
    return compare(evaluate(node.left, contexts, status), evaluate(node.right, contexts, status))


def _logic(node: Logic, contexts: Mapping[str, Json], status: Status) -> Json:
    """The first operand that decides, as it is; the others are not looked at."""
    decides = node.operator == "||"
    value: Json = None
    for operand in node.operands:
        value = evaluate(operand, contexts, status)
        if is_truthy(value) is decides:
            break
    return value


def _status_call(node: StatusCall, _contexts: Mapping[str, Json], status: Status) -> Json:
    return _STATUS[node.name](status)


_EVALUATE: Final[dict[type[Node], Callable[[Any, Mapping[str, Json], Status], Json]]] = {
    Constant: _constant,
    Context: _context,
    Member: _member,
    Not: _not,
    Comparison: _comparison,
    Logic: _logic,
    StatusCall: _status_call,
}
