"""24: approvals are asked once per turn, for resolved values, with an absolute due time; what each answer leads to."""

from typing import Any

import pytest

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.graph import Agent, Approval, Limits, Retry
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.testing import Playbook, agent_of, chain_of

ANYBODY = Approval()


def gated(name: str = "post", *, approval: Approval = ANYBODY, **fields: object) -> Agent:
    return agent_of(name, approval=approval, **fields)  # what a test wants of an agent


def playing(*agents: Agent, **fields: object) -> Playbook:
    return Playbook(chain_of(*agents, **fields)).requested()


def test_24_nothing_starts_before_somebody_agrees() -> None:
    play = playing(gated()).asks()
    turn = play.turn("post")
    assert (turn.state, turn.reason, turn.detail) == (State.WAITING, Reason.APPROVAL, "by anybody")

    play.answered("post").asks("start post")
    assert turn.state is State.RUNNING


def test_24_the_values_are_those_of_the_time_of_asking() -> None:
    """What was approved is what runs, whatever another agent has given since."""
    late = gated(on="go", env={"SEEN": "${{ agents.other.result }}"})
    play = playing(agent_of("src", emits="go"), agent_of("other"), late)
    play.emits("src", "go").exits("src")
    play.exits("other", code=1)

    play.answered("post")
    resolved = play.turn("post").resolved
    assert resolved is not None
    assert resolved.env == {"SEEN": "skipped"}


def test_24_rejection_fails_the_turn_without_a_retry_and_tells_who_listens() -> None:
    play = playing(gated(retry=Retry(max=3)), agent_of("sorry", on="post.failed"))

    play.answered("post", "reject", comment="too long").asks("start sorry")
    turn = play.turn("post")
    assert (turn.outcome, turn.reason, turn.detail) == (Outcome.FAILED, Reason.REJECTED, "by ann: too long")
    (event,) = play.events()
    assert event.data["comment"] == "too long"


def test_24_the_comment_is_the_feedback_of_every_attempt() -> None:
    play = playing(gated(retry=Retry(max=1, delay_s=0.0)))
    play.answered("post", comment="mind the title")
    play.exits("post", code=3)

    first, second = play.turn("post").attempts
    assert first.feedback == "mind the title"
    assert second.feedback == "mind the title\nexit: exit code 3"


def test_24_so_many_different_people() -> None:
    """The same person counts once; the turn says who is missing."""
    play = playing(gated(approval=Approval(by=("ann", "bob"), count=2, message="Publish?")))
    play.answered("post", by="ann", comment="fine").asks()
    assert play.turn("post").detail == "by 2 of ann, bob (ann agreed): Publish?"

    play.answered("post", by="ann").asks()
    play.answered("post", by="bob", comment="go").asks("start post")
    assert play.turn("post").comment == "fine\ngo"


def test_24_who_has_agreed_may_still_say_no() -> None:
    play = playing(gated(approval=Approval(count=2)))
    play.answered("post", by="ann").answered("post", "reject", by="ann", comment="I looked again")

    assert play.turn("post").detail == "by ann: I looked again"


def test_24_the_due_time_is_absolute_and_on_record() -> None:
    play = playing(gated(approval=Approval(timeout_s=60.0)))

    play.asks("timer approval:post:1 +60")
    (asked,) = play.entries(d.ApprovalRequested)
    assert asked.due == asked.at + 60
    assert play.outstanding() == ["timer approval:post:1 +60"]


@pytest.mark.parametrize(("on_timeout", "asked"), [("reject", "finish failed"), ("approve", "start post")])
def test_24_nobody_answers_in_time(on_timeout: Any, asked: str) -> None:
    play = playing(gated(approval=Approval(timeout_s=60.0, on_timeout=on_timeout)))

    play.fires("approval:post:1").asks(asked)


def test_24_an_answer_clears_the_due_time() -> None:
    play = playing(gated(approval=Approval(timeout_s=60.0)))

    play.answered("post").asks("clear approval:post:1", "start post")


@pytest.mark.parametrize("late", ["approve", "reject"])
def test_24_what_is_answered_twice_counts_once(late: Any) -> None:
    play = playing(gated()).answered("post")
    before = len(play.journal)

    play.answered("post", late, by="bob")
    assert len(play.journal) == before


def test_24_the_limit_of_duration_stands_still_while_only_people_are_waited_for() -> None:
    play = playing(agent_of("draft"), gated(needs=("draft",)), limits=Limits(duration_s=100.0))
    play.now += 40
    play.exits("draft")
    assert (play.state.state, play.state.reason, play.state.detail) == (State.WAITING, Reason.APPROVAL, "post")
    assert play.state.timers == {}

    play.now += 5_000
    play.answered("post")
    assert play.state.state is State.RUNNING
    assert play.state.timers["run-duration"] == pytest.approx(play.now - 1 + 59)


def test_24_the_limit_goes_on_while_something_else_runs() -> None:
    play = playing(agent_of("long"), gated(), limits=Limits(duration_s=100.0))

    assert play.state.state is State.RUNNING
    play.fires("run-duration").asks("stop long")
    assert play.turn("post").outcome is Outcome.CANCELLED


def test_26_cancel_withdraws_approvals() -> None:
    play = playing(gated(approval=Approval(timeout_s=60.0)))

    play.cancelled().asks("clear approval:post:1", "finish cancelled")
    assert play.turn("post").outcome is Outcome.CANCELLED


def test_16_the_condition_comes_before_people_are_asked() -> None:
    play = playing(gated(condition="false"))

    assert play.entries(d.ApprovalRequested) == []
    play.ends("succeeded")


def test_17_a_loop_of_rejections_is_bounded() -> None:
    """A rejected turn is counted, or one that listens to its own failure would ask for ever."""
    again = gated("post", on=["go", "post.failed"], max_turns=2)
    play = playing(agent_of("src", emits="go"), again)
    play.emits("src", "go").exits("src")

    play.answered("post", "reject").answered("post[2]", "reject").asks("finish failed")
    assert play.state.agents["post"].exhausted


def test_a_message_that_cannot_be_evaluated_fails_the_turn() -> None:
    play = playing(gated(approval=Approval(message="${{ nonsense.x }}")))

    assert play.turn("post").reason is Reason.EXPRESSION


def test_the_journal_alone_gives_the_state_back() -> None:
    play = playing(gated(approval=Approval(count=2, timeout_s=60.0))).answered("post", by="ann")

    assert play.rebuilt() == play.state
