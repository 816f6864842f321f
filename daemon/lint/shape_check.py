"""Shapes through an expression: what each part of it is, and what can never mean anything.

Only what is sure is told: a value of a known kind that has no such member, an argument of a kind that the function cannot use, and a
comparison that has one answer whatever comes. GitHub evaluates all of these to null or false without a word.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from chainwright.daemon.core.expressions.patterns import pattern_problem
from chainwright.daemon.core.expressions.tree import (
    Call,
    Comparison,
    Constant,
    Context,
    Filter,
    Logic,
    Member,
    Node,
    Not,
    StatusCall,
)
from chainwright.daemon.core.expressions.values import folded, kind_of, parse_number
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.shapes import BOOLEAN, FILTERED, NUMBER, TEXT, UNKNOWN, Shape


class Mistake(NamedTuple):
    """The part of the expression, what is wrong with it, and what to do."""

    node: Node
    message: str
    hint: str


def mistakes(tree: Node, contexts: Mapping[str, Shape]) -> list[Mistake]:
    """What in the expression can never mean anything, given the shapes of the contexts by lower-case name."""
    walk = _Walk(contexts)
    walk.shape(tree)
    return walk.found


@dataclass(slots=True)
class _Walk:
    """One pass over a tree; each part's shape is worked out once."""

    contexts: Mapping[str, Shape]
    found: list[Mistake] = field(default_factory=list)

    def shape(self, node: Node) -> Shape:
        return _SHAPES[type(node)](self, node)

    def tell(self, node: Node, message: str, hint: str = "") -> Shape:
        self.found.append(Mistake(node, message, hint))
        return UNKNOWN

    def constant(self, node: Constant) -> Shape:
        return Shape(kind=kind_of(node.value))

    def context(self, node: Context) -> Shape:
        return self.contexts.get(node.name, UNKNOWN)

    def member(self, node: Member) -> Shape:
        of = self.shape(node.of)
        self.shape(node.key)
        key = node.key.value if isinstance(node.key, Constant) else None
        if of.is_primitive:
            hint = "fromJSON(…) reads an object or a list from a text" if of.kind == "string" else ""
            return self.tell(node.key, f"this asks {of.called} for {_quoted(key)}, which is always null", hint)
        if of.filtered:
            return FILTERED
        if of.kind == "array" and isinstance(key, str) and math.isnan(parse_number(key)):
            return self.tell(node.key, f'a list has no "{key}"', f"write [0], or .*.{key} for that of every item")
        return self._field(node, of, key) if isinstance(key, str) and of.fields is not None else UNKNOWN

    def _field(self, node: Member, of: Shape, key: str) -> Shape:
        fields = {folded(name): shape for name, shape in (of.fields or {}).items()}
        if folded(key) not in fields and of.closed:
            return self.tell(node.key, f'this has no "{key}"', near(key, of.fields or ()))
        return fields.get(folded(key), UNKNOWN)

    def filter(self, node: Filter) -> Shape:
        of = self.shape(node.of)
        if of.is_primitive:
            self.tell(node, f"{of.called} has no items, so .* of it is empty")
        return FILTERED

    def negation(self, node: Not) -> Shape:
        self.shape(node.operand)
        return BOOLEAN

    def comparison(self, node: Comparison) -> Shape:
        left, right = self.shape(node.left), self.shape(node.right)
        if problem := _incomparable(node, left, right):
            self.tell(node, *problem)
        return BOOLEAN

    def logic(self, node: Logic) -> Shape:
        shapes = [self.shape(operand) for operand in node.operands]
        return shapes[0] if all(shape == shapes[0] for shape in shapes) else UNKNOWN

    def status_call(self, _node: StatusCall) -> Shape:
        return BOOLEAN

    def call(self, node: Call) -> Shape:
        shapes = [self.shape(argument) for argument in node.arguments]
        for number, (argument, shape) in enumerate(zip(node.arguments, shapes, strict=True)):
            if refusal := _refused(node, number, shape):
                self.tell(argument, *refusal)
        if node.name == "matches":
            self._pattern(node.arguments[1])
        return _RESULTS.get(node.name, UNKNOWN)

    def _pattern(self, pattern: Node) -> None:
        if isinstance(pattern, Constant) and isinstance(pattern.value, str):
            problem = pattern_problem(pattern.value)
            if problem:
                self.tell(pattern, problem, "patterns are RE2's: no back references, nothing that looks around")


