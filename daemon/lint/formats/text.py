"""For people: the place, the reason, the source line with a caret, the fix."""

import unicodedata
from typing import Final

from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.linted import Linted
from chainwright.schemas.diagnostic import Diagnostic, Span

MOST_SHOWN: Final = 200
"""Characters of a source line; of a longer one, those around the place."""


def rendered(linted: Linted) -> str:
    """Every diagnostic; empty when there is none."""
    return "".join(rendered_one(finding, linted.sources.get(finding.path)) for finding in linted.diagnostics)


def rendered_one(finding: Diagnostic, source: Source | None) -> str:
    """One diagnostic; without its source, the place alone."""
    lines = [one_line(finding)]
    lines += _excerpt(source, finding.span) if source else []
    lines += _indented("hint", finding.hint)
    if finding.related:
        place, what = finding.related
        lines += _indented("note", f"{what}: {finding.path}:{place.line}:{place.column}")
    return "\n".join(lines) + "\n"


def one_line(finding: Diagnostic) -> str:
    """The place and the reason alone."""
    return _one_line(finding, finding.message)


def one_line_with_hint(finding: Diagnostic) -> str:
    """The place, the reason and the fix, where nothing can be shown below it."""
    return _one_line(finding, "; ".join(filter(None, (finding.message, finding.hint))))


def _one_line(finding: Diagnostic, said: str) -> str:
    span = finding.span
    return f"{finding.path}:{span.line}:{span.column}: {finding.severity}: {said} [{finding.rule}]"


def _excerpt(source: Source, span: Span) -> list[str]:
    line = source.line(span.line)
    if not line.strip():
        return []
    begin = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    first, last = _shown(len(line), begin)
    marked = line[begin : min(max(end, begin + 1), last)].rstrip()
    tildes = "~" * max(_width(marked) - 1, 0)
    left, right = "…" * (first > 0), "…" * (last < len(line))
    before = "".join("\t" if char == "\t" else " " * _width(char) for char in left + line[first:begin])
    gutter = f"{span.line:>5} | "
    shown = left + line[first:last] + right
    return [gutter + shown.rstrip(), " " * (len(gutter) - 2) + "| " + before + "^" + tildes]


def _shown(length: int, begin: int) -> tuple[int, int]:
    """Where what is shown of a line begins and ends."""
    if length <= MOST_SHOWN:
        return 0, length
    first = max(min(begin - MOST_SHOWN // 4, length - MOST_SHOWN), 0)
    return first, first + MOST_SHOWN


def _width(text: str) -> int:
    """Columns of a terminal: wide characters take two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def _indented(label: str, text: str) -> list[str]:
    if not text:
        return []
    first, *rest = text.split("\n")
    return [f"      {label}: {first}", *(f"        {line}" for line in rest)]
