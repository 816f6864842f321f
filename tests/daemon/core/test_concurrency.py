"""23: a run or a turn asks for a place of its group, keeps it until it ends, and ends where it gets none."""

from typing import Any

import pytest

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core import facts as f
from chainwright.daemon.core.graph import Approval, Concurrency, Emit, Retry
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.testing import Playbook, agent_of, chain_of

G = Concurrency(group="g")


def fed(**fields: Any) -> Playbook:
    """An agent ``work`` with a group, and one that feeds it with ``go`` at once."""
    src = agent_of("src", emits={"go": Emit(name="go", deliver="now")})
    work = agent_of("work", on="go", **{"concurrency": G, **fields})
    return Playbook(chain_of(src, work)).requested()


# runs


def scheduled(overlap: Any, **fields: Any) -> Playbook:
    """A run that a schedule asks for."""
    return Playbook(chain_of(agent_of("a"), **fields)).scheduled("s1", overlap=overlap)


@pytest.mark.parametrize(("overlap", "replaces"), [("queue", False), ("cancel", True)])
def test_39_a_run_of_a_schedule_asks_to_be_the_only_one_of_it(overlap: str, replaces: bool) -> None:
    play = scheduled(overlap).asks("claim schedule")

    (asked,) = play.entries(d.SlotRequested)
    assert (asked.group, asked.max, asked.cancel_in_progress) == ("schedule s1", 1, replaces)
    assert (play.state.state, play.state.detail) == (State.QUEUED, "for earlier runs of its schedule")
    play.granted("schedule").asks("start a")


def test_39_a_run_of_a_schedule_that_allows_others_asks_nothing() -> None:
    scheduled("allow").asks("start a")


def test_39_a_place_of_the_chain_is_asked_for_after_that_of_the_schedule() -> None:
    scheduled("queue", concurrency=G).asks("claim schedule").granted("schedule").asks("claim run").granted("run").asks(
        "start a"
    )


def test_39_a_run_that_a_newer_one_of_its_schedule_replaces_is_cancelled() -> None:
    play = scheduled("cancel").granted("schedule")

    play.given(f.SlotTaken(at=play.now, claim="schedule", detail="by run r2")).asks("stop a")
    play.exits("a", None).asks("finish cancelled")
    assert (play.state.reason, play.state.detail) == (Reason.SUPERSEDED, "by run r2")


def test_23_a_run_is_queued_until_it_has_a_place() -> None:
    play = Playbook(chain_of(agent_of("a"), concurrency=G)).requested().asks("claim run")
    assert (play.state.state, play.state.reason) == (State.QUEUED, Reason.CONCURRENCY)
    assert play.outstanding() == ["claim run"]

    play.granted("run").asks("start a")
    assert (play.state.state, play.state.reason, play.state.started_at) == (State.RUNNING, None, play.now - 1)


def test_23_the_group_of_a_run_is_made_of_its_inputs() -> None:
    play = Playbook(chain_of(agent_of("a"), concurrency=Concurrency(group="pr-${{ inputs.pr }}"))).requested(pr=7)

    assert [asked.group for asked in play.entries(d.SlotRequested)] == ["pr-7"]


def test_23_without_a_name_the_runs_of_a_chain_are_the_group() -> None:
    play = Playbook(chain_of(agent_of("a"), concurrency=Concurrency(max=2))).requested()

    assert [asked.group for asked in play.entries(d.SlotRequested)] == ["chain repo/main/test"]


def test_23_a_run_without_room_to_wait_exists_and_is_cancelled() -> None:
    play = Playbook(chain_of(agent_of("a"), concurrency=G)).requested()

    play.given(f.SlotRefused(at=play.now, claim="run", detail='100 wait for a place of "g"')).asks("finish cancelled")
    assert (play.state.reason, play.state.detail) == (Reason.QUEUE_FULL, '100 wait for a place of "g"')
    assert play.state.agents["a"].skipped == (Reason.RUN_ENDING, "the run never started")


def test_23_a_run_whose_place_is_taken_is_cancelled() -> None:
    play = Playbook(chain_of(agent_of("a"), concurrency=G)).requested().granted("run")

    play.given(f.SlotTaken(at=play.now, claim="run", detail="by run r2")).asks("stop a")
    play.exits("a", None).asks("finish cancelled")
    assert (play.state.reason, play.state.detail) == (Reason.SUPERSEDED, "by run r2")


def test_26_a_queued_run_that_is_cancelled_starts_nothing_not_even_to_clean_up() -> None:
    play = Playbook(chain_of(agent_of("a", condition="always()"), concurrency=G)).requested()

    play.cancelled().asks("finish cancelled")


