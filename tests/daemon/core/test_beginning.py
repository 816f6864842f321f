"""How turns begin: conditions, limits and values, in that order."""

import pytest

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.graph import Emit, Limits, Listen, Retry
from chainwright.daemon.core.journal import ENTRY_JSON
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.testing import Playbook, agent_of, chain_of

BAD_ENV = {"X": "${{ nonsense.x }}"}


def test_a_false_condition_comes_before_the_end_of_the_turns() -> None:
    """16: `if`, then `max-turns`: what is skipped anyway exhausts nobody."""
    once = agent_of("a", on="x", max_turns=1, condition="event.data.go == true")
    play = Playbook(chain_of(agent_of("src", emits="x"), once)).requested()
    play.emits("src", "x", {"go": True}).emits("src", "x", {"go": False}).exits("src")

    play.exits("a").asks("finish succeeded")
    assert play.entries(d.AgentExhausted) == []


@pytest.mark.parametrize("broken", [{"env": BAD_ENV}, {"condition": "nonsense.x == 1"}], ids=["value", "condition"])
def test_a_loop_of_turns_that_cannot_begin_is_bounded_by_max_turns(broken: dict[str, object]) -> None:
    """17: a turn that fails while it begins is counted, or one that listens to its own failure would never end."""
    again = agent_of("a", on=["x", "a.failed"], max_turns=3, **broken)
    play = Playbook(chain_of(agent_of("src", emits="x"), again)).requested()

    play.emits("src", "x").exits("src").asks("finish failed")
    assert [turn.reason for turn in play.state.agents["a"].turns] == [Reason.EXPRESSION] * 3


def test_a_condition_that_cannot_be_read_asks_for_nothing_in_a_run_that_ends() -> None:
    """26: only who asks for it in words cleans up."""
    chain = chain_of(agent_of("a"), agent_of("b", on="a.cancelled", condition="nonsense.x == 1"))
    play = Playbook(chain).requested().cancelled()

    play.exits("a", None).asks("finish cancelled")


def test_turns_that_cannot_begin_count_towards_the_runs_limit() -> None:
    """Whatever is not skipped is a turn."""
    chain = chain_of(agent_of("a", env=BAD_ENV), agent_of("b"), limits=Limits(turns=1))

    assert Playbook(chain).requested().state.reason is Reason.LIMIT_TURNS


def test_agents_that_the_limit_of_turns_keeps_from_starting_say_so() -> None:
    """13: whatever never started is skipped with its reason, agents that start with the run too."""
    play = Playbook(chain_of(agent_of("a"), agent_of("b"), limits=Limits(turns=1)))
    play.requested().asks("start a", "stop a")

    play.exits("a", None).asks("finish failed")
    assert play.state.agents["b"].skipped == (Reason.RUN_ENDING, "the run was already ending")


def test_a_quorum_that_feeds_itself_drops_its_surplus_once() -> None:
    """14: its new turn withdraws its earlier votes, which its firing may have made surplus already."""
    two = Listen(mode="quorum", names=("x", "z", "again"), count=2)
    chain = chain_of(agent_of("src", emits="x z"), agent_of("q", on=two, emits="again", max_turns=2), agent_of("long"))
    play = Playbook(chain).requested().emits("src", "x").emits("src", "z").exits("src").asks("start q")
    play.emits("q", "again").emits("q", "again").exits("q").asks()

    play.injected("x").asks("start q[2]")
    assert [entry.why for entry in play.entries(d.DeliveriesDropped)] == ["surplus"]


def test_an_event_for_an_exhausted_agent_is_taken_and_starts_nothing() -> None:
    """17: `.exhausted` once per agent and run, however many events come."""
    once = agent_of("a", on="x", max_turns=1)
    play = Playbook(chain_of(agent_of("src", emits="x"), once, agent_of("end", on="a.exhausted"), agent_of("long")))
    play.requested().emits("src", "x").exits("src").exits("a")

    play.injected("x").asks("start end")
    play.injected("x").asks()
    assert not play.state.agents["a"].inbox["x"]
    assert [event.name for event in play.events()].count("a.exhausted") == 1


