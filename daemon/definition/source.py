"""The text of a file, and positions within it."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from chainwright.daemon.definition.nodes import Scalar
from chainwright.schemas.diagnostic import Diagnostic, Severity, Span

MAX_BYTES: Final = 256 * 1024

# What YAML 1.2 calls non-printable. JSON forbids the lower ones within strings, and nobody means the others.
_UNPRINTABLE: Final = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LINE_END: Final = re.compile(r"\r\n|\r|\n|\x85|\u2028|\u2029")
"""Line breaks as libyaml counts them; ``str.splitlines`` also breaks at form feeds."""


@dataclass(frozen=True)
class Source:
    """A file as text. ``path`` is what messages call it."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """Without their ends."""
        return LINE_END.split(self.text)

    def line(self, number: int) -> str:
        """The line with this number, from 1; empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def span(self, offset: int, length: int = 1) -> Span:
        """The place of ``length`` characters at an offset, cut at the end of its line."""
        before = LINE_END.split(self.text[:offset])
        line, column = len(before), len(before[-1]) + 1
        end = min(column + length, max(len(self.line(line)), column) + 1)
        return Span(line=line, column=column, end_line=line, end_column=end)

    def within(self, scalar: Scalar, offset: int, length: int = 1) -> Span:
        """The place of the character at ``offset`` of the scalar's value.

        YAML folds, escapes and indents, so value and text differ. Both are walked together by the characters that are not white:
        exact for all but escapes, and after one of those right again within a few characters.
        """
        if not isinstance(scalar.value, str):
            return scalar.span
        line, column = scalar.span.line, scalar.span.column + (scalar.style == "quoted")
        if scalar.style == "block":  # its header may hold a comment
            line, column = line + 1, 1
        place = self._aligned(scalar, "".join(scalar.value[:offset].split()), line, column)
        if place is None:
            return scalar.span
        end = min(place[1] + length, len(self.line(place[0])) + 1)
        return Span(line=place[0], column=place[1], end_line=place[0], end_column=max(end, place[1] + 1))

    def _aligned(self, scalar: Scalar, before: str, line: int, column: int) -> tuple[int, int] | None:
        """Line and column of the first character that is not white after those of ``before``."""
        at = 0
        for number in range(line, scalar.span.end_line + 1):
            text = self.line(number)
            for index in range(column - 1, len(text)):
                if at == len(before) and not text[index].isspace():
                    return number, index + 1
                if at < len(before) and text[index] == before[at]:
                    at += 1
            column = 1
        return None


MAX_FINDINGS: Final = 200
"""Errors of form that are reported of one file: whoever has more made one mistake many times."""


class Findings:
    """Collects the errors of one file, each once, up to a bound."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._found: dict[Diagnostic, None] = {}

    def error(
        self, span: Span, rule: str, message: str, *, hint: str = "", related: tuple[Span, str] | None = None
    ) -> None:
        """Adds an error, unless the same is already known or there are too many."""
        if not self.is_full:
            finding = Diagnostic(
                path=self.path,
                span=span,
                severity=Severity.ERROR,
                rule=rule,
                message=message,
                hint=hint,
                related=related,
            )
            self._found[finding] = None

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """In the order of the file."""
        return tuple(sorted(self._found, key=lambda finding: finding.span))

    @property
    def is_full(self) -> bool:
        """Whether nothing more will be reported; looking for hints is in vain then."""
        return len(self._found) >= MAX_FINDINGS

    @property
    def has_error(self) -> bool:
        """Whether the file must be refused."""
        return bool(self._found)


def decode(path: str, data: bytes, findings: Findings) -> Source:
    """The text of the file; what cannot be text is found and replaced, so that later positions still hold.

    An oversized file gives an empty text: nothing in it is read.
    """
    if len(data) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES:,} bytes, the most that a definition may have"
        findings.error(Span(end_column=2), "yaml-limits", message)
        return Source(path, "")
    text = data.decode("utf-8", errors="replace").removeprefix("\ufeff")
    source = Source(path, _UNPRINTABLE.sub("\ufffd", text))
    _check_utf8(data, source, findings)
    if found := _UNPRINTABLE.search(text):  # the first is enough: a binary file would give thousands
        message = f"control character U+{ord(found[0]):04X} cannot stand in a definition"
        findings.error(source.span(found.start()), "yaml-syntax", message)
    return source


def _check_utf8(data: bytes, source: Source, findings: Findings) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = len(data[: error.start].decode("utf-8").removeprefix("\ufeff"))
        message = f"byte 0x{data[error.start]:02X} is not UTF-8"
        findings.error(source.span(offset), "yaml-syntax", message, hint="save the file as UTF-8")
