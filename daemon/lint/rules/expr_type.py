"""A part of an expression that can never mean anything, by the types that are declared."""

from collections.abc import Iterator

from chainwright.daemon.lint.expressions import at_node, expressions_of
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.shape_check import mistakes
from chainwright.daemon.lint.shapes import shapes_for
from chainwright.daemon.lint.subject import Subject


class ExprType(Rule):
    """Paths that do not exist at all are told by the rules of their contexts."""

    name = "expr-type"
    doc = "A part of an expression can never mean anything, by the types of its values."
    why = (
        "Where types are known (inputs, outputs, payloads, variables), a member that such a value cannot have is always null, "
        "a comparison of kinds that never meet has one answer, and a function cannot use every kind. The most frequent case "
        "is a boolean compared with `'true'`, a text: no boolean is ever equal to it."
    )
    bad = """
        inputs: {dry: {type: boolean, default: true}}
        agents:
          a: {if: inputs.dry == 'false', run: ./a.sh}
    """
    good = """
        inputs: {dry: {type: boolean, default: true}}
        agents:
          a: {if: inputs.dry == false, run: ./a.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such part."""
        for text, expression in expressions_of(subject.texts):
            for mistake in mistakes(expression.tree, shapes_for(subject, text)):
                yield Finding(
                    span=at_node(subject.document.source, text, expression, mistake.node),
                    message=mistake.message,
                    hint=mistake.hint,
                )
