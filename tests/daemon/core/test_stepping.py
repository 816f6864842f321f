"""Steps of an attempt: their order, conditions, results and what they hand on (semantics 34)."""

import pytest

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.graph import Retry, Step
from chainwright.daemon.core.states import Result
from chainwright.daemon.testing import Playbook, agent_of, chain_of

FAILURE, SUCCESS, SKIPPED, CANCELLED = Result.FAILURE, Result.SUCCESS, Result.SKIPPED, Result.CANCELLED


def play_of(*steps, **fields):
    play = Playbook(chain_of(agent_of("job", script=None, steps=steps, **fields)))
    play.requested().asks("start job")
    return play


def step(script="true", **fields):
    return Step(script=script, **fields)


def resolved(play, number):
    return play.entries(d.StepOrdered)[number - 1].resolved


def results(play):
    return [(one.outcome, one.conclusion) for one in play.entries(d.StepFinished)]


def test_one_step_after_the_other_in_one_session():
    """Semantics 34."""
    play = play_of(step(), step())

    play.starts("job").asks("step job 1")
    play.steps("job", 1).asks("step job 2")
    play.steps("job", 2).asks("end-steps job 0")
    play.exits("job").asks("finish succeeded")

    assert results(play) == [(SUCCESS, SUCCESS)] * 2


def test_a_failed_step_skips_what_does_not_ask_for_it():
    play = play_of(step(), step(), step(condition="failure()"), step(condition="always()"), step())

    play.starts("job")
    play.steps("job", 1, 7).asks("step job 3")
    play.steps("job", 3).asks("step job 4")
    play.steps("job", 4).asks("end-steps job 7")
    play.exits("job", 7).ends("failed")

    assert play.turn("job").detail == "step 1: exit code 7"


def test_continue_on_error_changes_the_conclusion_alone():
    seen = "${{ steps.soft.outcome }} ${{ steps.soft.conclusion }}"
    play = play_of(step(id="soft", continue_on_error=True), step(env={"SEEN": seen}))

    play.starts("job").steps("job", 1, 3).asks("step job 2")

    assert resolved(play, 2).env == {"SEEN": "failure success"}


def test_outputs_are_a_steps_own_and_the_environment_is_for_those_that_follow():
    play = play_of(step(id="a"), step(env={"X": "${{ steps.a.outputs.x }}", "Y": "mine"}), step())

    play.starts("job").steps("job", 1, outputs={"x": "1"}, env={"Y": "theirs", "Z": "z"}, path=("/one", "/two"))
    play.steps("job", 2, env={"Z": "newer"}, path=("/three",))

    assert resolved(play, 2).env == {"X": "1", "Y": "mine", "Z": "z"}
    assert resolved(play, 2).path == ("/two", "/one")
    assert resolved(play, 3).env == {"Y": "theirs", "Z": "newer"}
    assert resolved(play, 3).path == ("/three", "/two", "/one")


def test_a_step_that_reads_what_is_no_text_is_not_evaluated_twice():
    """A value from outside that looks like an expression stays text, through needs and steps alike."""
    first = agent_of("first", outputs={"x": "string"})
    later = agent_of("later", needs=("first",), script=None, steps=(step(env={"X": "${{ needs.first.outputs.x }}"}),))
    play = Playbook(chain_of(first, later)).requested().starts("first")

    play.exits("first", outputs={"x": "${{ run.id }}"}).asks("start later")
    play.starts("later")

    assert resolved(play, 1).env == {"X": "${{ run.id }}"}


@pytest.mark.parametrize("fact", [{"code": 0, "problem": "GITHUB_ENV is odd"}, {"code": None, "ended_by": "timeout"}])
def test_an_unreadable_file_and_the_time_limit_fail_a_step(fact):
    play = play_of(step(timeout_s=5), step())

    play.starts("job").steps("job", 1, **fact).asks("end-steps job 1")

    assert results(play)[0] == (FAILURE, FAILURE)


