"""Expressions of a trigger: over what has happened and the static values of the chain, before there is a run."""

from typing import Any

import pytest

from chainwright.daemon.core.expressions import ExpressionError
from chainwright.daemon.core.trigger_values import given_inputs, lets_through, trigger_contexts, webhook_event
from chainwright.daemon.testing import agent_of, chain_of

CHAIN = chain_of(agent_of("a"), vars={"site": "live"})
BODY = {"action": "opened", "number": 7, "labels": [{"name": "bug"}, {"name": "ui"}]}


@pytest.fixture
def contexts() -> dict[str, Any]:
    return trigger_contexts(CHAIN, webhook_event("forge", {"x-github-event": "push"}, BODY, 5.0), 5.0)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, True),
        ("event.body.action == 'opened'", True),
        ("event.headers['x-github-event'] == 'issues'", False),
        ("event.headers.x-github-event == 'push' && event.name == 'forge'", True),
        ("contains(event.body.labels.*.name, 'ui')", True),
        ("event.body.missing.member", False),
        ("vars.site == 'live' && now() == event.time", True),
    ],
)
def test_a_condition_is_asked_of_what_was_sent(contexts: dict[str, Any], condition: str | None, expected: bool) -> None:
    assert lets_through(condition, contexts) is expected


def test_inputs_have_the_types_of_what_was_sent(contexts: dict[str, Any]) -> None:
    given = {"pr": "${{ event.body.number }}", "all": "${{ event.body }}", "text": "#${{ event.body.number }}", "n": 3}

    assert given_inputs(given, contexts) == {"pr": 7, "all": BODY, "text": "#7", "n": 3}


def test_what_cannot_be_evaluated_is_an_error(contexts: dict[str, Any]) -> None:
    with pytest.raises(ExpressionError):
        given_inputs({"x": "${{ fromJSON(event.body.action) }}"}, contexts)
