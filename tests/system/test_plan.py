"""A plan of a real daemon: against what is in force, with the runs in flight and what runs took."""

from collections.abc import Callable
from typing import Any

import pytest

from chainwright.daemon.cli.failures import Refused

FILES = {
    ".chainwright/policy.yaml": "approvals: {high: {by: [team:security], count: 2}, medium: {by: [ada]}}\n",
    "workflows/brief.yaml": """
limits: {turns: 20}
agents:
  write: {run: 'true', emits: {draft.ready: {draft: string}}}
  edit: {on: draft.ready, run: 'true'}
""",
    "workflows/wait.yaml": "agents: {hold: {run: read line}}\n",
}
CHANGED = {
    "workflows/brief.yaml": """
limits: {turns: 200}
agents:
  write: {run: 'true', secrets: [BLOG_TOKEN], emits: {draft.done: {draft: string}}}
  edit: {on: draft.ready, run: 'true'}
""",
    "workflows/wait.yaml": "agents: {hold: {run: 'read line; echo more'}}\n",
}


@pytest.fixture(scope="module")
def feature(daemon: Any) -> str:
    """A branch that adds a secret, widens a budget and breaks an event's consumer."""
    daemon.repository.git("checkout", "--quiet", "-b", "feature")
    commit = daemon.repository.commit(CHANGED)
    daemon.repository.git("checkout", "--quiet", "main")
    return str(commit)


def test_a_pull_request_shows_its_three_dangers_and_needs_what_the_base_asks(daemon: Any, feature: str) -> None:
    plan = daemon.client.get("/plan", head="feature", branch="main")

    assert {one["rule"] for one in plan["widening"]} >= {"secret-added", "budget-raised"}
    assert any("nobody emits any more" in one for chain in plan["chains"] for one in chain["contracts"])
    assert [(one["by"], one["count"]) for one in plan["approvals"]] == [(["team:security"], 2), (["ada"], 1)]
    assert (plan["head"]["commit"], plan["head"]["is_valid"]) == (feature, False)


def test_runs_in_flight_and_what_runs_took_are_told(daemon: Any, feature: str, by_and_by: Callable[..., Any]) -> None:
    daemon.ended("brief")
    run = daemon.run("wait")
    daemon.begun(run, "hold")
    plan = daemon.client.get("/plan", head="feature")

    assert [(one["id"], one["chain"], one["state"]) for one in plan["runs"]] == [(run, "wait", "running")]
    assert [(one["chain"], one["runs"]) for one in plan["estimates"]] == [("brief", 1)]


def test_what_git_cannot_name_is_not_found(daemon: Any) -> None:
    for head in ("nowhere", "-x"):
        with pytest.raises(Refused, match="nothing to plan"):
            daemon.client.get("/plan", head=head)
