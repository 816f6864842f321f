"""For GitHub Actions: workflow commands that become annotations of a pull request."""

from typing import Final

from chainwright.daemon.lint.linted import Linted
from chainwright.schemas.diagnostic import Diagnostic, Severity

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_OF_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_OF_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def rendered(linted: Linted) -> str:
    """A line for each diagnostic."""
    return "".join(f"{_command(finding)}\n" for finding in linted.diagnostics)


def _command(finding: Diagnostic) -> str:
    span = finding.span
    properties = {
        "file": finding.path,
        "line": span.line,
        "col": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
        "title": finding.rule,
    }
    listed = ",".join(f"{name}={str(value).translate(_OF_PROPERTY)}" for name, value in properties.items())
    text = "\n".join(part for part in (finding.message, finding.hint) if part)
    return f"::{_COMMANDS[finding.severity]} {listed}::{text.translate(_OF_DATA)}"
