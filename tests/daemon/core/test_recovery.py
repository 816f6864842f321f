"""From a journal to the commands that are still open. That both ways agree at every entry is held by ``test_properties.py``."""

from chainwright.daemon.core import commands as c
from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.graph import Check, Retry
from chainwright.daemon.core.recovery import following, outstanding
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.testing import Playbook, agent_of, chain_of


def one(**fields: object) -> Playbook:
    """A run of one agent, just requested."""
    return Playbook(chain_of(agent_of("a", **fields))).requested()


def test_an_attempt_that_waits_is_not_started() -> None:
    """Its timer is set again instead."""
    assert one(retry=Retry(max=1)).exits("a", 1).outstanding() == ["timer retry:r1-a-1-2 +5"]


def test_what_is_being_stopped_is_looked_for_first() -> None:
    """Attach first: a stop needs something to tell it to."""
    assert one().starts("a").cancelled().outstanding() == ["start a", "stop a"]


def test_after_the_exit_only_the_check_is_open() -> None:
    """An exit is not asked for twice."""
    play = one(checks=(Check(script="1"), Check(script="2"))).exits("a").checked("a")

    assert play.outstanding() == ["check a 1"]


def test_an_ended_run_asks_for_nothing() -> None:
    """Its timers went with it."""
    assert list(outstanding(one().exits("a").state)) == []


def test_the_duration_is_timed_again() -> None:
    """A limit holds over restarts."""
    (timer,) = [command for command in outstanding(one().state) if isinstance(command, c.SetTimer)]

    assert timer.timer == "run-duration"


def test_commands_follow_in_the_order_of_their_entries() -> None:
    """One entry may ask for none."""
    entries = [
        d.RunStarted(),
        d.TimerSet(timer="t", due=5.0),
        d.AttemptScheduled(attempt_id="r1-a-1-1", agent="a", turn=1, attempt=1),
        d.AttemptScheduled(attempt_id="r1-b-1-1", agent="b", turn=1, attempt=1, due=9.0),
        d.AttemptDue(attempt_id="r1-b-1-1"),
        d.AttemptStopping(attempt_id="r1-a-1-1", reason=Reason.CANCELLED),
        d.CheckStarted(attempt_id="r1-b-1-1", index=0, again=1),
        d.TimerCleared(timer="t"),
        d.RunFinished(outcome=Outcome.FAILED),
    ]

    assert list(following(one().state, entries)) == [
        c.SetTimer(timer="t", due=5.0),
        c.StartSession(attempt_id="r1-a-1-1"),
        c.StartSession(attempt_id="r1-b-1-1"),
        c.StopSession(attempt_id="r1-a-1-1", reason=Reason.CANCELLED),
        c.StartCheck(attempt_id="r1-b-1-1", index=0, again=1),
        c.ClearTimer(timer="t"),
        c.FinishRun(),
    ]
