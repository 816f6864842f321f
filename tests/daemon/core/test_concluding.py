"""What the end of an attempt means."""

from typing import Literal

import pytest

from chainwright.daemon.core.concluding import CHECK_LOSSES
from chainwright.daemon.core.decisions import EventDiscarded
from chainwright.daemon.core.graph import Check, Emit, Retry
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.testing import Playbook, agent_of, chain_of

ONE_CHECK = (Check(script="test"),)
AT_ONCE = Retry(max=1, delay_s=0)


def answering(**fields: object) -> Playbook:
    """A run of an agent that ends with its event."""
    chain = chain_of(agent_of("a", finish="event", **{"emits": "x"} | fields), agent_of("b", on="x"))
    return Playbook(chain).requested().starts("a")


# finish: event


def test_an_event_delivered_now_ends_its_session_too() -> None:
    """20: the first declared event, however it is delivered."""
    play = answering(emits={"x": Emit(name="x", deliver="now")})

    play.emits("a", "x").asks("stop a", "start b")
    play.exits("a", None).exits("b").ends(Outcome.SUCCEEDED)


def test_an_immediate_event_that_a_retry_repeats_ends_its_session_too() -> None:
    """6 and 20: it is not delivered again, and it is an answer."""
    play = answering(emits={"x": Emit(name="x", deliver="now")}, outputs={"n": "integer"}, retry=AT_ONCE)
    play.emits("a", "x", key="k").exits("a", None).starts("a#2")

    play.emits("a#2", "x", key="k").asks("stop a#2")
    play.exits("a#2", None, outputs={"n": "1"}).exits("b").ends(Outcome.SUCCEEDED)


def test_an_event_that_does_not_fit_ends_the_session_and_fails_the_attempt() -> None:
    """20: waiting for another would wait until the time-out."""
    play = answering(emits={"x": Emit(name="x", payload={"n": "integer"})}, retry=AT_ONCE)

    play.emits("a", "x", {"n": "many"}).asks("stop a")
    play.exits("a", None).asks("start a#2")
    assert play.turn("a").attempts[0].reason is Reason.PAYLOAD


def test_what_comes_after_the_event_is_late() -> None:
    """20: the first event is the answer; how long the session takes to close must not add another, nor spoil it."""
    play = answering(emits={"x": Emit(name="x"), "y": Emit(name="y", payload={"n": "integer"})})

    play.emits("a", "x").emits("a", "x").emits("a", "y", {"n": "many"}).exits("a", None).asks("start b")
    assert [late.number for late in play.entries(EventDiscarded)] == [2, 3]
    play.exits("b").ends(Outcome.SUCCEEDED)


def test_the_code_that_stops_a_run_is_ignored_as_any_other() -> None:
    """20 before 11: with `finish: event` a code says nothing."""
    play = answering(emits={"x": Emit(name="x"), "run.stop": Emit(name="run.stop")}).emits("a", "x")

    play.exits("a", 78).asks("start b")


@pytest.mark.parametrize("code", [0, 3, 78])
def test_an_end_without_the_event_is_no_event_whatever_its_code(code: int) -> None:
    """20: and a retry on `no-event` is made."""
    play = answering(
        emits={"x": Emit(name="x"), "run.stop": Emit(name="run.stop")},
        retry=Retry(max=1, delay_s=0, on=frozenset({"no-event"})),
    )

    play.exits("a", code).asks("start a#2")
    assert play.turn("a").attempts[0].reason is Reason.NO_EVENT


def test_an_undeclared_event_is_no_answer() -> None:
    """20: the session goes on."""
    answering().emits("a", "z").asks()


def test_an_event_that_comes_before_the_word_of_the_start_ends_the_session() -> None:
    """Facts of one session may come in any order after a crash."""
    chain = chain_of(agent_of("a", finish="event", emits="x"))

    Playbook(chain).requested().emits("a", "x").asks("stop a")


