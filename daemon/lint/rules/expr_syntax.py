"""Expressions that cannot be compiled: rules that differ in the reason only."""

from collections.abc import Iterator

from chainwright.daemon.lint.expressions import path_to_come, place, unreadable
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class ExprSyntax(Rule):
    """What breaks the grammar."""

    name = "expr-syntax"
    doc = "An expression cannot be read."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for the first mistake of each text."""
        yield from unreadable(subject.document.source, subject.texts, self.name)


class ExprUnknownFunction(Rule):
    """Names of functions are read without regard to case."""

    name = "expr-unknown-function"
    doc = "An expression calls a function that does not exist."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for the first mistake of each text."""
        yield from unreadable(subject.document.source, subject.texts, self.name)


class ExprArity(Rule):
    """A function is given too few or too many arguments."""

    name = "expr-arity"
    doc = "A function is called with a number of arguments that it does not take."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for the first mistake of each text."""
        yield from unreadable(subject.document.source, subject.texts, self.name)


class ExprNotSupported(Rule):
    """What the language has and this version does not."""

    name = "not-supported"
    doc = "A feature of the language that this version does not have."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for the first mistake of each text, and for every path that nothing fills yet."""
        source = subject.document.source
        yield from unreadable(source, subject.texts, self.name)
        for text in subject.texts:
            for reference in text.references:
                if what := path_to_come(reference.path):
                    yield Finding(span=place(source, text, reference), message=f"{what} is not supported yet")
