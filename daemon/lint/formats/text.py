"""For people: the place, the reason, the source line with a caret, the fix."""

import unicodedata

from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.linter import Linted
from chainwright.schemas.diagnostic import Diagnostic, Span


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
    span = finding.span
    return f"{finding.path}:{span.line}:{span.column}: {finding.severity}: {finding.message} [{finding.rule}]"


def _excerpt(source: Source, span: Span) -> list[str]:
    line = source.line(span.line)
    if not line.strip():
        return []
    end = span.end_column if span.end_line == span.line else len(line) + 1
    marked = line[span.column - 1 : max(end - 1, span.column)].rstrip()
    tildes = "~" * max(_width(marked) - 1, 0)
    before = "".join("\t" if char == "\t" else " " * _width(char) for char in line[: span.column - 1])
    gutter = f"{span.line:>5} | "
    return [gutter + line.rstrip(), " " * (len(gutter) - 2) + "| " + before + "^" + tildes]


def _width(text: str) -> int:
    """Columns of a terminal: wide characters take two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def _indented(label: str, text: str) -> list[str]:
    if not text:
        return []
    first, *rest = text.split("\n")
    return [f"      {label}: {first}", *(f"        {line}" for line in rest)]
