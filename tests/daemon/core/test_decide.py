"""Runs of the pure machine as scripts; the numbers are those of the rules in semantics.md."""

from typing import Literal

import pytest

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core import facts as f
from chainwright.daemon.core.graph import Agent, Check, Emit, Limits, Listen, Retry
from chainwright.daemon.core.states import Outcome, Reason, State
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


# needs and skips


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


# events


def test_staged_events_route_on_success_in_their_order() -> None:
    """6: what an attempt emits is routed when it has succeeded."""
    play = Playbook(chain_of(agent("a", emits="x y"), agent("b", on=["x", "y"]))).requested()

    play.emits("a", "y").asks()
    play.emits("a", "x").asks()
    play.exits("a").asks("start b")
    assert play.turn("b").consumed == (1,)
    play.exits("b").asks("start b[2]")


def test_staged_events_of_a_failed_attempt_are_never_routed() -> None:
    """6: they are kept as discarded."""
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", on="x"))).requested()

    play.emits("a", "x").exits("a", 1).asks("finish failed")
    assert [entry.why for entry in play.entries(d.EventDiscarded)] == ["attempt-failed"]
    assert play.state.agents["b"].skipped == (Reason.NEVER_FED, "x did not come")


def test_events_delivered_now_start_their_listeners_while_the_emitter_runs() -> None:
    """6: `deliver: now` routes at once, and a retry's repeat is not delivered again."""
    tick = {"tick": Emit(name="tick", deliver="now")}
    a = Agent(id="a", script="true", emits=tick, retry=Retry(max=1, delay_s=0))
    play = Playbook(chain_of(a, agent("b", on="tick"))).requested()

    play.emits("a", "tick", key="k").asks("start b")
    play.exits("a", 1).asks("start a#2")
    play.emits("a#2", "tick", key="k").asks()
    assert [entry.why for entry in play.entries(d.EventDiscarded)] == ["repeated"]


def test_an_undeclared_event_is_recorded_and_refused() -> None:
    """An agent that emits what it did not declare is shown so, and does not fail for it."""
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", on="x"))).requested().emits("a", "z")

    assert "does not declare" in play.entries(d.EventRefused)[0].why
    play.exits("a").asks("finish succeeded")


def test_a_payload_that_does_not_fit_fails_the_attempt() -> None:
    """Reason payload, and retried like any other."""
    a = Agent(
        id="a", script="true", emits={"x": Emit(name="x", payload={"n": "integer"})}, retry=Retry(max=1, delay_s=0)
    )
    play = Playbook(chain_of(a, agent("b", on="x"))).requested()

    play.emits("a", "x", {"n": "many"}).exits("a").asks("start a#2")
    assert play.turn("a").attempts[0].reason is Reason.PAYLOAD
    play.emits("a#2", "x", {"n": 3}).exits("a#2").asks("start b")


def test_the_same_key_counts_once() -> None:
    """I6: a repeated report of an event changes nothing."""
    play = Playbook(chain_of(agent("a", emits="x"))).requested().emits("a", "x", key="k")
    before = len(play.journal)

    play.emits("a", "x", key="k")
    assert len(play.journal) == before


def test_events_after_the_attempts_end_are_late() -> None:
    """Stored, not routed."""
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", on="x"), agent("long"))).requested()

    play.exits("a").emits("a", "x").asks()
    assert [entry.why for entry in play.entries(d.EventDiscarded)] == ["late"]


def test_automatic_events_exist_only_for_listeners() -> None:
    """8: they are stored only if somebody listens."""
    play = Playbook(chain_of(agent("a"), agent("b", on="a.failed"))).requested().starts("a").exits("a", 1)

    assert [event.name for event in play.events()] == ["a.failed"]
    play.asks("start b").exits("b").ends(Outcome.FAILED)


def test_injected_events_reach_their_listeners() -> None:
    """12: `emit --run`."""
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", on="x"))).requested()

    play.injected("x", {"by": "hand"}).asks("start b")
    assert play.turn("b").resolved is not None and play.turn("b").resolved.event["data"] == {"by": "hand"}


# joins


def test_all_pairs_first_in_first_out() -> None:
    """14: one event of each name."""
    both = Listen(mode="all", names=("x", "y"))
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", emits="y"), agent("join", on=both))).requested()

    play.emits("a", "x").emits("a", "x").exits("a").asks()
    play.emits("b", "y").exits("b").asks("start join")
    assert play.turn("join").consumed == (1, 3)
    play.exits("join").asks("finish succeeded")


def test_a_quorum_counts_names_and_drops_the_surplus() -> None:
    """14: two votes of one name are one."""
    two = Listen(mode="quorum", names=("x", "y", "z"), count=2)
    play = Playbook(chain_of(agent("a", emits="x"), agent("b", emits="y"), agent("join", on=two), agent("slow")))

    play.requested().emits("a", "x").emits("a", "x").exits("a").asks()
    play.emits("b", "y").exits("b").asks("start join")
    assert (play.turn("join").consumed, [e.numbers for e in play.entries(d.DeliveriesDropped)]) == ((1, 3), [(2,)])


