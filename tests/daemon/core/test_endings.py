"""How the legs of a matrix begin and end, and what becomes of their turn (semantics 22)."""

from typing import Any

import pytest

from chainwright.daemon.core.decisions import LegFinished, TurnStopping
from chainwright.daemon.core.graph import Emit, Retry, Strategy
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.testing import Playbook, agent_of, chain_of

LENSES = ("security", "style", "speed")


def review(*, matrix: Any = None, fail_fast: bool = True, max_parallel: int | None = None, **fields: Any) -> Any:
    """A matrix of three legs."""
    strategy = Strategy(matrix=matrix or {"lens": list(LENSES)}, fail_fast=fail_fast, max_parallel=max_parallel)
    return agent_of("review", strategy=strategy, **fields)


def outcomes(play: Playbook) -> list[str | None]:
    return [leg.outcome for leg in play.turn("review").legs.values()]


def test_22_the_legs_of_a_matrix_are_one_turn() -> None:
    play = Playbook(chain_of(review(max_turns=1), agent_of("after", needs=("review",))))

    play.requested().asks("start review/1", "start review/2", "start review/3")
    play.exits("review/2").asks()
    play.exits("review/1").asks()
    play.exits("review/3").asks("start after")

    assert [(turn.number, turn.outcome) for turn in play.state.agents["review"].turns] == [(1, Outcome.SUCCEEDED)]


def test_22_each_leg_sees_its_own_values() -> None:
    env = {"LENS": "${{ matrix.lens }}", "PLACE": "${{ strategy.job-index }}/${{ strategy.job-total }}"}

    play = Playbook(chain_of(review(env=env, name="look at ${{ matrix.lens }}"))).requested()

    legs = play.turn("review").legs
    assert [leg.resolved.env["LENS"] for leg in legs.values()] == list(LENSES)
    assert [leg.resolved.env["PLACE"] for leg in legs.values()] == ["0/3", "1/3", "2/3"]
    assert [leg.name for leg in legs.values()] == [f"look at {lens}" for lens in LENSES]


def test_a_leg_without_a_name_of_its_own_is_called_by_its_values() -> None:
    play = Playbook(chain_of(review(matrix={"os": ["linux"], "node": [12]}))).requested()

    assert play.turn("review").legs["1"].name == "review (linux, 12)"


def test_22_no_more_legs_run_than_max_parallel_says() -> None:
    play = Playbook(chain_of(review(max_parallel=2)))

    play.requested().asks("start review/1", "start review/2")
    play.exits("review/1").asks("start review/3")
    play.exits("review/3").exits("review/2").ends(Outcome.SUCCEEDED)


def test_a_leg_that_waits_for_its_retry_keeps_its_place() -> None:
    play = Playbook(chain_of(review(max_parallel=1, retry=Retry(max=1, delay_s=5))))

    play.requested().asks("start review/1")
    play.exits("review/1", code=1).asks("timer retry:r1-review-1.1-2 +5")
    play.fires("retry:r1-review-1.1-2").asks("start review/1#2")
    play.exits("review/1#2").asks("start review/2")


def test_22_retry_and_feedback_are_per_leg() -> None:
    play = Playbook(chain_of(review(retry=Retry(max=1, delay_s=0)))).requested()

    play.exits("review/2", code=3).asks("start review/2#2")
    play.exits("review/1", code=4).asks("start review/1#2")

    attempts = play.state.attempts
    assert attempts["r1-review-1.2-2"].feedback == "exit: exit code 3"
    assert attempts["r1-review-1.1-2"].feedback == "exit: exit code 4"
    assert [len(leg.attempts) for leg in play.turn("review").legs.values()] == [2, 2, 1]


def test_fail_fast_ends_the_other_legs() -> None:
    play = Playbook(chain_of(review(max_parallel=2))).requested()

    play.exits("review/1", code=1).asks("stop review/2")
    play.exits("review/2", code=None, ended_by="stop").ends(Outcome.FAILED)

    assert outcomes(play) == [Outcome.FAILED, Outcome.CANCELLED, Outcome.CANCELLED]
    assert play.turn("review").detail == "leg review (security): exit code 1"
    assert [entry.reason for entry in play.entries(LegFinished)] == [Reason.EXIT, Reason.FAIL_FAST, Reason.FAIL_FAST]


def test_fail_fast_waits_for_the_retries_of_the_leg_and_allows_the_others_none() -> None:
    play = Playbook(chain_of(review(retry=Retry(max=1, delay_s=60)))).requested()

    play.exits("review/2", code=1).asks("timer retry:r1-review-1.2-2 +60")
    play.exits("review/3", code=1).asks("timer retry:r1-review-1.3-2 +60")
    play.fires("retry:r1-review-1.3-2").asks("start review/3#2")
    play.exits("review/3#2", code=1)

    assert play.state.attempts["r1-review-1.2-2"].outcome is Outcome.CANCELLED
    assert outcomes(play) == [None, Outcome.CANCELLED, Outcome.FAILED]
    play.exits("review/1", code=0).ends(Outcome.FAILED)
    assert outcomes(play)[0] is Outcome.CANCELLED


def test_without_fail_fast_every_leg_comes_to_its_own_end() -> None:
    play = Playbook(chain_of(review(fail_fast=False))).requested()

    play.exits("review/1", code=1).asks()
    play.exits("review/2").exits("review/3").ends(Outcome.FAILED)

    assert outcomes(play) == [Outcome.FAILED, Outcome.SUCCEEDED, Outcome.SUCCEEDED]