def test_a_group_that_cannot_be_named_fails_the_run() -> None:
    play = Playbook(chain_of(agent_of("a"), concurrency=Concurrency(group="${{ inputs.none }}"))).requested()

    play.asks("finish failed")
    assert play.state.reason is Reason.EXPRESSION


def test_12_what_is_sent_to_a_queued_run_is_heard_when_it_starts() -> None:
    play = Playbook(chain_of(agent_of("a", on="go"), concurrency=G)).requested()
    play.injected("go").asks()

    play.granted("run").asks("start a")


# turns


def test_23_a_turn_is_queued_until_it_has_a_place_and_gives_it_back() -> None:
    play = fed().emits("src", "go").asks("claim work:1")
    assert (play.turn("work").state, play.turn("work").reason) == (State.QUEUED, Reason.CONCURRENCY)

    play.granted("work:1").asks("start work")
    play.exits("work").asks("release work:1")


def test_23_a_place_is_kept_over_the_delay_of_a_retry() -> None:
    play = fed(retry=Retry(max=1)).emits("src", "go").granted("work:1")

    play.exits("work", code=1).asks("timer retry:r1-work-1-2 +5")
    play.fires("retry:r1-work-1-2").asks("start work#2")
    play.exits("work#2").asks("release work:1")


def test_23_turns_of_an_agent_with_a_group_ask_each_for_itself() -> None:
    """How many are at work at once is the group's to say."""
    play = fed(concurrency=Concurrency(max=2)).emits("src", "go").emits("src", "go").asks("claim work:2")
    play.granted("work:1").granted("work:2").asks("start work[2]")

    play.exits("work[2]").exits("work").exits("src").asks("finish succeeded")
    assert play.state.agents["work"].last_turn is play.turn("work", 2)


def test_17_turns_that_wait_for_a_place_count_towards_max_turns() -> None:
    play = fed(max_turns=1).emits("src", "go").emits("src", "go")

    assert play.state.agents["work"].exhausted
    assert len(play.state.agents["work"].turns) == 1


def test_23_a_turn_without_room_to_wait_is_cancelled() -> None:
    play = fed().emits("src", "go")

    play.given(f.SlotRefused(at=play.now, claim="work:1", detail="full")).asks("release work:1")
    turn = play.turn("work")
    assert (turn.outcome, turn.reason, turn.detail) == (Outcome.CANCELLED, Reason.QUEUE_FULL, "full")


def test_23_a_turn_whose_place_is_taken_is_stopped_and_not_tried_again() -> None:
    play = fed(retry=Retry(max=3)).emits("src", "go").granted("work:1")

    play.given(f.SlotTaken(at=play.now, claim="work:1", detail="by run r2")).asks("stop work")
    play.exits("work", None).asks("release work:1")
    turn = play.turn("work")
    assert (turn.outcome, turn.reason) == (Outcome.CANCELLED, Reason.SUPERSEDED)
    assert turn.detail == turn.attempts[0].detail == "by run r2; stopped, ended by signal 15"


def test_23_a_turn_that_waits_when_its_place_is_taken_says_who_took_it() -> None:
    play = fed().emits("src", "go")

    play.given(f.SlotTaken(at=play.now, claim="work:1", detail="by work:2 of run r2")).asks("release work:1")
    turn = play.turn("work")
    assert (turn.reason, turn.detail) == (Reason.SUPERSEDED, "by work:2 of run r2")


def test_23_what_the_run_holds_its_turns_need_not_ask_for() -> None:
    """They would wait for themselves."""
    play = Playbook(chain_of(agent_of("a", concurrency=G), concurrency=G)).requested()

    play.granted("run").asks("start a")


def test_16_people_are_asked_before_a_place_is() -> None:
    approved = agent_of("a", concurrency=G, approval=Approval())
    play = Playbook(chain_of(approved)).requested().asks()

    play.answered("a").asks("claim a:1")
    play.granted("a:1").asks("start a")


def test_26_cancel_leaves_the_queue() -> None:
    play = fed().emits("src", "go").cancelled().asks("stop src", "release work:1")

    assert play.turn("work").outcome is Outcome.CANCELLED


def test_a_place_that_comes_too_late_starts_nothing() -> None:
    play = fed().emits("src", "go").cancelled()
    before = len(play.journal)

    play.granted("work:1")
    assert len(play.journal) == before


def test_the_journal_alone_gives_the_state_back() -> None:
    play = fed().emits("src", "go").emits("src", "go").granted("work:1")

    assert play.rebuilt() == play.state
