"""Why an agent is where it is, in sentences."""

import pytest

from chainwright.daemon.core.explain import explain
from chainwright.daemon.core.facts import SecretReference, SecretsResolved
from chainwright.daemon.core.graph import Listen
from chainwright.daemon.testing import Playbook, agent_of, chain_of


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "starts with the run"),
        ({"condition": "inputs.go"}, "starts with the run, if `inputs.go`"),
        ({"needs": ("src",)}, "starts once, when src settled"),
        ({"on": ["x", "y"]}, "starts for each event of x, y"),
        ({"on": Listen(mode="all", names=("x", "y"))}, "starts for each set of one event of all of x, y"),
        ({"on": Listen(mode="quorum", names=("x", "y"), count=2)}, "starts when 2 of x, y are there"),
    ],
)
def test_how_it_starts(fields, said):
    play = Playbook(chain_of(agent_of("src", emits="x y"), agent_of("a", **fields))).requested(go=True)

    assert explain(play.state, "a")[0] == said


def test_what_it_waits_for():
    both = Listen(mode="all", names=("x", "y"))
    play = Playbook(chain_of(agent_of("s", emits="x"), agent_of("t", emits="y"), agent_of("a", on=both)))
    play.requested().emits("s", "x").emits("s", "x").exits("s")

    assert explain(play.state, "a")[1:] == ["waits for y", "has 2 of x waiting"]


def test_whom_it_waits_for():
    play = Playbook(chain_of(agent_of("s"), agent_of("t", on="x"), agent_of("u"), agent_of("a", needs=("s", "t", "u"))))
    play.requested().exits("s", 1)

    assert explain(play.state, "a")[1:] == ["waits for s: failed", "waits for t: not started", "waits for u: running"]


def test_how_its_turns_went():
    """Each attempt with its reason, and the events that started it."""
    play = Playbook(chain_of(agent_of("s", emits="x"), agent_of("a", on="x"))).requested()
    play.emits("s", "x").exits("s").exits("a", 3)

    assert explain(play.state, "a") == [
        "starts for each event of x",
        "turn 1: failed (exit): exit code 3, started by x (#1)",
        "  attempt 1: failed (exit): exit code 3",
    ]


def test_why_it_will_not_start():
    play = Playbook(chain_of(agent_of("s", emits="x"), agent_of("a", on="x"))).requested().exits("s")

    assert explain(play.state, "a")[-1] == "will not start: never-fed: x did not come"


def test_that_its_turns_are_used_up():
    play = Playbook(chain_of(agent_of("s", emits="x"), agent_of("a", on="x", max_turns=1))).requested()
    play.emits("s", "x").emits("s", "x").exits("s").exits("a")

    assert "its 1 turns are used up" in explain(play.state, "a")


def test_which_secrets_an_attempt_was_started_with():
    play = Playbook(chain_of(agent_of("a", secrets=("TOKEN",)))).requested()
    reference = SecretReference(name="TOKEN", provider="file", version="1a2b3c")
    play.given(SecretsResolved(at=play.now, attempt_id=next(iter(play.state.attempts)), secrets=(reference,)))

    assert explain(play.state, "a")[-1] == "    with TOKEN of the file, version 1a2b3c"
