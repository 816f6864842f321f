"""The pure machine from a run's beginning to its end: needs, skips, cancel, limits, rebuilding."""

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core import facts as f
from chainwright.daemon.core.graph import Check, Limits, Retry
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.testing import Playbook, chain_of
from chainwright.daemon.testing import agent_of as agent


def test_roots_start_with_the_run_and_the_rest_follows_its_needs() -> None:
    """13: a gate opens when its needs have settled."""
    play = Playbook(chain_of(agent("a"), agent("b"), agent("join", needs=("a", "b"))))

    play.requested().asks("start a", "start b")
    play.starts("a").exits("a").asks()
    play.exits("b").asks("start join")
    play.exits("join").asks("finish succeeded").ends(Outcome.SUCCEEDED)


def test_a_chain_without_agents_to_start_ends_at_once() -> None:
    """A run ends when nothing is running, queued or waiting."""
    Playbook(chain_of(agent("a", condition="false"))).requested().asks("finish succeeded")


def test_a_failed_need_skips_its_dependents_and_fails_the_run() -> None:
    """18: any failed turn fails the run."""
    play = Playbook(chain_of(agent("a"), agent("b", needs=("a",)))).requested().exits("a", 1)

    play.asks("finish failed")
    assert play.turn("b").reason is Reason.NEEDS_FAILED


def test_a_skipped_need_is_neutral_but_all_skipped_skips() -> None:
    """Only direct needs count; skips do not spread by themselves."""
    off = agent("off", condition="false")
    play = Playbook(chain_of(off, agent("a"), agent("one", needs=("off", "a")), agent("none", needs=("off",))))

    play.requested().asks("start a")
    assert play.turn("none").reason is Reason.NEEDS_SKIPPED
    play.exits("a").asks("start one")


def test_a_false_condition_skips_and_says_so() -> None:
    """16: a false `if` skips the turn with its reason."""
    play = Playbook(chain_of(agent("a", condition="inputs.go == 'yes'"))).requested(go="no")

    assert (play.turn("a").outcome, play.turn("a").reason) == (Outcome.SKIPPED, Reason.IF_FALSE)
    assert "inputs.go" in play.turn("a").detail


def test_always_runs_after_a_failure() -> None:
    """A condition that names a status function replaces the implied success()."""
    play = Playbook(chain_of(agent("a"), agent("clean", needs=("a",), condition="always()"))).requested()

    play.exits("a", 1).asks("start clean")
    play.exits("clean").asks("finish failed")


def test_continue_on_error_counts_as_success_for_others() -> None:
    """5: result is success, the outcome stays failed, and `.failed` is still emitted."""
    play = Playbook(
        chain_of(agent("a", continue_on_error=True), agent("b", needs=("a",)), agent("handler", on="a.failed"))
    )

    play.requested().exits("a", 1).asks("start handler", "start b")
    play.exits("handler").exits("b").ends(Outcome.SUCCEEDED)
    assert play.turn("a").outcome is Outcome.FAILED


def test_an_expression_that_cannot_be_evaluated_fails_the_turn() -> None:
    """Errors of values are the author's, and the reason says so."""
    play = Playbook(chain_of(agent("a", env={"X": "${{ nonsense.x }}"}))).requested()

    play.asks("finish failed")
    assert play.turn("a").reason is Reason.EXPRESSION


def test_cancel_stops_what_runs_then_cleans_up() -> None:
    """26: agents that ask for it may run; a second cancel ends those too."""
    play = Playbook(
        chain_of(agent("a"), agent("b", needs=("a",)), agent("clean", needs=("a",), condition="always()"))
    ).requested()

    play.starts("a").cancelled().asks("stop a")
    play.exits("a", 0).asks("start clean")
    assert play.turn("a").outcome is Outcome.CANCELLED
    play.starts("clean").cancelled().asks("stop clean")
    play.exits("clean", None).asks("finish cancelled")


def test_cancel_withdraws_waiting_attempts_and_queued_events() -> None:
    """26."""
    play = Playbook(chain_of(agent("a", retry=Retry(max=1)), agent("src", emits="x"), agent("b", on="x"))).requested()
    play.exits("a", 1).emits("src", "x").emits("src", "x").exits("src")

    play.cancelled().asks("clear retry:r1-a-1-2", "stop b")
    play.exits("b", None).asks("finish cancelled")
    assert [entry.why for entry in play.entries(d.DeliveriesDropped)] == ["run-ending"]


def test_nothing_follows_the_end() -> None:
    """The journal is sealed."""
    play = Playbook(chain_of(agent("a"))).requested().exits("a")
    before = len(play.journal)

    play.cancelled().exits("a").emits("a", "x").loses("a")
    assert len(play.journal) == before


def test_the_limit_of_turns_fails_the_run() -> None:
    """A default, and a bound."""
    chain = chain_of(agent("src", emits="x"), agent("a", on="x"), limits=Limits(turns=2))
    play = Playbook(chain).requested().emits("src", "x").emits("src", "x").exits("src").asks("start a")

    play.exits("a").asks("finish failed")
    assert play.state.reason is Reason.LIMIT_TURNS


def test_the_limit_of_events_fails_the_run() -> None:
    """8: it counts declared events."""
    play = Playbook(chain_of(agent("a", emits="x"), limits=Limits(events=1))).requested().starts("a")

    play.emits("a", "x").asks()
    play.emits("a", "undeclared").asks()
    play.emits("a", "x").asks("stop a")
    play.exits("a", None).asks("finish failed")
    assert play.state.reason is Reason.LIMIT_EVENTS


def test_the_limit_of_duration_ends_the_run() -> None:
    """A timer of the journal, so it survives restarts."""
    play = Playbook(chain_of(agent("a"), limits=Limits(duration_s=60))).requested().starts("a")

    play.fires("run-duration").asks("stop a")
    play.exits("a", None).ends(Outcome.TIMED_OUT)


def test_a_mistake_of_ours_ends_the_run_as_internal() -> None:
    """Nothing is left undecided, and nothing cleans up after a state that cannot be trusted."""
    play = Playbook(chain_of(agent("a"), agent("clean", needs=("a",), condition="always()"))).requested().starts("a")

    play.given(f.InternalErrorOccurred(at=play.now, detail="KeyError")).asks("stop a")
    play.exits("a", None).asks("finish failed")
    assert play.state.reason is Reason.INTERNAL


def test_chain_outputs_are_resolved_at_the_end() -> None:
    """Callers read them."""
    a = agent("a", outputs={"n": "integer"})
    play = Playbook(chain_of(a, outputs={"n": "${{ agents.a.outputs.n }}"})).requested()

    play.exits("a", outputs={"n": "7"})
    assert play.state.outputs == {"n": 7}


def test_what_is_outstanding_after_a_crash() -> None:
    """Attach first: sessions are looked for, then stopped; timers are set again; an exit is not asked for twice."""
    a = agent("a", checks=(Check(script="test"),))
    play = Playbook(chain_of(a, agent("b"), agent("c", retry=Retry(max=1)))).requested()
    play.starts("a").exits("a").starts("b").exits("c", 1)

    assert play.outstanding() == ["check a 0", "start b", "timer retry:r1-c-1-2 +5"]
