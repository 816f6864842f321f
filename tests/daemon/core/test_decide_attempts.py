"""The pure machine on how attempts end: retries, reasons, `finish: event`, `run.stop`."""

from typing import Literal

import pytest

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.graph import Check, Retry
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.testing import Playbook, chain_of
from chainwright.daemon.testing import agent_of as agent


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
