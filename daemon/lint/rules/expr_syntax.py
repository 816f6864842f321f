"""Expressions that cannot be compiled: rules that differ in the reason only."""

from collections.abc import Iterator

from chainwright.daemon.lint.expressions import unreadable
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class ExprSyntax(Rule):
    """What breaks the grammar."""

    name = "expr-syntax"
    doc = "An expression cannot be read."
    why = (
        "Expressions follow the grammar of GitHub Actions. In `if` the whole field is one; anywhere else it stands in "
        "`${{ }}`."
    )
    bad = """
        agents:
          a: {run: ./a.sh, if: run.number ==}
    """
    good = """
        agents:
          a: {run: ./a.sh, if: run.number == 1}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for the first mistake of each text."""
        yield from unreadable(subject.document.source, subject.texts, self.name)


class ExprUnknownFunction(Rule):
    """Names of functions are read without regard to case."""

    name = "expr-unknown-function"
    doc = "An expression calls a function that does not exist."
    why = "A function that does not exist has no value. Names are compared without regard to case."
    bad = """
        agents:
          a: {run: ./a.sh}
          b: {needs: a, if: sucess(), run: ./b.sh}
    """
    good = """
        agents:
          a: {run: ./a.sh}
          b: {needs: a, if: success(), run: ./b.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for the first mistake of each text."""
        yield from unreadable(subject.document.source, subject.texts, self.name)


class ExprArity(Rule):
    """A function is given too few or too many arguments."""

    name = "expr-arity"
    doc = "A function is called with a number of arguments that it does not take."
    why = "With too few arguments there is nothing to work out, and one too many is nearly always a misplaced bracket."
    bad = """
        inputs: {topic: {type: string, required: true}}
        agents:
          a: {if: contains(inputs.topic), run: ./a.sh}
    """
    good = """
        inputs: {topic: {type: string, required: true}}
        agents:
          a: {if: "contains(inputs.topic, 'cats')", run: ./a.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for the first mistake of each text."""
        yield from unreadable(subject.document.source, subject.texts, self.name)


class IfText(Rule):
    """GitHub takes such a condition for a text, which is always true."""

    name = "if-text"
    doc = "A condition has text around its `${{ }}`."
    why = (
        "Whatever stands beside `${{ }}` makes the whole a text, and a text that is not empty counts as true. In `if` the "
        "braces stand around everything or nowhere."
    )
    bad = """
        agents:
          a: {if: "${{ run.number }} > 1", run: ./a.sh}
    """
    good = """
        agents:
          a: {if: "${{ run.number > 1 }}", run: ./a.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such condition."""
        yield from unreadable(subject.document.source, subject.texts, self.name)
