"""What the entries about steps make of a run's state; a part of ``evolve``'s table."""

from collections.abc import Callable
from typing import Any, Final

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core import facts as f
from chainwright.daemon.core.state import RunState, StepState


def _of(state: RunState, entry: Any) -> StepState:
    """The step that an entry is about; the first entry of each makes it."""
    steps: list[StepState] = state.attempts[entry.attempt_id].steps
    if entry.step > len(steps):
        steps.append(StepState(number=entry.step))
    step: StepState = steps[entry.step - 1]
    return step


def _ordered(state: RunState, decision: d.StepOrdered) -> None:
    _of(state, decision).resolved = decision.resolved


def _started(state: RunState, fact: f.StepStarted) -> None:
    _of(state, fact).started_at = fact.at


def _exited(state: RunState, fact: f.StepExited) -> None:
    _of(state, fact).exit = fact


def _finished(state: RunState, decision: d.StepFinished) -> None:
    step = _of(state, decision)
    step.outcome, step.conclusion, step.detail = decision.outcome, decision.conclusion, decision.detail


def _all_finished(state: RunState, decision: d.StepsFinished) -> None:
    state.attempts[decision.attempt_id].steps_code = decision.code


STEP_EFFECTS: Final[dict[type, Callable[[RunState, Any], None]]] = {
    f.StepStarted: _started,
    f.StepExited: _exited,
    d.StepOrdered: _ordered,
    d.StepFinished: _finished,
    d.StepsFinished: _all_finished,
}
