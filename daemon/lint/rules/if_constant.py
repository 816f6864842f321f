"""A condition that nothing can change."""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.expressions import Condition, ExpressionError, Status
from chainwright.daemon.core.expressions.tree import Call, Context, Node, StatusCall, walk
from chainwright.daemon.definition.nodes import Scalar, at
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity

_NO_STATUS: Final = Status()


class IfConstant(Rule):
    """``always()`` is meant to be so, and what names the time is not."""

    name = "if-constant"
    severity = Severity.WARNING
    doc = "A condition always has the same answer."
    why = (
        "A condition that reads nothing of the run is decided before it begins: the agent always starts, or never. A text "
        "in quotes, such as `'false'`, counts as true."
    )
    bad = """
        agents:
          a: {if: 1 > 2, run: ./a.sh}
    """
    good = """
        agents:
          a: {if: run.number > 2, run: ./a.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such condition that can be evaluated."""
        for text in subject.texts:
            condition = text.parsed
            if isinstance(condition, Condition) and (answer := _answer(condition)) is not None:
                yield _finding(text.scalar, answer)
        for agent in subject.known_ids:
            written = at(subject.root, "agents", agent, "if")
            if isinstance(written, Scalar) and isinstance(written.value, bool):
                yield _finding(written, written.value)


def _finding(scalar: Scalar, answer: bool) -> Finding:
    hint = "leave the condition away" if answer else "the agent never starts: leave it away, or ask something"
    return Finding(span=scalar.span, message=f"this is always {str(answer).lower()}", hint=hint)


def _answer(condition: Condition) -> bool | None:
    """What the condition always says; None where that depends on something, or is a mistake."""
    if any(map(_depends, walk(condition.expression.tree))):
        return None
    try:
        return condition.holds({}, _NO_STATUS)
    except ExpressionError:
        return None


def _depends(node: Node) -> bool:
    return isinstance(node, (Context, StatusCall)) or (isinstance(node, Call) and node.name == "now")