def test_a_new_turn_of_an_emitter_withdraws_its_votes() -> None:
    """14: two drafts are never mixed."""
    two = Listen(mode="quorum", names=("x", "y"), count=2)
    play = Playbook(
        chain_of(
            agent("go", emits="again"), agent("a", on="again", emits="x"), agent("join", on=two), agent("b", emits="y")
        )
    )

    play.requested().emits("go", "again").emits("go", "again").exits("go").asks("start a")
    play.emits("a", "x").exits("a").asks("start a[2]")
    assert [entry.why for entry in play.entries(d.DeliveriesDropped)] == ["withdrawn"]
    play.emits("b", "y").exits("b").asks()


# loops


def loop(turns: int | None = 2, **fields: object) -> Playbook:
    """A writer whose editor always sends the draft back."""
    return Playbook(
        chain_of(
            agent("write", on=["start", "back"], emits="draft", max_turns=turns, **fields),
            agent("edit", on="draft", emits="back ok"),
            agent("begin", emits="start"),
            agent("publish", on="ok"),
        )
    )


def around(play: Playbook, turn: int, verdict: str) -> Playbook:
    """One round of the loop."""
    return (
        play.emits(f"write[{turn}]", "draft")
        .exits(f"write[{turn}]")
        .emits(f"edit[{turn}]", verdict)
        .exits(f"edit[{turn}]")
    )


def test_a_loop_ends_when_its_editor_is_content() -> None:
    """A cycle settles as a whole when it is idle."""
    play = loop().requested().emits("begin", "start").exits("begin")

    around(play, 1, "back").asks("start write[2]")
    around(play, 2, "ok").asks("start publish")
    play.exits("publish").ends(Outcome.SUCCEEDED)


def test_an_exhausted_loop_that_nobody_hears_fails_the_run() -> None:
    """17: `<id>.exhausted`, unheard, fails the run with that reason."""
    play = loop().requested().emits("begin", "start").exits("begin")
    around(play, 1, "back")

    around(play, 2, "back").asks("finish failed")
    assert play.state.reason is Reason.EXHAUSTED


def test_a_heard_exhaustion_is_the_listeners_business() -> None:
    """17: emitted once per agent and run."""
    play = loop()
    play = Playbook(chain_of(*play.chain.agents.values(), agent("give-up", on="write.exhausted"))).requested()
    around(play.emits("begin", "start").exits("begin"), 1, "back")

    around(play, 2, "back").asks("start give-up")
    play.exits("give-up").ends(Outcome.SUCCEEDED)


def test_skipped_turns_do_not_count_as_turns() -> None:
    """16: a false `if` consumes the event and is not counted."""
    a = agent("a", on="x", max_turns=1, condition="event.data.go == true")
    play = Playbook(chain_of(agent("src", emits="x"), a)).requested()

    play.emits("src", "x", {"go": False}).emits("src", "x", {"go": True}).exits("src").asks("start a[2]")
    assert play.turn("a", 1).outcome is Outcome.SKIPPED


def test_needs_sees_the_last_turn_that_was_not_skipped() -> None:
    """13: and waits until its need has settled."""
    play = Playbook(
        chain_of(
            agent("src", emits="x"),
            agent("a", on="x", outputs={"n": "integer"}, condition="event.data.go == true"),
            agent("end", needs=("a",), env={"N": "${{ needs.a.outputs.n }}"}),
        )
    ).requested()
    for go in (True, True, False):
        play.emits("src", "x", {"go": go})

    play.exits("src").asks("start a")
    play.exits("a", outputs={"n": "1"}).asks("start a[2]")
    play.exits("a[2]", outputs={"n": "2"}).asks("start end")
    assert play.turn("end").resolved is not None and play.turn("end").resolved.env == {"N": "2"}


# attempts


def test_a_failed_attempt_is_tried_again_after_its_delay() -> None:
    """19: n further attempts."""
    play = Playbook(chain_of(agent("a", retry=Retry(max=2, delay_s=5, backoff="exponential")))).requested()

    play.exits("a", 1).asks("timer retry:r1-a-1-2 +5")
    assert play.state.attempts["r1-a-1-2"].state is State.WAITING
    play.fires("retry:r1-a-1-2").asks("start a#2")
    play.exits("a#2", 1).asks("timer retry:r1-a-1-3 +10")
    play.fires("retry:r1-a-1-3").exits("a#3", 1).asks("finish failed")


def test_feedback_tells_the_next_attempt_why() -> None:
    """The failed check's text is handed on."""
    a = agent("a", checks=(Check(script="test"),), retry=Retry(max=1, delay_s=0))
    play = Playbook(chain_of(a)).requested()

    play.exits("a").asks("check a 0")
    play.checked("a", 1, text="too short").asks("start a#2")
    assert "too short" in play.state.attempts["r1-a-1-2"].feedback
    play.exits("a#2").checked("a#2").asks("finish succeeded")


