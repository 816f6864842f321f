"""What the beginning and the end of a child run make of the attempt that it is: the part of ``evolve`` for sub-chains."""

from collections.abc import Callable
from typing import Any, Final

from chainwright.daemon.core.child_facts import ChildRunFinished, ChildRunPaused, ChildRunResumed, ChildRunStarted
from chainwright.daemon.core.facts import SessionExited
from chainwright.daemon.core.state import RunState
from chainwright.daemon.core.states import Level, Outcome, Reason, State, moved


def _started(state: RunState, fact: ChildRunStarted) -> None:
    """The attempt runs, unless it is being stopped already."""
    attempt = state.attempts[fact.attempt_id]
    attempt.child, attempt.started_at = fact.run_id, fact.at
    if attempt.state is not State.STOPPING:
        attempt.state = moved(Level.ATTEMPT, attempt.id, attempt.state, State.RUNNING)


def _paused(state: RunState, fact: ChildRunPaused) -> None:
    state.attempts[fact.attempt_id].paused = True


def _resumed(state: RunState, fact: ChildRunResumed) -> None:
    state.attempts[fact.attempt_id].paused = False


def _finished(state: RunState, fact: ChildRunFinished) -> None:
    """It has ended, as a session does: everything that asks for the end of one finds it.

    A child that somebody cancelled, and not its caller, fails the run: nothing else would say that its work is missing.
    """
    attempt = state.attempts[fact.attempt_id]
    attempt.paused = False
    code = 0 if fact.outcome is Outcome.SUCCEEDED else 1
    attempt.exit = SessionExited(
        at=fact.at, attempt_id=attempt.id, code=code, signal=None, ended_by="exit", size=0, outputs=fact.outputs
    )
    state.strays = state.strays or fact.strays
    forgiven = state.chain.agents[attempt.agent].continue_on_error
    if fact.outcome is Outcome.CANCELLED and attempt.stopping_for is None and not forgiven:
        state.failures.append((attempt.agent, Reason.CANCELLED, f"run {fact.run_id} was cancelled"))


CALL_EFFECTS: Final[dict[type, Callable[[RunState, Any], None]]] = {
    ChildRunStarted: _started,
    ChildRunPaused: _paused,
    ChildRunResumed: _resumed,
    ChildRunFinished: _finished,
}
