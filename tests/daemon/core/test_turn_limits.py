"""25: the limits that an agent sets for each of its turns, and what people may say to them."""

from dataclasses import replace
from typing import Any

import pytest

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.graph import Call, Emit, Limits, Retry, Strategy, TurnLimits
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.testing import Playbook, agent_of, chain_of

CLOCK = "turn-duration:work:1"
NOW = {"x": Emit(name="x", deliver="now")}
PAUSE = TurnLimits(duration_s=60.0, events=1, on_limit="pause")


def limited(limits: TurnLimits, **fields: Any) -> Playbook:
    """A run of one agent with these limits, which has started."""
    return Playbook(chain_of(agent_of("work", limits=limits, emits=NOW, **fields))).requested()


def test_25_a_turn_that_takes_too_long_is_stopped_and_has_failed() -> None:
    """Also when it exits 0 within the grace: what is journaled first wins."""
    play = limited(TurnLimits(duration_s=60.0), retry=Retry(max=3)).asks(f"timer {CLOCK} +60", "start work")

    play.fires(CLOCK).asks("stop work")
    play.exits("work", 0).asks("finish failed")
    turn = play.turn("work")
    assert (turn.outcome, turn.reason) == (Outcome.TIMED_OUT, Reason.LIMIT_DURATION)
    assert turn.detail.startswith("the limit of 60 s of each turn is reached; ")


def test_25_its_time_goes_on_over_retries_and_ends_one_that_waits() -> None:
    play = limited(TurnLimits(duration_s=60.0), retry=Retry(max=3, delay_s=500.0, max_delay_s=500.0))
    play.exits("work", 1)

    play.fires(CLOCK).ends("failed")
    assert (play.turn("work").outcome, play.turn("work").reason) == (Outcome.TIMED_OUT, Reason.LIMIT_DURATION)


def test_25_a_turn_that_ends_in_time_leaves_no_clock() -> None:
    limited(TurnLimits(duration_s=60.0)).exits("work").asks(f"clear {CLOCK}", "finish succeeded")


def test_25_a_turn_that_emits_too_much_has_failed_and_is_not_tried_again() -> None:
    play = limited(TurnLimits(events=1), retry=Retry(max=3)).emits("work", "x").asks()

    play.emits("work", "x").asks("stop work")
    play.exits("work", None).asks("finish failed")
    assert (play.turn("work").outcome, play.turn("work").reason) == (Outcome.FAILED, Reason.LIMIT_EVENTS)


def test_25_events_of_all_attempts_of_a_turn_count_and_those_of_other_turns_do_not() -> None:
    work = agent_of("work", on="go", limits=TurnLimits(events=1), emits=NOW, max_turns=5, retry=Retry(max=3, delay_s=0))
    play = Playbook(chain_of(work, agent_of("src", emits={"go": Emit(name="go", deliver="now")}))).requested()
    play.emits("src", "go").emits("work", "x").exits("work", 0)
    play.emits("src", "go").emits("work[2]", "x").exits("work[2]", 1)

    play.emits("work[2]#2", "x").asks("stop work[2]#2")


def test_25_a_failed_turn_is_told_to_those_who_listen() -> None:
    chain = chain_of(agent_of("work", limits=TurnLimits(duration_s=60.0)), agent_of("sorry", on="work.failed"))

    Playbook(chain).requested().fires(CLOCK).exits("work", None).asks("start sorry")


def test_25_legs_share_the_limits_of_their_turn() -> None:
    play = limited(TurnLimits(events=1), strategy=Strategy(matrix={"n": [1, 2]}))

    play.emits("work/1", "x").emits("work/2", "x").asks("stop work/1", "stop work/2")


def test_25_with_pause_what_runs_goes_on_and_is_not_tried_again_until_people_have_answered() -> None:
    play = limited(PAUSE, retry=Retry(max=1, delay_s=0.0)).fires(CLOCK).asks()
    turn = play.turn("work")
    assert (turn.state, turn.reason, play.state.state) == (State.RUNNING, Reason.LIMIT_DURATION, State.RUNNING)

    play.exits("work", 1).asks("timer retry:r1-work-1-2 +0")
    play.fires("retry:r1-work-1-2").asks()
    assert (play.state.state, play.state.reason) == (State.WAITING, Reason.LIMIT_DURATION)
    assert play.state.detail == "work: the limit of 60 s of each turn is reached"
    assert play.outstanding() == []

    play.limit_answered("duration", amount=20.0, of="work").asks(f"timer {CLOCK} +20", "start work#2")
    assert (play.turn("work").reason, play.state.state) == (None, State.RUNNING)
    play.fires(CLOCK)
    assert play.turn("work").detail == "the limit of 80 s of each turn is reached"