def test_values_are_resolved_once_for_all_attempts() -> None:
    """I10: the retry's inputs are those of the first attempt."""
    a = agent("a", env={"X": "${{ inputs.x }}"}, retry=Retry(max=1, delay_s=0))
    play = Playbook(chain_of(a)).requested(x="1").exits("a", 1)

    assert len(play.entries(d.TurnStarted)) == 1
    assert play.turn("a").resolved is not None and play.turn("a").resolved.env == {"X": "1"}


def test_exit_codes_narrow_the_retry() -> None:
    """19: reason exit with a list of codes."""
    a = agent("a", retry=Retry(max=1, delay_s=0, exit_codes=(75,)))

    Playbook(chain_of(a)).requested().exits("a", 1).asks("finish failed")
    Playbook(chain_of(a)).requested().exits("a", 75).asks("start a#2")


@pytest.mark.parametrize("group_gone", [True, False])
def test_a_lost_attempt_is_retried_only_if_asked_and_proven_gone(group_gone: bool) -> None:
    """19 and I2."""
    a = agent("a", retry=Retry(max=1, delay_s=0, on=frozenset({"lost"})))
    play = Playbook(chain_of(a)).requested().starts("a").loses("a", group_gone=group_gone)

    play.asks("start a#2" if group_gone else "finish failed")


def test_a_lost_attempt_is_not_retried_by_default() -> None:
    """19: default `on` is all but lost."""
    play = Playbook(chain_of(agent("a", retry=Retry(max=3, delay_s=0)))).requested().loses("a")

    play.asks("finish failed")
    assert play.turn("a").outcome is Outcome.LOST


@pytest.mark.parametrize(("ended_by", "reason"), [("timeout", Reason.TIMEOUT), ("stall", Reason.STALL)])
def test_time_outs_have_their_own_reason(ended_by: Literal["timeout", "stall"], reason: Reason) -> None:
    """The session host enforced them; the outcome says so."""
    play = Playbook(chain_of(agent("a", idle_timeout_s=1.0))).requested().exits("a", None, ended_by=ended_by)

    assert (play.turn("a").outcome, play.turn("a").reason) == (Outcome.TIMED_OUT, reason)


def test_missing_and_mistyped_outputs_fail_the_attempt() -> None:
    """Reason output names them."""
    play = Playbook(chain_of(agent("a", outputs={"n": "integer", "s": "string"}))).requested()

    play.exits("a", outputs={"n": "x"}).asks("finish failed")
    assert play.turn("a").reason is Reason.OUTPUT
    assert '"n"' in play.turn("a").detail and '"s"' in play.turn("a").detail


def test_a_second_exit_changes_nothing() -> None:
    """I5: one exit record per attempt."""
    play = Playbook(chain_of(agent("a"), agent("b"))).requested().exits("a", 0)
    before = len(play.journal)

    assert len(play.exits("a", 1).journal) == before


# finish: event, run.stop


def test_finish_event_ends_the_session_and_ignores_its_code() -> None:
    """20: first the event is staged, then the session is ended, then it is routed."""
    play = Playbook(chain_of(agent("a", emits="x", finish="event"), agent("b", on="x"))).requested().starts("a")

    play.emits("a", "x").asks("stop a")
    play.exits("a", None).asks("start b")


def test_finish_event_without_an_event_fails() -> None:
    """20: reason no-event."""
    play = Playbook(chain_of(agent("a", emits="x", finish="event"))).requested().exits("a")

    assert play.turn("a").reason is Reason.NO_EVENT


@pytest.mark.parametrize("by_code", [True, False])
def test_run_stop_ends_the_run_early_as_succeeded(by_code: bool) -> None:
    """11: by the event or by exit code 78."""
    play = Playbook(chain_of(agent("a", emits="run.stop"), agent("b"), agent("c", needs=("b",)))).requested()
    play.starts("b")
    if not by_code:
        play.emits("a", "run.stop")

    play.exits("a", 78 if by_code else 0).asks("stop b")
    play.exits("b", None).asks("finish succeeded")
    assert (play.state.reason, play.turn("b").outcome) == (Reason.RUN_STOPPED, Outcome.CANCELLED)


def test_exit_code_78_is_a_failure_where_run_stop_is_not_declared() -> None:
    """11."""
    Playbook(chain_of(agent("a"))).requested().exits("a", 78).asks("finish failed")


# cancel and limits


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


# rebuilding


def test_a_rebuilt_run_is_the_run() -> None:
    """1: rebuilding uses evolve alone."""
    play = around(loop().requested().emits("begin", "start").exits("begin"), 1, "back")

    assert play.rebuilt() == play.state


def test_what_is_outstanding_after_a_crash() -> None:
    """Attach first: sessions are looked for, then stopped; timers are set again; an exit is not asked for twice."""
    a = agent("a", checks=(Check(script="test"),))
    play = Playbook(chain_of(a, agent("b"), agent("c", retry=Retry(max=1)))).requested()
    play.starts("a").exits("a").starts("b").exits("c", 1)

    assert play.outstanding() == ["check a 0", "start b", "timer retry:r1-c-1-2 +5"]
