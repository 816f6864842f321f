"""What expressions see."""

import pytest

from chainwright.daemon.core.contexts import event_context, run_contexts, turn_contexts, turn_status
from chainwright.daemon.core.expressions import Status, to_text
from chainwright.daemon.core.graph import Listen
from chainwright.daemon.testing import Playbook, agent_of, chain_of


def test_every_expression_sees_the_run():
    play = Playbook(chain_of(agent_of("a"), vars={"tone": "dry"})).requested(topic="joins")
    contexts = run_contexts(play.state)

    assert (contexts["inputs"], contexts["vars"]) == ({"topic": "joins"}, {"tone": "dry"})
    assert contexts["run"] == {
        "id": "r1",
        "number": 1,
        "attempt": 1,
        "url": "",
        "chain": "test",
        "commit": "c" * 40,
        "actor": "tester",
        "trigger": "manual",
    }


def test_now_is_the_time_of_the_fact():
    """2: not that of a clock, so a journal says the same for ever."""
    late = agent_of("late", needs=("a",), env={"AT": "${{ now() }}"})
    play = Playbook(chain_of(agent_of("a"), late)).requested().exits("a")
    turn = play.state.agents["late"].turns[0]

    assert turn.resolved is not None
    assert turn.resolved.env["AT"] == to_text(play.state.now)
    assert play.state.now > 0


def test_what_is_told_beside_the_environment_sees_it():
    """As it is given to the process: with the chain's, worked out, as texts."""
    agent = agent_of("a", env={"N": "${{ run.number }}"}, prompt="attempt ${{ env.N }}", with_={"n": "${{ env.n }}"})
    turn = Playbook(chain_of(agent)).requested().state.agents["a"].turns[0]

    assert turn.resolved is not None
    assert (turn.resolved.prompt, turn.resolved.with_) == ("attempt 1", {"n": "1"})


def test_a_status_can_be_asked_of_one_need():
    """An agent that reports one failure and not the other."""
    agents = (agent_of("a"), agent_of("b"), agent_of("report", needs=("a", "b"), condition="failure('b')"))
    other = (agent_of("a"), agent_of("b"), agent_of("report", needs=("a", "b"), condition="failure('a')"))

    assert Playbook(chain_of(*agents)).requested().exits("a").exits("b", 1).state.agents["report"].started == 1
    assert Playbook(chain_of(*other)).requested().exits("a").exits("b", 1).state.agents["report"].started == 0


def test_needs_are_the_direct_ones_and_agents_are_all():
    agents = (agent_of("a"), agent_of("b", needs=("a",)), agent_of("c", needs=("b",)))
    play = Playbook(chain_of(*agents)).requested().exits("a").exits("b", 1)
    contexts = turn_contexts(play.state, agents[2], ())

    assert dict(contexts["needs"]) == {"b": {"result": "failure", "outputs": {}}}
    assert list(contexts["agents"]) == ["a", "b", "c"]


def test_a_turn_of_any_sees_its_event_and_a_join_sees_each_by_name():
    """6: with who sent it."""
    play = Playbook(chain_of(agent_of("s", emits="x y"))).requested().emits("s", "x", {"n": 1}).emits("s", "y", 2)
    events = play.events()
    one = event_context(agent_of("a", on="x"), events[:1])
    both = event_context(agent_of("a", on=Listen(mode="all", names=("x", "y"))), events)

    assert one is not None and both is not None
    assert (one["name"], one["data"], one["source"]["agent"]) == ("x", {"n": 1}, "s")
    assert (both["name"], both["data"], len(both["events"])) == (None, {"x": {"n": 1}, "y": 2}, 2)
    assert event_context(agent_of("a"), []) is None


def test_an_event_from_outside_has_no_source():
    play = Playbook(chain_of(agent_of("s", emits="x"))).requested().injected("x")

    assert play.events()[0].as_json()["source"] is None


@pytest.mark.parametrize(
    ("code", "status"),
    [(0, Status(success=True)), (1, Status(success=False, failure=True)), (None, Status(success=False, failure=True))],
)
def test_a_status_is_that_of_the_direct_needs(code, status):
    gate = agent_of("b", needs=("a",))
    play = Playbook(chain_of(agent_of("a"), gate, agent_of("other"))).requested().exits("a", code)

    assert turn_status(play.state, gate) == status


def test_without_needs_it_is_that_of_the_run_so_far():
    free = agent_of("b", on="x")
    play = Playbook(chain_of(agent_of("a", emits="x"), free, agent_of("long"))).requested()
    assert turn_status(play.state, free) == Status(success=True)

    play.exits("a", 1)
    assert turn_status(play.state, free) == Status(success=False, failure=True)


def test_a_cancel_is_no_failure():
    free = agent_of("b", on="x")
    play = Playbook(chain_of(agent_of("a"), free)).requested().cancelled()

    assert turn_status(play.state, free) == Status(success=False, cancelled=True)
