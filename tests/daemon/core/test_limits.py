"""25: what reaching a limit of the run leads to, and what people may say to it."""

from typing import Any

import pytest

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.graph import Approval, Emit, Limits, Retry
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.testing import Playbook, agent_of, chain_of

PAUSE = Limits(turns=1, on_limit="pause")


def two(limits: Limits, **fields: Any) -> Playbook:
    """``first`` has emitted what ``second`` listens to, and has ended."""
    chain = chain_of(agent_of("first", emits="go"), agent_of("second", on="go", **fields), limits=limits)
    return Playbook(chain).requested().emits("first", "go").exits("first")


def test_25_with_pause_no_new_turn_starts() -> None:
    play = two(PAUSE).asks()

    turn = play.turn("second")
    assert (turn.state, turn.reason) == (State.WAITING, Reason.LIMIT_TURNS)
    assert (play.state.state, play.state.reason) == (State.WAITING, Reason.LIMIT_TURNS)
    assert play.state.detail == "the run's limit of 1 turns is reached"


def test_25_approval_grants_as_much_again() -> None:
    play = two(PAUSE)

    play.limit_answered("turns").asks("start second")
    assert play.state.state is State.RUNNING
    play.exits("second").asks("finish succeeded")


def test_25_approval_grants_an_amount_and_then_asks_again() -> None:
    chain = chain_of(*(agent_of(name) for name in "abcd"), limits=PAUSE)
    play = Playbook(chain).requested().asks("start a")

    play.limit_answered("turns", amount=2.0).asks("start b", "start c")
    assert play.state.detail == "the run's limit of 3 turns is reached"
    play.limit_answered("turns").asks("start d")


def test_25_rejection_fails_the_run() -> None:
    play = two(PAUSE).limit_answered("turns", "reject").asks("finish failed")

    assert play.state.reason is Reason.LIMIT_TURNS
    assert play.state.detail == "the run's limit of 1 turns is reached, rejected by ann"
    assert play.turn("second").outcome is Outcome.CANCELLED


def test_25_what_runs_goes_on_but_is_not_tried_again() -> None:
    chain = chain_of(agent_of("a", retry=Retry(max=1, delay_s=0.0)), agent_of("b"), limits=PAUSE)
    play = Playbook(chain).requested().asks("start a")

    play.exits("a", code=1).asks("timer retry:r1-a-1-2 +0")
    play.fires("retry:r1-a-1-2").asks()
    assert play.outstanding() == []
    play.limit_answered("turns").asks("start a#2", "start b")


def test_25_an_agent_that_was_approved_is_held_by_a_limit_all_the_same() -> None:
    """16: limits come after people."""
    play = two(PAUSE, approval=Approval()).answered("second").asks()

    play.limit_answered("turns").asks("start second")


def test_16_turns_that_people_let_start_are_held_to_the_limit() -> None:
    asked = [agent_of(name, approval=Approval()) for name in "ab"]
    play = Playbook(chain_of(*asked, limits=Limits(turns=1))).requested()

    play.answered("a").asks("start a")
    play.answered("b").asks("stop a")
    play.exits("a", None).asks("finish failed")
    assert play.state.reason is Reason.LIMIT_TURNS


@pytest.mark.parametrize("limit", ["turns", "events", "duration"])
def test_25_with_notify_it_is_noted_once_and_goes_on(limit: str) -> None:
    src = agent_of("src", emits={"go": Emit(name="go", deliver="now")})
    limits = Limits(turns=1, events=1, on_limit="notify")
    play = Playbook(chain_of(src, agent_of("work", on="go"), limits=limits)).requested()
    play.emits("src", "go").emits("src", "go").fires("run-duration")
    play.exits("work").asks("start work[2]")

    assert [noted.limit for noted in play.entries(d.LimitReached)].count(limit) == 1
    play.exits("work[2]").exits("src").asks("finish succeeded")


def test_25_events_beyond_the_limit_start_nothing_until_it_is_raised() -> None:
    src = agent_of("src", emits={"go": Emit(name="go", deliver="now")})
    limits = Limits(events=1, on_limit="pause")
    play = Playbook(chain_of(src, agent_of("work", on="go", max_turns=9), limits=limits)).requested()
    play.emits("src", "go").asks("start work")
    play.exits("work").emits("src", "go").asks()
    assert (play.state.state, play.state.reason) == (State.WAITING, Reason.LIMIT_EVENTS)

    play.limit_answered("events", amount=5.0).asks("start work[2]")


def test_25_more_time_is_counted_from_the_answer() -> None:
    chain = chain_of(agent_of("a"), limits=Limits(duration_s=100.0, on_limit="pause"))
    play = Playbook(chain).requested().fires("run-duration").asks()
    assert play.state.state is State.WAITING

    play.now += 1_000
    play.limit_answered("duration", amount=50.0)
    assert play.state.timers == {"run-duration": play.now - 1 + 50}
    play.fires("run-duration")
    assert play.state.detail == "the run's limit of 150 s is reached"


def test_25_out_of_time_and_rejected_is_timed_out() -> None:
    chain = chain_of(agent_of("a"), limits=Limits(duration_s=100.0, on_limit="pause"))
    play = Playbook(chain).requested().fires("run-duration")

    play.limit_answered("duration", "reject").asks("stop a")
    play.exits("a", None).asks("finish timed_out")


def test_24_the_clock_stands_still_once_only_people_are_left() -> None:
    play = two(Limits(turns=1, duration_s=100.0, on_limit="pause"))
    assert "run-duration" not in play.state.timers

    play.now += 1_000
    play.limit_answered("turns")
    assert play.state.timers["run-duration"] < play.now + 100


def test_25_a_run_that_has_nothing_left_to_do_ends_all_the_same() -> None:
    chain = chain_of(
        agent_of("a", emits={"x": Emit(name="x", deliver="now")}), limits=Limits(events=1, on_limit="pause")
    )
    play = Playbook(chain).requested().emits("a", "x").emits("a", "x")

    play.exits("a").asks("finish succeeded")


def test_26_a_paused_run_can_be_cancelled_and_cleans_up() -> None:
    tidy = agent_of("tidy", needs=("second",), condition="always()")
    chain = chain_of(agent_of("first", emits="go"), agent_of("second", on="go"), tidy, limits=PAUSE)
    play = Playbook(chain).requested().emits("first", "go").exits("first")

    play.cancelled().asks("start tidy")
    play.exits("tidy").asks("finish cancelled")


def test_the_journal_alone_gives_the_state_back() -> None:
    play = two(PAUSE)
    assert play.rebuilt() == play.state

    play.limit_answered("turns", amount=3.0)
    assert play.rebuilt() == play.state
