"""For code scanners: SARIF 2.1.0."""

import json
from typing import Any, Final
from urllib.parse import quote

from chainwright import __version__
from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.reference import page
from chainwright.daemon.lint.registry import ENTRIES
from chainwright.schemas.diagnostic import Diagnostic, Span

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS: Final = {"error": "error", "warning": "warning", "note": "note"}
_NAMES: Final = [entry.name for entry in ENTRIES]


def rendered(linted: Linted) -> str:
    """One run with every rule and a result for each diagnostic; positions count in code points, as ours do."""
    driver = {"name": "chainwright", "version": __version__, "rules": [_rule(index) for index in range(len(ENTRIES))]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding) for finding in linted.diagnostics],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(index: int) -> dict[str, Any]:
    entry = ENTRIES[index]
    return {
        "id": entry.name,
        "shortDescription": {"text": entry.doc},
        "fullDescription": {"text": entry.why},
        "help": {"text": page(entry), "markdown": page(entry)},
        "defaultConfiguration": {"level": _LEVELS[entry.severity]},
    }


def _result(finding: Diagnostic) -> dict[str, Any]:
    text = "\n".join(part for part in (finding.message, finding.hint) if part)
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": _NAMES.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(finding.path, finding.span)}],
    }
    if finding.related:
        place, what = finding.related
        result["relatedLocations"] = [{"physicalLocation": _location(finding.path, place), "message": {"text": what}}]
    return result


def _location(path: str, span: Span) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    return {"artifactLocation": {"uri": quote(path)}, "region": region}
