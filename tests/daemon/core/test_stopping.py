"""Ending a run before its time, wherever its attempts are."""

import pytest

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.graph import Limits, Retry
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.testing import Playbook, agent_of, chain_of


def one(**fields: object) -> Playbook:
    """A run of one agent, just requested."""
    return Playbook(chain_of(agent_of("a", **fields))).requested()


def test_cancel_while_starting_stops_what_may_have_started() -> None:
    """Whether the session exists is not known: it is told to end, and its end is awaited."""
    play = one().cancelled().asks("stop a")

    play.starts("a").asks()
    assert play.state.attempts["r1-a-1-1"].state is State.STOPPING
    play.exits("a", None).asks("finish cancelled")


def test_cancel_before_the_start_ends_with_the_refusal() -> None:
    """Nothing ran, so there is nothing to wait for."""
    play = one().delays("a").cancelled().asks("stop a")

    play.refuses("a", "withdrawn").asks("finish cancelled")
    assert play.turn("a").outcome is Outcome.CANCELLED


def test_a_delay_that_is_told_while_stopping_changes_nothing() -> None:
    """What waits for a slot may hear of its stop first."""
    play = one().cancelled().delays("a")

    attempt = play.state.attempts["r1-a-1-1"]
    assert (attempt.state, attempt.reason) == (State.STOPPING, Reason.CANCELLED)


def test_cancel_during_a_retry_delay_ends_at_once_and_the_timer_is_deaf() -> None:
    """26: withdraws timers."""
    play = one(retry=Retry(max=1)).exits("a", 1)
    assert play.turn("a").state is State.WAITING

    play.cancelled().asks("clear retry:r1-a-1-2", "finish cancelled")
    play.fires("retry:r1-a-1-2").asks()


def test_a_loss_while_stopping_is_the_end_that_was_asked_for_only_if_it_is_proven() -> None:
    """19: otherwise it may still run."""
    for group_gone, outcome in ((True, Outcome.CANCELLED), (False, Outcome.LOST)):
        play = one().starts("a").cancelled().loses("a", group_gone=group_gone)
        assert play.turn("a").outcome is outcome


@pytest.mark.parametrize("late", ["exits", "loses", "refuses", "starts", "delays"])
def test_nothing_is_heard_of_an_attempt_that_waits_for_its_delay(late: str) -> None:
    """Its session was never asked for, so such a word is about something else."""
    play = one(retry=Retry(max=1)).exits("a", 1)
    before = len(play.journal)

    getattr(play, late)("a#2").asks()
    assert len(play.journal) == before
    play.fires("retry:r1-a-1-2").asks("start a#2")


def test_a_second_cancel_before_the_cleanup_began_leaves_it_out() -> None:
    """26: a second cancel ends those too."""
    play = Playbook(chain_of(agent_of("a"), agent_of("clean", needs=("a",), condition="always()"))).requested()

    play.cancelled().cancelled().asks()
    play.exits("a", None).asks("finish cancelled")
    assert play.turn("clean").reason is Reason.RUN_ENDING


def test_events_of_a_run_that_ends_reach_only_those_who_clean_up() -> None:
    """26: all others have theirs dropped."""
    agents = (
        agent_of("a"),
        agent_of("other", on="a.cancelled"),
        agent_of("clean", on="a.cancelled", condition="always()"),
    )
    play = Playbook(chain_of(*agents)).requested().cancelled()

    play.exits("a", None).asks("start clean")
    assert [(entry.agent, entry.why) for entry in play.entries(d.DeliveriesDropped)] == [("other", "run-ending")]


def test_no_retry_begins_in_a_run_that_ends() -> None:
    """26: cleaning up is tried once."""
    clean = agent_of("clean", needs=("a",), condition="always()", retry=Retry(max=3, delay_s=0))
    play = Playbook(chain_of(agent_of("a"), clean)).requested().cancelled().exits("a", None)

    play.exits("clean", 1).asks("finish cancelled")


def test_the_first_reason_to_end_stands() -> None:
    """A limit that is passed while a run is cancelled says nothing new."""
    play = Playbook(chain_of(agent_of("a", emits="x"), limits=Limits(events=0))).requested().cancelled()

    play.emits("a", "x").exits("a", None).ends(Outcome.CANCELLED)