def test_a_limit_reached_after_the_event_came_is_too_late() -> None:
    """What is journaled first wins."""
    play = answering().emits("a", "x")

    play.exits("a", None, ended_by="timeout").asks("start b")


def test_a_session_lost_after_its_event_came_is_lost() -> None:
    """It did not succeed, and nobody took it away."""
    play = answering().emits("a", "x").loses("a")

    assert play.turn("a").outcome is Outcome.LOST


def test_a_check_that_fails_after_the_event_is_tried_again_after_its_delay() -> None:
    """19 and 20: the turn is not being stopped, only its first session was."""
    play = answering(checks=ONE_CHECK, retry=Retry(max=1, delay_s=5)).emits("a", "x").exits("a", None)

    play.checked("a", 1).asks("timer retry:r1-a-1-2 +5")
    assert play.turn("a").state is State.WAITING
    play.fires("retry:r1-a-1-2").asks("start a#2")
    assert play.turn("a").state is State.RUNNING


def test_after_a_crash_the_checks_of_an_answer_go_on() -> None:
    """That its event came ends the agent's session, and not its checks."""
    play = answering(checks=ONE_CHECK).emits("a", "x").exits("a", None)

    assert play.outstanding() == ["check a 0"]


def test_a_cancel_ends_the_checks_of_an_answer() -> None:
    """26: sessions are stopped, also those of checks."""
    play = answering(checks=ONE_CHECK).emits("a", "x").exits("a", None)

    play.cancelled().asks("stop a")
    assert play.outstanding() == ["check a 0", "stop a"]
    play.checked("a", None, ended_by="stop").asks("finish cancelled")


def test_a_cancel_takes_away_what_has_answered_and_not_ended() -> None:
    """26: as exit 0 within the grace stays cancelled; no check starts in a run that is cancelled."""
    play = answering(checks=ONE_CHECK).emits("a", "x").cancelled().asks("stop a")

    play.exits("a", 0).asks("finish cancelled")
    assert play.turn("a").outcome is Outcome.CANCELLED


# checks


def checking(**fields: object) -> Playbook:
    """A run of an agent whose check runs."""
    return Playbook(chain_of(agent_of("a", **{"checks": ONE_CHECK} | fields))).requested().starts("a").exits("a")


def test_a_lost_check_runs_again_in_a_session_of_another_name() -> None:
    """21: the first one's session exists, so starting it again would only find its loss."""
    play = checking().checked("a", None, ended_by="lost").asks("check a 0 again 1")

    assert play.outstanding() == ["check a 0 again 1"]
    play.checked("a", again=1).asks("finish succeeded")


def test_a_late_word_of_a_lost_check_says_nothing_about_the_next() -> None:
    """I5, of checks."""
    play = checking().checked("a", None, ended_by="lost")

    play.checked("a", 1).asks()
    play.checked("a", again=1).ends(Outcome.SUCCEEDED)


def test_a_check_that_is_lost_every_time_fails_the_attempt() -> None:
    """21: one that takes its machine down is not run for ever."""
    play = checking()
    for again in range(CHECK_LOSSES):
        play.checked("a", None, again=again, ended_by="lost").asks(f"check a 0 again {again + 1}")

    play.checked("a", None, again=CHECK_LOSSES, ended_by="lost").asks("finish failed")
    assert play.turn("a").reason is Reason.CHECK


def test_each_check_has_its_own_losses() -> None:
    """The second check's first session is its first."""
    play = checking(checks=ONE_CHECK * 2).checked("a", None, ended_by="lost")

    play.checked("a", again=1).asks("check a 1")


def test_an_event_that_comes_during_a_check_is_late() -> None:
    """6: the agent's process tree has ended by then."""
    checks = agent_of("a", emits="x", checks=ONE_CHECK, finish="event")
    play = Playbook(chain_of(checks, agent_of("b", on="x"))).requested().starts("a").emits("a", "x").exits("a", None)

    play.emits("a", "x").asks()
    play.checked("a").asks("start b")
    play.exits("b").asks("finish succeeded")


