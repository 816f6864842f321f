"""Tree and contexts → value. Pure: there are no loops but those over the items of a value, and no attribute of a Python object is
read.

A property that is not there is null, never an error: whether it can be there is the lint's question. Everything that depends on the
size of a value takes it from the evaluation's budget.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from chainwright.daemon.core.expressions.budget import Budget
from chainwright.daemon.core.expressions.errors import ExpressionError, Fault
from chainwright.daemon.core.expressions.functions import FUNCTIONS
from chainwright.daemon.core.expressions.status import Status, answer
from chainwright.daemon.core.expressions.tree import (
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    Context,
    Filter,
    Logic,
    Member,
    Node,
    Not,
    StatusCall,
)
from chainwright.daemon.core.expressions.values import (
    Filtered,
    Json,
    equals,
    is_less,
    is_truthy,
    items_of,
    member,
    members,
)

NOW: Final = "now()"
"""The key among the contexts under which the time of the fact stands: no context can be called that."""

_COMPARE: Final[dict[ComparisonOperator, Callable[[Json, Json], bool]]] = {
    "==": equals,
    "!=": lambda left, right: not equals(left, right),
    "<": is_less,
    "<=": lambda left, right: equals(left, right) or is_less(left, right),
    ">": lambda left, right: is_less(right, left),
    ">=": lambda left, right: equals(left, right) or is_less(right, left),
}


def evaluate(node: Node, contexts: Mapping[str, Json], status: Status) -> Json:
    """The value of the tree; ``contexts`` maps the lower-case names of contexts to their values, and :data:`NOW` to a time.

    Raises :class:`ExpressionError` of kind ``evaluation``, and nothing else.
    """
    return _Evaluation(contexts, status).value(node)


class _Evaluation:
    """One evaluation: what it sees, and what it may still cost."""

    __slots__ = ("budget", "contexts", "status")

    def __init__(self, contexts: Mapping[str, Json], status: Status) -> None:
        self.contexts = contexts
        self.status = status
        self.budget = Budget()

    def value(self, node: Node) -> Json:
        return _EVALUATE[type(node)](self, node)

    def constant(self, node: Constant) -> Json:
        return node.value

    def context(self, node: Context) -> Json:
        return self.contexts.get(node.name)

    def member(self, node: Member) -> Json:
        key, of = self.value(node.key), self.value(node.of)
        if isinstance(of, Filtered):
            self._look_at(of, node)
            return members(of, key)
        return member(of, key)

    def filter(self, node: Filter) -> Json:
        of = self.value(node.of)
        if not isinstance(of, Filtered):
            found = Filtered(items_of(of))
        else:
            found = Filtered(item for inner in of for item in items_of(inner))
        self._look_at(found, node)
        return found

    def negation(self, node: Not) -> Json:
        return not is_truthy(self.value(node.operand))

    def comparison(self, node: Comparison) -> Json:
        return _COMPARE[node.operator](self.value(node.left), self.value(node.right))

    def logic(self, node: Logic) -> Json:
        """The first operand that decides, as it is; the others are not looked at."""
        decides = node.operator == "||"
        value: Json = None
        for operand in node.operands:
            value = self.value(operand)
            if is_truthy(value) is decides:
                break
        return value

    def call(self, node: Call) -> Json:
        """Special forms look at the arguments that they need; functions are given the values of all."""
        try:
            if special := _SPECIAL.get(node.name):
                return special(self, node)
            return self._function(node)
        except Fault as fault:
            raise _error(fault, node) from None

    def status_call(self, node: StatusCall) -> Json:
        try:
            return answer(node.name, tuple(one.value for one in node.ids), self.status)
        except Fault as fault:
            raise _error(fault, node) from None

    def _function(self, node: Call) -> Json:
        """What the arguments hold is let go once the result is there."""
        before = self.budget.held
        arguments = [self.value(argument) for argument in node.arguments]
        given = self.budget.held
        result = FUNCTIONS[node.name](self.budget, *arguments)
        self.budget.held += before - given
        return result

    def _look_at(self, items: Filtered, node: Node) -> None:
        try:
            self.budget.step(1 + len(items))
        except Fault as fault:
            raise _error(fault, node) from None

    def case(self, node: Call) -> Json:
        """The value after the first predicate that is true; predicates behind it and other values are not evaluated."""
        *pairs, otherwise = node.arguments
        for predicate, value in zip(pairs[::2], pairs[1::2], strict=True):
            holds = self.value(predicate)
            if not isinstance(holds, bool):
                raise Fault("case predicate must evaluate to a boolean value")
            if holds:
                return self.value(value)
        return self.value(otherwise)

    def default(self, node: Call) -> Json:
        """The first argument, or in place of null the second."""
        first, otherwise = node.arguments
        value = self.value(first)
        return self.value(otherwise) if value is None else value

    def now(self, _node: Call) -> Json:
        """The time of the fact that is being decided on."""
        if NOW not in self.contexts:
            raise Fault("now() is not known here")
        return self.contexts[NOW]


def _error(fault: Fault, node: Node) -> ExpressionError:
    return ExpressionError(str(fault), "evaluation", node.offset)


_EVALUATE: Final[dict[type[Node], Callable[[_Evaluation, Any], Json]]] = {
    Constant: _Evaluation.constant,
    Context: _Evaluation.context,
    Member: _Evaluation.member,
    Filter: _Evaluation.filter,
    Not: _Evaluation.negation,
    Comparison: _Evaluation.comparison,
    Logic: _Evaluation.logic,
    Call: _Evaluation.call,
    StatusCall: _Evaluation.status_call,
}
_SPECIAL: Final[dict[str, Callable[[_Evaluation, Call], Json]]] = {
    "case": _Evaluation.case,
    "default": _Evaluation.default,
    "now": _Evaluation.now,
}
"""Functions that are not given the values of all their arguments."""
