"""What a conversion has to say to a person: points, each with its place in the file that was converted."""

from dataclasses import dataclass, field, replace

from chainwright.daemon.definition.source import Source
from chainwright.schemas.diagnostic import Diagnostic, Severity, Span


class Report:
    """Collects the points of one file, each once.

    A ``note`` says what became of something, a ``warning`` that something was not converted and what to do instead, an ``error`` that
    the chain cannot do its work before somebody acts.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._points: dict[Diagnostic, None] = {}

    def note(self, span: Span, rule: str, message: str, *, hint: str = "") -> None:
        """Adds what became of something that is converted."""
        self.add(span, Severity.NOTE, rule, message, hint=hint)

    def warn(self, span: Span, rule: str, message: str, *, hint: str = "") -> None:
        """Adds something that is not converted."""
        self.add(span, Severity.WARNING, rule, message, hint=hint)

    def error(self, span: Span, rule: str, message: str, *, hint: str = "") -> None:
        """Adds something without which the chain cannot work."""
        self.add(span, Severity.ERROR, rule, message, hint=hint)

    def add(self, span: Span, severity: Severity, rule: str, message: str, *, hint: str = "") -> None:
        """Adds a point, unless the same is already known."""
        point = Diagnostic(path=self.path, span=span, severity=severity, rule=rule, message=message, hint=hint)
        self._points[point] = None

    def take(self, points: tuple[Diagnostic, ...]) -> None:
        """Adds what the reader of the file found; what it would have in an empty file is for authors of chains."""
        self._points |= dict.fromkeys(replace(one, hint="") if one.rule == "missing-key" else one for one in points)

    @property
    def points(self) -> tuple[Diagnostic, ...]:
        """In the order of the file."""
        return tuple(sorted(self._points, key=lambda point: (point.span, point.rule, point.message)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What became of one file.

    ``files`` maps paths below the folder of chains to their texts: the chain, then agents that it uses. It is empty when the file could
    not be read as what it should be, which ``points`` then say. ``dialect`` is how the file was written.
    """

    source: Source
    dialect: str
    points: tuple[Diagnostic, ...]
    files: dict[str, str] = field(default_factory=dict)
