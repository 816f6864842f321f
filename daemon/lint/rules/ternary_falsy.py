"""``a && b || c`` where ``b`` counts as false."""

from collections.abc import Iterator

from chainwright.daemon.core.expressions.tree import Constant, Logic, Node, walk
from chainwright.daemon.core.expressions.values import is_truthy
from chainwright.daemon.lint.expressions import at_node, expressions_of
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class TernaryFalsy(Rule):
    """Only where the middle is written there: whether another value can count as false is not known."""

    name = "ternary-falsy"
    severity = Severity.WARNING
    doc = "The middle of `a && b || c` counts as false, so it is never the answer."
    why = (
        "`a && b || c` is `c` whenever `b` counts as false: `''`, `0`, `false` and `null` do. `case(a, b, c)` chooses by "
        "`a` alone."
    )
    bad = """
        inputs: {dry: {type: boolean, default: true}}
        agents:
          a: {env: {FLAG: "${{ inputs.dry && '' || '--push' }}"}, run: ./a.sh}
    """
    good = """
        inputs: {dry: {type: boolean, default: true}}
        agents:
          a: {env: {FLAG: "${{ case(inputs.dry, '', '--push') }}"}, run: ./a.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such middle."""
        for text, expression in expressions_of(subject.texts):
            for middle in (one for node in walk(expression.tree) for one in _middles(node)):
                yield Finding(
                    span=at_node(subject.document.source, text, expression, middle),
                    message="this counts as false, so what stands after || is always the answer",
                    hint="case(a, b, c) chooses by a alone",
                )


def _middles(node: Node) -> Iterator[Constant]:
    if not (isinstance(node, Logic) and node.operator == "||"):
        return
    for operand in node.operands[:-1]:
        if isinstance(operand, Logic) and operand.operator == "&&":
            last = operand.operands[-1]
            if isinstance(last, Constant) and not is_truthy(last.value):
                yield last