def test_a_second_turn_sees_how_its_agents_first_one_ended() -> None:
    """`agents.a` is its last turn that has ended: one that runs has no outputs yet."""
    loop = agent_of("a", on=["x", "y"], outputs={"n": "integer"}, env={"BEFORE": "${{ agents.a.outputs.n }}"})
    play = Playbook(chain_of(agent_of("src", emits="x y"), loop)).requested()
    play.emits("src", "x").emits("src", "y").exits("src").exits("a", outputs={"n": "1"})

    resolved = play.turn("a", 2).resolved
    assert resolved is not None and resolved.env == {"BEFORE": "1"}


def test_a_burst_of_events_is_looked_at_once() -> None:
    """The thousandth skipped turn costs what the first did: each leaves the same entries, and one settling follows them all."""
    skips = agent_of("a", on="x", condition="event.data.go == true")
    play = Playbook(chain_of(agent_of("src", emits="x"), skips, limits=Limits(events=10**6))).requested()
    for _ in range(1_000):
        play.emits("src", "x", {"go": False})
    before = len(play.journal)

    play.exits("src").asks("finish succeeded")
    skipped, routed = 1_000 * 2, 1_000
    assert len(play.journal) - before == skipped + routed + 4


def test_emits_may_be_given_as_declarations() -> None:
    """What the test tools take."""
    tick = Emit(name="tick", deliver="now")

    assert agent_of("a", emits={"tick": tick}).emits == {"tick": tick}


def test_a_turn_that_fails_while_it_begins_fails_the_run() -> None:
    """18: and tells those who listen for that."""
    play = Playbook(chain_of(agent_of("a", env=BAD_ENV), agent_of("b", on="a.failed"))).requested().asks("start b")

    play.exits("b").ends(Outcome.FAILED)


@pytest.mark.parametrize("whole", ["needs", "agents"])
def test_a_whole_context_is_resolved_to_what_it_was_then(whole: str) -> None:
    """1 and I10: recorded as plain values, which no later turn changes."""
    join = agent_of("b", needs=("a",), with_={"seen": f"${{{{ {whole} }}}}"})
    play = Playbook(chain_of(agent_of("a"), join)).requested().exits("a")

    resolved = play.turn("b").resolved
    assert resolved is not None and resolved.with_["seen"]["a"] == {"result": "success", "outputs": {}}
    assert [ENTRY_JSON.validate_json(ENTRY_JSON.dump_json(entry)) for entry in play.journal] == play.journal


def test_of_secrets_only_names_are_resolved() -> None:
    """29: what is journaled has no value, and the inputs are marked where one will stand."""
    texts = {
        "env": {"AUTH": "Bearer ${{ secrets.TOKEN }}", "PLAIN": "x"},
        "with_": {"key": "${{ secrets.TOKEN }}", "n": 1},
    }
    play = Playbook(chain_of(agent_of("a", secrets=("TOKEN",), **texts))).requested()
    (started,) = play.entries(d.TurnStarted)

    assert (started.resolved.env, started.resolved.with_) == ({"PLAIN": "x"}, {"n": 1, "key": "[secret TOKEN]"})
    assert started.resolved.secret_env == {"AUTH": (d.Piece(text="Bearer "), d.Piece(secret="TOKEN"))}
    assert started.resolved.secret_inputs == {"key": (d.Piece(secret="TOKEN"),)}
    assert ENTRY_JSON.validate_json(ENTRY_JSON.dump_json(started)) == started


def test_a_secret_that_cannot_be_had_fails_the_turn_and_is_not_tried_again() -> None:
    """The next attempt would find no more; whoever adds it retries the run."""
    play = Playbook(chain_of(agent_of("a", secrets=("TOKEN",), retry=Retry(max=3)))).requested()

    play.refuses("a", "there is no secret", reason="secret").asks("finish failed")
    assert play.state.agents["a"].turns[0].reason is Reason.SECRET
