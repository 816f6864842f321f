"""Checks that need no session: what they see, what they say, and that a recorded verdict stands."""

from typing import Any

from chainwright.daemon.core.checks import MAX_TEXT
from chainwright.daemon.core.decisions import CheckDecided
from chainwright.daemon.core.graph import Check, Emit, Retry, Step, Strategy
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.testing import Playbook, agent_of, chain_of


def asserting(*assertions: str, message: str = "", **fields: Any) -> Playbook:
    """A run of an agent with an output ``score`` that is held to these assertions."""
    checks = tuple(Check(assertion=one, message=message) for one in assertions)
    agent = agent_of("a", **{"outputs": {"score": "number"}, "checks": checks} | fields)
    return Playbook(chain_of(agent)).requested().starts("a")


def test_an_assertion_that_holds_needs_no_session() -> None:
    """21: `assert` has an `outputs` context, with the types that are declared."""
    play = asserting("outputs.score >= 0.8").exits("a", outputs={"score": "0.9"})

    play.asks("finish succeeded")
    assert play.entries(CheckDecided) == [CheckDecided(attempt_id="r1-a-1-1", index=0, holds=True)]


def test_one_that_does_not_hold_fails_the_attempt_and_is_told_to_the_next() -> None:
    """21: with what was found."""
    play = asserting("outputs.score >= 0.8", message="too low: ${{ outputs.score }}", retry=Retry(max=1, delay_s=0))

    play.exits("a", outputs={"score": "0.5"}).asks("start a#2")
    first, second = play.turn("a").attempts
    assert first.reason is Reason.CHECK
    assert second.feedback == ("check: check 1: too low: 0.5\n`outputs.score >= 0.8` is false: outputs.score is 0.5")


def test_one_that_cannot_be_evaluated_does_not_hold() -> None:
    play = asserting("fromJSON(inputs.x)").exits("a", outputs={"score": "1"})

    assert "cannot be evaluated" in play.ends(Outcome.FAILED).turn("a").detail


def test_what_is_said_is_bounded() -> None:
    """A message may quote an output of any size."""
    play = asserting("false", message="${{ outputs.text }}", outputs={"text": "string"})

    assert len(play.exits("a", outputs={"text": "x" * 100_000}).turn("a").detail) < MAX_TEXT + 100


def test_an_output_is_held_to_its_schema_and_told_which_rule_it_breaks() -> None:
    """21: with the place in the value, what is expected and what was found."""
    schema = {"type": "array", "items": {"properties": {"severity": {"enum": ["low", "high"]}}}}
    check = Check(schema=schema, schema_path="schemas/findings.json", output="findings")
    play = asserting(checks=(check,), outputs={"findings": "json"}, retry=Retry(max=1, delay_s=0))

    play.exits("a", outputs={"findings": '[{"severity": "low"}, {"severity": "urgent"}]'}).asks("start a#2")
    assert play.turn("a").attempts[1].feedback == (
        'check: check 1: the output "findings" does not fit schemas/findings.json:\n'
        '[1].severity: "urgent" is none of "low", "high" (rule items/properties/severity/enum)'
    )
    play.exits("a#2", outputs={"findings": '[{"severity": "high"}]'}).ends(Outcome.SUCCEEDED)


def test_checks_follow_each_other_whatever_their_kind() -> None:
    """The second script runs after the assertion, and the last assertion after that."""
    checks = (Check(script="one"), Check(assertion="true"), Check(script="two"), Check(assertion="false"))
    play = asserting(checks=checks, outputs={}).exits("a").asks("check a 0")

    play.checked("a").asks("check a 2")
    play.checked("a", index=2).asks("finish failed")
    assert play.turn("a").detail.startswith("check 4: ")


def test_its_events_are_routed_only_when_it_holds() -> None:
    """6: checks included."""
    checks = (Check(assertion="outputs.score > 1"),)
    writes = agent_of("a", emits="x", outputs={"score": "number"}, checks=checks, retry=Retry(max=1, delay_s=0))
    play = Playbook(chain_of(writes, agent_of("b", on="x"))).requested().starts("a").emits("a", "x")

    play.exits("a", outputs={"score": "1"}).asks("start a#2")
    play.emits("a#2", "x").exits("a#2", outputs={"score": "2"}).asks("start b")


def test_an_agent_that_answers_by_its_event_is_held_to_it_too() -> None:
    """20: outputs are read, checks run, then it is routed."""
    checks = (Check(assertion="outputs.score > 1"),)
    answers = agent_of("a", finish="event", emits={"x": Emit(name="x")}, outputs={"score": "number"}, checks=checks)
    play = Playbook(chain_of(answers, agent_of("b", on="x"))).requested().starts("a").emits("a", "x")

    play.exits("a", None, outputs={"score": "1"}).ends(Outcome.FAILED)
    assert play.state.agents["b"].turns == []


def test_each_leg_is_held_to_its_own() -> None:
    """22: the values of its leg and its own outputs."""
    checks = (Check(assertion="outputs.score == matrix.n"),)
    legs = Strategy(matrix={"n": [1, 2]}, fail_fast=False)
    play = Playbook(chain_of(agent_of("a", strategy=legs, outputs={"score": "number"}, checks=checks))).requested()

    play.exits("a/1", outputs={"score": "1"}).exits("a/2", outputs={"score": "1"}).ends(Outcome.FAILED)
    assert [leg.outcome for leg in play.turn("a").legs.values()] == [Outcome.SUCCEEDED, Outcome.FAILED]


def test_it_sees_what_its_steps_gave_and_what_its_needs_gave_when_it_began() -> None:
    """34, of steps; the values of needs are those that the turn was resolved with (29)."""
    checks = (Check(assertion="steps.one.outputs.n == '1' && needs.a.outputs.score == 3 && env.SET == 'yes'"),)
    chain = chain_of(
        agent_of("a", outputs={"score": "number"}),
        agent_of("b", needs="a", script=None, steps=(Step(id="one", script="true"),), checks=checks),
    )
    play = Playbook(chain).requested().starts("a").exits("a", outputs={"score": "3"}).starts("b")

    play.steps("b", 1, outputs={"n": "1"}, env={"SET": "yes"}).exits("b").ends(Outcome.SUCCEEDED)


def test_a_recorded_verdict_is_never_decided_again() -> None:
    """1: whoever rebuilds the state from the journal finds the end that was decided."""
    play = asserting("outputs.score > 1", retry=Retry(max=1, delay_s=0)).exits("a", outputs={"score": "1"})

    assert play.rebuilt().attempts["r1-a-1-2"].feedback == play.state.attempts["r1-a-1-2"].feedback
    assert play.outstanding() == ["start a#2"]
