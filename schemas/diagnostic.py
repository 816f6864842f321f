"""A message to the author of a file: what is wrong, where, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """``error`` refuses the load, ``warning`` is very probably a mistake, ``note`` is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """A place in a file. Lines and columns count from 1, columns in characters; the end is exclusive."""

    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding. ``hint`` is the fix, in words; ``related`` points at the other place that it is about."""

    path: str
    span: Span
    severity: Severity
    rule: str
    message: str
    hint: str = ""
    related: tuple[Span, str] | None = None
