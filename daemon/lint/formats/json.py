"""For programs: one object, stable and versioned."""

import json
from dataclasses import asdict
from typing import Any

from chainwright.daemon.lint.linted import Linted
from chainwright.schemas.diagnostic import Diagnostic

VERSION = 1


def rendered(linted: Linted) -> str:
    """``{"version": 1, "diagnostics": […], "chains": […]}``; chains are the ids of what could be deployed."""
    report = {
        "version": VERSION,
        "diagnostics": [as_json(finding) for finding in linted.diagnostics],
        "chains": list(linted.chains),
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def as_json(finding: Diagnostic) -> dict[str, Any]:
    """``{path, line, column, end_line, end_column, severity, rule, message, hint, related}``."""
    related = finding.related
    return {
        "path": finding.path,
        **asdict(finding.span),
        "severity": finding.severity.value,
        "rule": finding.rule,
        "message": finding.message,
        "hint": finding.hint,
        "related": {**asdict(related[0]), "message": related[1]} if related else None,
    }
