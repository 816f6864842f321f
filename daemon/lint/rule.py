"""The base of every rule, what a rule yields, and what is told about it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place that breaks a rule."""

    span: Span
    message: str
    hint: str = ""
    related: tuple[Span, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A rule as the documentation and SARIF show it; what each part is, :class:`Rule` says."""

    name: str
    severity: Severity = Severity.ERROR
    doc: str
    why: str
    bad: str
    good: str


class Rule(ABC):
    """What a rule is, and what its page in the documentation says. The two examples are linted by a test."""

    name: ClassVar[str]
    """Stable: ignores and scanners say it."""
    severity: ClassVar[Severity] = Severity.ERROR
    doc: ClassVar[str]
    """One sentence that says what is wrong."""
    why: ClassVar[str]
    """What would happen, and what is meant to be written instead; Markdown."""
    bad: ClassVar[str]
    """Files that break this rule and no other, as ``lint.examples`` reads them; indented as it suits the code."""
    good: ClassVar[str]
    """The same files as they should be, to which no rule says anything."""

    @property
    def entry(self) -> Entry:
        """What stands in the documentation."""
        return Entry(name=self.name, severity=self.severity, doc=self.doc, why=self.why, bad=self.bad, good=self.good)

    @abstractmethod
    def check(self, subject: Subject) -> Iterator[Finding]:
        """Every place of the chain that breaks it, in any order."""
