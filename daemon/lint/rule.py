"""The base of every rule, and what a rule yields."""

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


class Rule(ABC):
    """A rule has a stable ``name``, a ``severity`` and one sentence of ``doc`` that says what is wrong."""

    name: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    doc: ClassVar[str]

    @abstractmethod
    def check(self, subject: Subject) -> Iterator[Finding]:
        """Every place of the chain that breaks it, in any order."""