_SHAPES: Final[dict[type[Node], Callable[[_Walk, Any], Shape]]] = {
    Constant: _Walk.constant,
    Context: _Walk.context,
    Member: _Walk.member,
    Filter: _Walk.filter,
    Not: _Walk.negation,
    Comparison: _Walk.comparison,
    Logic: _Walk.logic,
    Call: _Walk.call,
    StatusCall: _Walk.status_call,
}
_RESULTS: Final = {
    **dict.fromkeys(("contains", "startswith", "endswith", "matches", "any", "all"), BOOLEAN),
    **dict.fromkeys(("format", "join", "tojson"), TEXT),
    **dict.fromkeys(("len", "now"), NUMBER),
}

_LISTS: Final = frozenset({"array", "object"})
_NO_LIST: Final = frozenset({"boolean", "number", "string", "object"})


class _Refusal(NamedTuple):
    """What a function does, the kinds that it cannot use, and for which arguments: the first, or each."""

    does: str
    kinds: frozenset[str]
    first_only: bool = True
    hint: str = ""


_REFUSED: Final = {
    "contains": _Refusal("contains looks in a text or a list", frozenset({"object"}), hint="contains(toJSON(…), …)"),
    "startswith": _Refusal("startsWith compares texts", _LISTS, first_only=False),
    "endswith": _Refusal("endsWith compares texts", _LISTS, first_only=False),
    "matches": _Refusal("matches looks in a text", _LISTS, first_only=False),
    "format": _Refusal(
        "format puts texts in", _LISTS, first_only=False, hint="toJSON(…) makes it one, join(…) strings a list together"
    ),
    "join": _Refusal("join strings a list together", frozenset({"object"}), hint="take the values with .*"),
    "fromjson": _Refusal("fromJSON reads a text", _LISTS, hint="leave fromJSON away"),
    "len": _Refusal("len counts a text, a list or an object", frozenset({"boolean", "number"})),
    "any": _Refusal("any takes a list", _NO_LIST),
    "all": _Refusal("all takes a list", _NO_LIST),
}


def _refused(call: Call, number: int, shape: Shape) -> tuple[str, str] | None:
    """Why the function cannot use its argument with this number."""
    if call.name == "case" and number % 2 == 0 and number < len(call.arguments) - 1:
        is_fine = shape.kind in (None, "boolean")
        return None if is_fine else (f"case asks for true or false here, this is {shape.called}", "compare it")
    refusal = _REFUSED.get(call.name)
    if refusal is None or shape.kind not in refusal.kinds or (refusal.first_only and number > 0):
        return None
    return f"{refusal.does}, this is {shape.called}", refusal.hint


def _incomparable(node: Comparison, left: Shape, right: Shape) -> tuple[str, str] | None:
    """Why the comparison has one answer, whatever comes; null is compared with anything."""
    kinds = {left.kind, right.kind}
    if None in kinds or "null" in kinds or left.kind == right.kind:
        return None
    if kinds & _LISTS:
        return f"{left.called} and {right.called} are never equal, and have no order", ""
    for one, other in ((node.left, right), (node.right, left)):
        if isinstance(one, Constant) and isinstance(one.value, str) and math.isnan(parse_number(one.value)):
            hint = f"write {one.value} without quotes" if one.value in ("true", "false") else ""
            return f"{other.called} is never equal to the text {_quoted(one.value)}, and has no order with it", hint
    return None


def _quoted(key: object) -> str:
    return f'"{key}"' if isinstance(key, str) else "a member"
