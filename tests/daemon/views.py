"""Answers of the API as tests make them: whole, with what matters changed."""

from typing import Any

from chainwright.schemas.api import RunSummary


def attempt(number: int = 1, *, id: str = "att-1", **changed: Any) -> dict[str, Any]:  # noqa: A002 - the API's word
    """An AttemptView that runs."""
    fresh = {
        "id": id,
        "attempt": number,
        "leg": None,
        "state": "running",
        "outcome": None,
        "reason": None,
        "detail": "",
    }
    later = {
        "exit_code": None,
        "signal": None,
        "started_at": 100.0,
        "ended_at": None,
        "host": "local",
        "size": None,
        "child": None,
        "steps": [],
    }
    return {**fresh, **later, **changed}


def agent(*attempts: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """An AgentView with one turn of these attempts."""
    life = {"state": "running", "outcome": None, "reason": None, "detail": "", **changed}
    values = {"outputs": {}, "events": [], "adopted_from": None}
    turn = {"turn": 1, **life, **values, "attempts": list(attempts), "legs": []}
    return {**life, "turns": [turn] if attempts else []}


def detail(run: str = "run-aaa111", **changed: Any) -> dict[str, Any]:
    """A RunDetail that runs, with one agent."""
    fresh = {
        "id": run,
        "number": 1,
        "organization": "default",
        "repository": "demo",
        "environment": "main",
        "chain": "hello",
        "commit": "c" * 40,
        "definition_commit": "c" * 40,
        "trigger": {"kind": "manual", "actor": "root", "key": ""},
        "state": "running",
        "outcome": None,
        "reason": None,
        "detail": "",
        "created_at": 99.0,
        "started_at": 100.0,
        "ended_at": None,
        "retry_of": None,
        "parent": None,
        "inputs": {},
        "outputs": {},
        "retries": [],
        "told": [],
        "agents": {"greet": agent(attempt())},
    }
    return {**fresh, **changed}


def event(number: int, name: str, **changed: Any) -> dict[str, Any]:
    """An EventView from outside that one agent took."""
    fresh = {"number": number, "name": name, "agent": None, "attempt_id": None, "at": 100.0, "data": None}
    fate = {"fate": "routed", "why": "", "deliveries": [{"agent": "greet", "state": "consumed", "turn": 1}]}
    return {**fresh, **fate, **changed}


def summary(run: dict[str, Any]) -> dict[str, Any]:
    """The RunSummary of a RunDetail."""
    return {key: value for key, value in run.items() if key in RunSummary.model_fields}