def test_25_with_pause_a_turn_that_ends_needs_no_answer() -> None:
    limited(PAUSE).fires(CLOCK).exits("work").asks("finish succeeded")


def test_25_rejection_fails_the_turn() -> None:
    play = limited(PAUSE).fires(CLOCK)

    play.limit_answered("duration", "reject", of="work").asks("stop work")
    play.exits("work", None).asks("finish failed")
    turn = play.turn("work")
    assert (turn.outcome, turn.reason) == (Outcome.TIMED_OUT, Reason.LIMIT_DURATION)
    assert "rejected by ann" in turn.detail


def test_25_both_limits_have_to_be_raised_before_it_goes_on() -> None:
    play = limited(PAUSE, retry=Retry(max=1, delay_s=0.0)).emits("work", "x").emits("work", "x").fires(CLOCK)
    play.exits("work", 1).fires("retry:r1-work-1-2")

    play.limit_answered("events", of="work").asks()
    play.limit_answered("duration", of="work").asks(f"timer {CLOCK} +60", "start work#2")


@pytest.mark.parametrize("of", ["work", "other"])
def test_25_an_answer_that_nobody_waits_for_is_none(of: str) -> None:
    chain = chain_of(agent_of("work", limits=PAUSE), agent_of("other"))
    play = Playbook(chain).requested()
    before = len(play.journal)

    play.limit_answered("duration", of=of)
    assert len(play.journal) == before


def test_25_with_notify_it_is_noted_once_and_goes_on() -> None:
    play = limited(TurnLimits(events=1, on_limit="notify"))
    play.emits("work", "x").emits("work", "x").asks().emits("work", "x").asks()

    assert len(play.entries(d.TurnLimitReached)) == 1
    play.exits("work").asks("finish succeeded")


def test_25_a_limit_of_the_run_holds_what_the_turns_own_was_raised_for() -> None:
    work = agent_of("work", limits=PAUSE, retry=Retry(max=1, delay_s=0.0))
    chain = chain_of(work, agent_of("b"), limits=Limits(turns=1, on_limit="pause"))
    play = Playbook(chain).requested().fires(CLOCK).exits("work", 1).fires("retry:r1-work-1-2")

    play.limit_answered("duration", of="work").asks(f"timer {CLOCK} +60", f"clear {CLOCK}")
    play.limit_answered("turns").asks("start work#2", "start b", f"timer {CLOCK} +60")


def test_24_the_clock_of_a_turn_stands_still_while_its_child_waits_for_people() -> None:
    part = agent_of("work", script=None, calls=Call(chain="other", definition="d"), limits=TurnLimits(duration_s=60.0))
    play = Playbook(chain_of(part, agent_of("long"))).requested().calls("work")
    play.pauses("work").asks(f"clear {CLOCK}")
    assert play.rebuilt() == play.state

    play.now += 1_000
    play.resumes("work")
    assert 0 < play.state.timers[CLOCK] - play.now < 60


def test_24_it_stands_still_while_people_are_asked_about_another_limit() -> None:
    play = limited(PAUSE, retry=Retry(max=1, delay_s=0.0)).emits("work", "x").emits("work", "x")
    play.exits("work", 1).fires("retry:r1-work-1-2")
    assert CLOCK not in play.state.timers

    play.limit_answered("events", of="work")
    assert CLOCK in play.state.timers


def test_the_journal_alone_gives_the_state_back() -> None:
    play = limited(replace(PAUSE, events=None), retry=Retry(max=1, delay_s=0.0)).fires(CLOCK).exits("work", 1)
    assert play.rebuilt() == play.state

    play.fires("retry:r1-work-1-2").limit_answered("duration", of="work")
    assert play.rebuilt() == play.state
