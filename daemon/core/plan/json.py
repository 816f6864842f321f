"""A plan for programs: the versioned form of ``schemas.plan``."""

from dataclasses import fields, is_dataclass
from typing import Any

from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.core.plan.sentences import Sentence
from chainwright.schemas.diagnostic import Diagnostic
from chainwright.schemas.plan import VERSION, PlanView


def as_view(plan: Plan) -> PlanView:
    """The plan in its published form."""
    told = {"version": VERSION, "risk": plan.risk, "is_empty": plan.is_empty}
    return PlanView.model_validate(told | _plain(plan))


def as_json(plan: Plan) -> str:
    """The same as JSON, with a line end."""
    return as_view(plan).model_dump_json(indent=2) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Sentence):
        return _text(str(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Diagnostic):
        return _diagnostic(value)
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _text(value: str) -> str:
    """Bytes of a path that are no UTF-8 stand in Python's texts as halves of pairs, which JSON cannot hold."""
    return value.encode("utf-8", "replace").decode("utf-8")


def _diagnostic(found: Diagnostic) -> dict[str, Any]:
    return {
        "path": _text(found.path),
        "line": found.span.line,
        "column": found.span.column,
        "severity": found.severity.value,
        "rule": found.rule,
        "message": _text(found.message),
        "hint": _text(found.hint),
    }