def test_a_loss_that_is_told_during_a_check_is_too_late() -> None:
    """I5: the exit is recorded already."""
    checking().loses("a").asks()


@pytest.mark.parametrize("ended_by", ["timeout", "refused", "stop"])
def test_a_check_that_gives_no_verdict_fails_the_attempt(ended_by: Literal["timeout", "refused", "stop"]) -> None:
    """And the reason says how it ended."""
    play = checking().checked("a", None, ended_by=ended_by).asks("finish failed")

    assert ended_by in play.turn("a").detail


def test_a_cancel_during_a_check_takes_the_attempt_away() -> None:
    """26: even if the check says yes within the grace."""
    play = checking().cancelled().asks("stop a")

    play.checked("a").asks("finish cancelled")
    assert play.turn("a").outcome is Outcome.CANCELLED


def test_a_lost_check_of_a_cancelled_run_is_not_run_again() -> None:
    """26."""
    checking().cancelled().checked("a", None, ended_by="lost").asks("finish cancelled")


# run.stop


def test_run_stop_delivered_now_ends_the_run_at_once() -> None:
    """6 and 11: its emitter is stopped like the rest."""
    chain = chain_of(agent_of("a", emits={"run.stop": Emit(name="run.stop", deliver="now")}), agent_of("b"))
    play = Playbook(chain).requested().starts("a").starts("b")

    play.emits("a", "run.stop").asks("stop a", "stop b")
    play.exits("a", None).exits("b", None).ends(Outcome.SUCCEEDED)


def test_run_stop_from_outside_ends_a_run_whose_chain_knows_it() -> None:
    """11 and 12."""
    play = Playbook(chain_of(agent_of("a", emits="run.stop"))).requested().starts("a")

    play.injected("run.stop").asks("stop a")
    Playbook(chain_of(agent_of("a"))).requested().starts("a").injected("run.stop").asks()


def test_what_was_staged_before_run_stop_is_routed_and_starts_nothing() -> None:
    """11: the run takes nothing new on; who cleans up may."""
    chain = chain_of(agent_of("a", emits="x run.stop"), agent_of("b", on="x"), agent_of("c", on="y"))
    play = Playbook(chain).requested().emits("a", "x").emits("a", "run.stop")

    play.exits("a").asks("finish succeeded")
    assert play.state.agents["b"].skipped == (Reason.RUN_STOPPED, 'agent "a" ended the run early')


def test_run_stop_after_a_failure_does_not_whitewash_it() -> None:
    """18."""
    play = Playbook(chain_of(agent_of("a", emits="run.stop"), agent_of("b"))).requested().exits("b", 1)

    play.emits("a", "run.stop").exits("a").ends(Outcome.FAILED)


# what comes from outside is never a reason to raise


def test_a_stall_of_an_agent_without_an_idle_timeout_is_told_like_any_other() -> None:
    """The session host's word is taken as it is."""
    play = Playbook(chain_of(agent_of("a"))).requested().exits("a", None, ended_by="stall")

    assert play.turn("a").reason is Reason.STALL


def test_a_session_that_cannot_start_fails_its_attempt_by_name() -> None:
    """The detail names what is missing, and `started` is never told."""
    play = Playbook(chain_of(agent_of("a"), agent_of("b", on="a.started"))).requested().refuses("a", "no folder x")

    assert (play.turn("a").reason, play.turn("a").detail) == (Reason.EXIT, "no folder x")
    assert play.state.agents["b"].skipped is not None


def test_the_first_attempt_that_starts_tells_that_its_turn_started() -> None:
    """8: once a turn, also when the first attempt never came to it."""
    play = Playbook(chain_of(agent_of("a", retry=Retry(max=2, delay_s=0)), agent_of("b", on="a.started")))

    play.requested().refuses("a").asks("start a#2")
    play.starts("a#2").asks("start b")
    play.exits("a#2", 1).starts("a#3").asks()