def test_where_failing_is_allowed_nothing_fails_fast() -> None:
    play = Playbook(chain_of(review(continue_on_error=True))).requested()

    play.exits("review/1", code=1).asks()
    play.exits("review/2").exits("review/3").ends(Outcome.SUCCEEDED)

    assert play.entries(TurnStopping) == []


def test_cancelling_the_run_ends_running_legs_and_withdraws_queued_ones() -> None:
    play = Playbook(chain_of(review(max_parallel=1))).requested()

    play.cancelled().asks("stop review/1")
    assert outcomes(play) == [None, Outcome.CANCELLED, Outcome.CANCELLED]
    play.exits("review/1", code=None, ended_by="stop").ends(Outcome.CANCELLED)


def test_22_an_empty_matrix_is_skipped_with_its_reason() -> None:
    play = Playbook(chain_of(review(matrix={"lens": "${{ inputs.lenses }}"}), agent_of("after", needs=("review",))))

    play.requested(lenses=[]).ends(Outcome.SUCCEEDED)

    assert (play.turn("review").outcome, play.turn("review").reason) == (Outcome.SKIPPED, Reason.MATRIX_EMPTY)
    assert play.turn("after").reason is Reason.NEEDS_SKIPPED


def test_22_a_matrix_of_more_than_256_legs_fails_its_turn() -> None:
    play = Playbook(chain_of(review(matrix={"n": "${{ inputs.all }}"}))).requested(all=list(range(257)))

    assert (play.turn("review").outcome, play.turn("review").reason) == (Outcome.FAILED, Reason.EXPRESSION)
    assert "257 legs, at most 256" in play.turn("review").detail


def test_22_a_leg_that_succeeds_routes_its_events_with_its_number() -> None:
    play = Playbook(chain_of(review(emits="found", fail_fast=False), agent_of("collect", on="found"))).requested()

    play.emits("review/2", "found", {"n": 1}).emits("review/1", "found", {"n": 2})
    play.exits("review/2").asks("start collect")
    play.exits("review/1", code=1).asks()

    event = play.turn("collect").resolved.event
    assert event["source"] == {"agent": "review", "turn": 1, "leg": "2", "attempt": "r1-review-1.2-1"}
    assert len(play.state.agents["collect"].turns) == 1


def test_22_immediate_events_of_different_legs_are_no_repeats_of_each_other() -> None:
    emits = {"found": Emit(name="found", deliver="now")}
    play = Playbook(chain_of(review(emits=emits, retry=Retry(max=1, delay_s=0)), agent_of("collect", on="found")))

    play.requested().emits("review/1", "found", key="same").asks("start collect")
    play.exits("collect").emits("review/2", "found", key="same").asks("start collect[2]")
    play.exits("collect[2]").exits("review/2", code=1).emits("review/2#2", "found", key="same").asks()


def test_22_automatic_events_come_once_when_all_legs_have_ended() -> None:
    listens = ["review.started", "review.succeeded", "review.failed", "review.finished"]
    play = Playbook(chain_of(review(fail_fast=False), agent_of("hear", on=listens))).requested()

    play.starts("review/1").starts("review/2").starts("review/3")
    play.exits("review/1").exits("review/2", code=1)
    assert [event.name for event in play.events()] == ["review.started"]
    play.exits("review/3")

    assert [event.name for event in play.events()] == ["review.started", "review.failed", "review.finished"]
    assert [leg["result"] for leg in play.events()[1].data["legs"]] == ["success", "failure", "success"]


def test_22_who_needs_a_matrix_sees_its_legs() -> None:
    env = {
        "LEGS": "${{ needs.review.succeeded }} of 3, ${{ needs.review.failed }} not",
        "RESULT": "${{ needs.review.result }}",
    }
    after = agent_of(
        "after", needs=("review",), condition="always()", env=env, with_={"legs": "${{ needs.review.legs }}"}
    )
    play = Playbook(chain_of(review(fail_fast=False, outputs={"score": "number"}), after)).requested()

    play.exits("review/1", outputs={"score": "0.5"}).exits("review/2", code=1).exits("review/3", outputs={"score": 1})

    resolved = play.turn("after").legs[None].resolved
    assert resolved.env == {"LEGS": "2 of 3, 1 not", "RESULT": "failure"}
    assert [(leg["leg"], leg["matrix"]["lens"], leg["result"], leg["outputs"]) for leg in resolved.with_["legs"]] == [
        ("1", "security", "success", {"score": 0.5}),
        ("2", "style", "failure", {}),
        ("3", "speed", "success", {"score": 1}),
    ]


def test_a_forgiven_matrix_still_counts_its_failed_legs() -> None:
    after = agent_of("after", needs=("review",), env={"A": "${{ needs.review.result }} ${{ needs.review.failed }}"})
    play = Playbook(chain_of(review(continue_on_error=True), after)).requested()

    play.exits("review/1", code=1).exits("review/2").exits("review/3").asks("start after")

    assert play.turn("after").legs[None].resolved.env == {"A": "success 1"}


@pytest.mark.parametrize("until", range(6))
def test_a_matrix_is_rebuilt_from_its_journal_at_every_step(until: int) -> None:
    play = Playbook(chain_of(review(max_parallel=2, retry=Retry(max=1, delay_s=5)))).requested()
    steps = [
        lambda: play.exits("review/1", code=1),
        lambda: play.exits("review/2"),
        lambda: play.fires("retry:r1-review-1.1-2"),
        lambda: play.exits("review/1#2", code=1),
        lambda: play.exits("review/3", code=None, ended_by="stop"),
    ]
    for step in steps[:until]:
        step()

    assert play.rebuilt() == play.state
