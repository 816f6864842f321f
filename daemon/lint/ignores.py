"""``# lint: ignore[rule] reason``, on the line of a finding or the one above it."""

import re
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.registry import IGNORE_UNUSED
from chainwright.schemas.diagnostic import Diagnostic, Severity, Span

_COMMENT: Final = re.compile(r"(?:^|\s)(?P<whole>#\s*lint:\s*ignore\[(?P<rules>[^\]]*)\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ignore:
    rule: str
    span: Span

    def matches(self, finding: Diagnostic) -> bool:
        near = finding.span.line - self.span.line in (0, 1)
        return near and finding.rule == self.rule and finding.severity is not Severity.ERROR


def without_ignored(source: Source, findings: list[Diagnostic]) -> list[Diagnostic]:
    """The findings but for the ignored ones, with a note for each ignore that matches nothing. Errors cannot be ignored."""
    ignores = [ignore for number, line in enumerate(source.lines, 1) for ignore in _ignores(number, line)]
    kept = [finding for finding in findings if not any(ignore.matches(finding) for ignore in ignores)]
    unused = [ignore for ignore in ignores if not any(ignore.matches(finding) for finding in findings)]
    return [*kept, *(_note(source, ignore, kept) for ignore in unused)]


def _ignores(number: int, line: str) -> list[_Ignore]:
    if "ignore[" not in line:
        return []
    return [
        _Ignore(rule=rule.strip(), span=_span(number, found))
        for found in _COMMENT.finditer(line)
        for rule in found["rules"].split(",")
    ]


def _span(number: int, found: re.Match[str]) -> Span:
    return Span(line=number, column=found.start("whole") + 1, end_line=number, end_column=found.end("whole") + 1)


def _note(source: Source, ignore: _Ignore, kept: list[Diagnostic]) -> Diagnostic:
    is_error = any(finding.rule == ignore.rule and finding.severity is Severity.ERROR for finding in kept)
    hint = "errors cannot be ignored" if is_error else ""
    message = f'nothing here breaks "{ignore.rule}"' if not is_error else f'"{ignore.rule}" is an error'
    return Diagnostic(
        path=source.path, span=ignore.span, severity=Severity.NOTE, rule=IGNORE_UNUSED, message=message, hint=hint
    )
