"""The nodes of a parsed expression. Every node knows the offset of its first character."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

ComparisonOperator = Literal["==", "!=", "<", "<=", ">", ">="]
LogicOperator = Literal["&&", "||"]
StatusName = Literal["success", "failure", "cancelled", "always", "finished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """``null``, ``true``, ``false``, a number or a quoted text."""

    value: Any
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The name that a path begins with: ``inputs``."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """``of.key`` or ``of[key]``."""

    of: "Node"
    key: "Node"
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """``of.*`` or ``of[*]``: every item; what follows it is asked of each of them."""

    of: "Node"
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """``!operand``."""

    operand: "Node"
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``left operator right``."""

    operator: ComparisonOperator
    left: "Node"
    right: "Node"
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic:
    """``a && b && c``: one node for the whole row, so that a long row is not deep."""

    operator: LogicOperator
    operands: tuple["Node", ...]
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``name(a, b)``; the name in lower case, the number of arguments within what the function takes."""

    name: str
    arguments: tuple["Node", ...]
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCall:
    """``success()`` and its kin. ``ids`` are those that it asks about; none means all that the condition depends on."""

    name: StatusName
    ids: tuple[Constant, ...]
    offset: int


Node = Constant | Context | Member | Filter | Not | Comparison | Logic | Call | StatusCall


_CHILDREN: Final[dict[type[Node], Callable[[Any], tuple[Node, ...]]]] = {
    Member: lambda node: (node.of, node.key),
    Filter: lambda node: (node.of,),
    Not: lambda node: (node.operand,),
    Comparison: lambda node: (node.left, node.right),
    Logic: lambda node: node.operands,
    Call: lambda node: node.arguments,
    StatusCall: lambda node: node.ids,
}


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, in the order of the text."""
    below = _CHILDREN.get(type(node))
    return below(node) if below else ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, from the outside in."""
    yield node
    for child in children(node):
        yield from walk(child)