def test_a_condition_that_cannot_be_evaluated_fails_its_step():
    play = play_of(step(condition="nonesuch.x"), step(condition="failure()"))

    play.starts("job").asks("step job 2")


def test_a_repeat_changes_nothing():
    play = play_of(step(), step())
    play.starts("job").steps("job", 1)

    play.steps("job", 1, 9).asks()

    assert results(play) == [(SUCCESS, SUCCESS)]


def test_cancel_ends_the_step_and_lets_others_clean_up():
    play = play_of(step(), step(), step(condition="cancelled()"))
    play.starts("job")

    play.cancelled().asks("stop-step job")
    play.steps("job", 1, None, ended_by="stop").asks("step job 3")
    play.steps("job", 3).asks("end-steps job 0")
    play.exits("job").ends("cancelled")

    assert results(play) == [(CANCELLED, CANCELLED), (SKIPPED, SKIPPED), (SUCCESS, SUCCESS)]


def test_a_second_cancel_ends_the_session():
    """Semantics 26."""
    play = play_of(step(), step(condition="always()"))
    play.starts("job").cancelled().steps("job", 1, None, ended_by="stop")

    play.cancelled().asks("stop job")
    play.steps("job", 2, None, ended_by="session").asks()
    play.exits("job", None, ended_by="stop").ends("cancelled")


def test_a_session_that_ends_takes_its_steps_along():
    play = play_of(step(), step(condition="always()"))
    play.starts("job")

    play.steps("job", 1, None, ended_by="session").asks()
    play.exits("job", None, ended_by="timeout").ends("failed")

    assert results(play) == [(CANCELLED, CANCELLED), (SKIPPED, SKIPPED)]


def test_a_lost_session_leaves_no_step_undecided():
    play = play_of(step(), step())

    play.starts("job").loses("job").ends("failed")

    assert results(play) == [(CANCELLED, CANCELLED), (SKIPPED, SKIPPED)]


def test_the_next_attempt_begins_with_the_first_step():
    play = play_of(step(), step(), retry=Retry(max=1, delay_s=0, exit_codes=(5,)))
    play.starts("job").steps("job", 1).steps("job", 2, 5)

    play.exits("job", 5).asks("start job#2")
    play.starts("job#2").asks("step job#2 1")


def test_what_is_open_is_asked_for_again_and_the_journal_leads_to_the_same_state():
    play = play_of(step(), step())

    assert play.starts("job").outstanding() == ["start job", "step job 1"]
    assert play.steps("job", 1).outstanding() == ["start job", "step job 2"]
    assert play.cancelled().outstanding() == ["start job", "step job 2", "stop-step job"]
    assert play.steps("job", 2, None, ended_by="stop").outstanding()[:2] == ["start job", "end-steps job 0"]
    assert play.rebuilt() == play.state


def test_29_a_secret_in_the_env_of_a_step_stays_a_name() -> None:
    """Beside text and values of earlier steps; it is no part of what expressions see."""
    steps = (
        Step(id="one", script="true"),
        Step(script="true", env={"AUTH": "${{ steps.one.outputs.user }}:${{ secrets.TOKEN }}", "PLAIN": "x"}),
    )
    play = Playbook(chain_of(agent_of("a", script=None, steps=steps, secrets=("TOKEN",)))).requested().starts("a")

    play.steps("a", 1, outputs={"user": "ann"}).asks("step a 2")
    resolved = play.turn("a").attempts[0].steps[1].resolved
    assert resolved is not None
    assert resolved.env == {"PLAIN": "x"}
    assert resolved.secret_env == {"AUTH": (d.Piece(text="ann:"), d.Piece(secret="TOKEN"))}


def test_33_a_secret_that_the_agent_does_not_list_fails_the_step() -> None:
    steps = (Step(script="true", env={"AUTH": "${{ secrets.OTHER }}"}),)
    play = Playbook(chain_of(agent_of("a", script=None, steps=steps, secrets=("TOKEN",)))).requested().starts("a")

    assert "does not list the secret OTHER" in play.turn("a").attempts[0].steps[0].detail
