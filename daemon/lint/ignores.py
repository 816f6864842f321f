"""``# lint: ignore[rule] reason``, on the line of a finding or the one above it."""

import re
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.registry import ENTRIES, IGNORE_UNUSED, RUN_SHELLCHECK
from chainwright.schemas.diagnostic import Diagnostic, Severity, Span

_COMMENT: Final = re.compile(r"(?:^|\s)(?P<whole>#\s*lint:\s*ignore\[(?P<rules>[^\]]*)\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ignore:
    rule: str
    span: Span

    def matches(self, finding: Diagnostic) -> bool:
        near = finding.span.line - self.span.line in (0, 1)
        return near and finding.rule == self.rule and finding.severity is not Severity.ERROR


_NAMES: Final = frozenset(entry.name for entry in ENTRIES)


def is_ignored(source: Source, finding: Diagnostic) -> bool:
    """Whether a comment of the file silences it."""
    near = range(max(finding.span.line - 1, 1), finding.span.line + 1)
    return any(ignore.matches(finding) for number in near for ignore in _ignores(number, source.line(number)))


def without_ignored(source: Source, findings: list[Diagnostic]) -> list[Diagnostic]:
    """The findings but for the ignored ones, with a note for each ignore that matches nothing.

    Errors cannot be ignored, and JSON has no comments.
    """
    ignores = [] if source.path.endswith(".json") else _all_ignores(source)
    kept = [finding for finding in findings if not any(ignore.matches(finding) for ignore in ignores)]
    unused = [ignore for ignore in ignores if ignore.rule != RUN_SHELLCHECK and not _is_used(ignore, findings)]
    return [*kept, *(_note(source, ignore, kept) for ignore in unused)]


def _all_ignores(source: Source) -> list[_Ignore]:
    return [ignore for number, line in enumerate(source.lines, 1) for ignore in _ignores(number, line)]


def _ignores(number: int, line: str) -> list[_Ignore]:
    if "ignore[" not in line:
        return []
    return [
        _Ignore(rule=rule.strip(), span=_span(number, found))
        for found in _COMMENT.finditer(line)
        for rule in found["rules"].split(",")
    ]


def _is_used(ignore: _Ignore, findings: list[Diagnostic]) -> bool:
    return any(ignore.matches(finding) for finding in findings)


def _span(number: int, found: re.Match[str]) -> Span:
    return Span(line=number, column=found.start("whole") + 1, end_line=number, end_column=found.end("whole") + 1)


def _note(source: Source, ignore: _Ignore, kept: list[Diagnostic]) -> Diagnostic:
    is_error = any(finding.rule == ignore.rule and finding.severity is Severity.ERROR for finding in kept)
    message, hint = _unused(ignore.rule, is_error)
    return Diagnostic(
        path=source.path, span=ignore.span, severity=Severity.NOTE, rule=IGNORE_UNUSED, message=message, hint=hint
    )


def _unused(rule: str, is_error: bool) -> tuple[str, str]:
    """Message and hint."""
    if rule not in _NAMES:
        return f'there is no rule "{rule}"', near(
            rule, _NAMES
        ) or "lint: ignore[rule] why; several rules are divided by commas"
    if is_error:
        return f'"{rule}" is an error', "errors cannot be ignored"
    return f'nothing here breaks "{rule}"', "it silences its own line and the one below it"
