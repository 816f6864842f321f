"""Agents that are runs of another chain (semantics 27)."""

from dataclasses import replace
from typing import Any

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.calling import CHILD_TIMER
from chainwright.daemon.core.graph import Agent, Call, Check, Retry
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.testing import Playbook, agent_of, chain_of

PART = agent_of("part", script=None, calls=Call(chain="other", definition="d"), outputs={"n": "json"}, emits="done")
TIMER = CHILD_TIMER + "r1-part-1-1"


def begun(agent: Agent = PART, **fields: Any) -> Playbook:
    """A run whose agent has called its chain."""
    chain = chain_of(replace(agent, **fields), agent_of("after", on="done"))
    return Playbook(chain).requested().asks("call part").calls("part").asks(f"timer {TIMER} +3600")


def test_outputs_and_events_come_up_when_the_child_has_succeeded() -> None:
    """What is JSON in the child is the same JSON here."""
    play = begun().emits("part", "done", {"x": 1}).asks()
    play.returns("part", outputs={"n": "007"}).asks(f"clear {TIMER}", "start after")

    assert play.turn("part").outputs == {"n": "007"}
    play.exits("after").ends("succeeded")


def test_a_failed_child_fails_the_attempt_and_a_retry_is_another_child() -> None:
    """Semantics 27: attempt n is child run n."""
    play = begun(retry=Retry(max=1, delay_s=0)).returns("part", Outcome.FAILED, detail="no luck")
    play.asks(f"clear {TIMER}", "call part#2").calls("part#2").returns("part#2", Outcome.TIMED_OUT).ends("failed")

    assert [(one.outcome, one.reason) for one in play.turn("part").attempts] == [
        (Outcome.FAILED, Reason.EXIT),
        (Outcome.TIMED_OUT, Reason.EXIT),
    ]


def test_a_child_that_failed_for_a_loss_is_lost() -> None:
    """And tried again only where nothing of it can still run."""
    lost = Retry(max=1, delay_s=0, on=frozenset({"lost"}))
    play = begun(retry=lost).returns("part", Outcome.FAILED, cause=Reason.LOST)

    assert play.turn("part").attempts[0].outcome is Outcome.LOST
    play.asks(f"clear {TIMER}", "call part#2").calls("part#2")
    play.returns("part#2", Outcome.FAILED, cause=Reason.LOST, strays=True).ends("failed")


def test_a_run_says_why_it_failed_and_whether_something_of_it_may_still_run() -> None:
    """For who called it."""
    play = Playbook(chain_of(agent_of("a"))).requested().loses("a", group_gone=False).ends("failed")

    (ended,) = play.entries(d.RunFinished)
    assert (ended.cause, ended.strays) == (Reason.LOST, True)


def test_a_timeout_cancels_the_child_and_may_be_retried() -> None:
    """No session host holds a child to its time."""
    chain = chain_of(replace(PART, timeout_s=60.0, retry=Retry(max=1, delay_s=5.0)))
    play = Playbook(chain).requested().calls("part").fires(TIMER).asks("cancel part")
    play.returns("part", Outcome.CANCELLED).asks("timer retry:r1-part-1-2 +5")

    assert play.turn("part").attempts[0].reason is Reason.TIMEOUT


def test_cancel_goes_down_twice() -> None:
    """The second ends what cleans up."""
    play = begun().cancelled().asks("cancel part").cancelled().asks("cancel part again")

    assert play.outstanding() == ["call part", "cancel part", "cancel part again", f"timer {TIMER} +3598"]
    play.returns("part", Outcome.CANCELLED).ends("cancelled")


def test_a_child_that_others_cancelled_fails_the_run_that_wanted_it() -> None:
    """Nothing else would say that its work is missing."""
    play = begun().returns("part", Outcome.CANCELLED).ends("failed")

    assert (play.turn("part").outcome, play.state.reason) == (Outcome.CANCELLED, Reason.AGENT_FAILED)


def test_a_child_that_cannot_begin_fails_the_attempt() -> None:
    """Its inputs do not fit, for one."""
    play = Playbook(chain_of(PART)).requested().refuses("part", "inputs").ends("failed")

    assert play.turn("part").reason is Reason.EXIT


def test_checks_see_the_outputs_of_the_child() -> None:
    """An attempt is an attempt."""
    chain = chain_of(replace(PART, checks=(Check(script="true"),)))
    play = Playbook(chain).requested().calls("part").returns("part", outputs={"n": 1})
    play.asks(f"clear {TIMER}", "check part 0").checked("part").ends("succeeded")

    assert play.turn("part").outputs == {"n": 1}


def test_what_does_not_fit_the_callers_declaration_fails_it() -> None:
    """Types are held to on both sides."""
    assert begun(outputs={"n": "integer"}).returns("part", outputs={"n": "x"}).turn("part").reason is Reason.OUTPUT


def test_the_journal_alone_gives_the_same_state() -> None:
    """Also of runs with children."""
    play = begun().emits("part", "done").returns("part", outputs={"n": 1})

    assert play.rebuilt() == play.state


def test_24_the_limit_of_duration_stands_still_while_a_child_waits_for_people() -> None:
    play = begun().pauses("part").asks()
    assert (play.state.state, play.state.reason, play.state.detail) == (
        State.WAITING,
        Reason.APPROVAL,
        "part (run child)",
    )
    assert "run-duration" not in play.state.timers

    play.now += 100_000
    play.resumes("part").asks()
    assert play.state.state is State.RUNNING
    assert play.state.timers["run-duration"] > play.now
    play.returns("part", outputs={"n": 1}).asks(f"clear {TIMER}", "finish succeeded")


def test_24_it_goes_on_while_something_else_of_the_caller_runs() -> None:
    play = Playbook(chain_of(PART, agent_of("long"))).requested().calls("part").pauses("part")
    assert (play.state.state, "run-duration" in play.state.timers) == (State.RUNNING, True)

    play.exits("long")
    assert (play.state.state, "run-duration" in play.state.timers) == (State.WAITING, False)


def test_24_a_child_that_is_told_to_wait_twice_is_told_once() -> None:
    play = begun().pauses("part")
    before = len(play.journal)

    play.pauses("part")
    assert len(play.journal) == before
    assert play.rebuilt() == play.state


def test_24_a_caller_whose_child_waits_can_end_at_once() -> None:
    begun().pauses("part").returns("part", Outcome.FAILED).ends("failed")
    begun().pauses("part").cancelled().asks("cancel part")
