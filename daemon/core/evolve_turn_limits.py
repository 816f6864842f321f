"""What the decisions about the limits of a turn make of it."""

from collections.abc import Callable
from typing import Any, Final

from chainwright.daemon.core import turn_limit_decisions as d
from chainwright.daemon.core.state import RunState, TurnState
from chainwright.daemon.core.states import LIMIT_REASONS

TurnLimitDecision = d.TurnLimitReached | d.TurnLimitRaised | d.TurnClockStopped | d.TurnClockStarted


def _turn(state: RunState, decision: TurnLimitDecision) -> TurnState:
    return state.agents[decision.agent].turns[decision.turn - 1]


def _reached(state: RunState, decision: d.TurnLimitReached) -> None:
    turn = _turn(state, decision)
    turn.reached[decision.limit] = decision
    turn.reason, turn.detail = LIMIT_REASONS[decision.limit], decision.detail


def _raised(state: RunState, decision: d.TurnLimitRaised) -> None:
    turn = _turn(state, decision)
    turn.reached.pop(decision.limit, None)
    turn.added[decision.limit] = turn.added.get(decision.limit, 0.0) + decision.amount
    turn.reason, turn.detail = None, ""


def _clock_stopped(state: RunState, decision: d.TurnClockStopped) -> None:
    _turn(state, decision).duration_left_s = decision.duration_left_s


def _clock_started(state: RunState, decision: d.TurnClockStarted) -> None:
    _turn(state, decision).duration_left_s = None


TURN_LIMIT_EFFECTS: Final[dict[type, Callable[[RunState, Any], None]]] = {
    d.TurnLimitReached: _reached,
    d.TurnLimitRaised: _raised,
    d.TurnClockStopped: _clock_stopped,
    d.TurnClockStarted: _clock_started,
}
