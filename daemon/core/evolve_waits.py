"""What the entries about waiting make of a run's state: turns that are held, approvals, runs in which only people can do something."""

from collections.abc import Callable
from typing import Any, Final

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core import facts as f
from chainwright.daemon.core.state import ApprovalState, RunState, SlotState, TurnState
from chainwright.daemon.core.states import LIMIT_REASONS, Level, State, moved


def _turn_prepared(state: RunState, decision: d.TurnPrepared) -> None:
    """It is ready, and held."""
    _turn(state, decision).prepared = decision


def _turn_held(state: RunState, decision: d.TurnHeld) -> None:
    """This is what it waits for now."""
    turn = _turn(state, decision)
    if turn.state is not decision.state:
        turn.state = moved(Level.TURN, f"{turn.agent}[{turn.number}]", turn.state, decision.state)
    turn.reason, turn.detail = decision.reason, decision.detail


def _approval_requested(state: RunState, decision: d.ApprovalRequested) -> None:
    """People are asked."""
    _turn(state, decision).approval = ApprovalState(request=decision)


def _approval_decided(state: RunState, fact: f.ApprovalDecided) -> None:
    """A yes is counted; what a no leads to stands in the decisions after it."""
    approval = _turn(state, fact).approval
    if approval is not None and fact.verdict == "approve":
        approval.comments[fact.actor] = fact.comment


def _approval_granted(state: RunState, decision: d.ApprovalGranted) -> None:
    """Nobody is asked any more."""
    turn = _turn(state, decision)
    assert turn.approval is not None
    turn.approval.granted, turn.comment = True, decision.comment


def _slot_requested(state: RunState, decision: d.SlotRequested) -> None:
    """It is waited for."""
    state.slots[decision.claim] = SlotState(request=decision)


def _slot_granted(state: RunState, fact: f.SlotGranted) -> None:
    """It is held until it is released."""
    state.slots[fact.claim].granted = True


def _slot_released(state: RunState, decision: d.SlotReleased) -> None:
    """It is neither held nor waited for."""
    del state.slots[decision.claim]


def _run_queued(state: RunState, decision: d.RunQueued) -> None:
    """This is what it waits for before it starts."""
    state.reason, state.detail = decision.reason, decision.detail


def _limit_reached(state: RunState, decision: d.LimitReached) -> None:
    """It is reached until it is raised; one that is only noted gives the run something to say."""
    state.reached[decision.limit] = decision
    if decision.then == "notify":
        state.reason, state.detail = LIMIT_REASONS[decision.limit], decision.detail


def _limit_raised(state: RunState, decision: d.LimitRaised) -> None:
    """It is not reached any more."""
    state.reached.pop(decision.limit, None)
    state.added[decision.limit] = state.added.get(decision.limit, 0.0) + decision.amount


def _run_waiting(state: RunState, decision: d.RunWaiting) -> None:
    """Only people can do something; who is waited for may change while it lasts."""
    if state.state is not State.WAITING:
        state.state = moved(Level.RUN, state.id, state.state, State.WAITING)
    state.reason, state.detail = decision.reason, decision.detail
    state.duration_left_s = decision.duration_left_s


def _run_resumed(state: RunState, _: d.RunResumed) -> None:
    """The run goes on."""
    state.state = moved(Level.RUN, state.id, state.state, State.RUNNING)
    state.reason, state.detail, state.duration_left_s = None, "", None


def _turn(
    state: RunState, entry: d.TurnPrepared | d.TurnHeld | d.ApprovalRequested | d.ApprovalGranted | f.ApprovalDecided
) -> TurnState:
    return state.agents[entry.agent].turns[entry.turn - 1]


WAIT_EFFECTS: Final[dict[type, Callable[[RunState, Any], None]]] = {
    d.TurnPrepared: _turn_prepared,
    d.TurnHeld: _turn_held,
    d.ApprovalRequested: _approval_requested,
    f.ApprovalDecided: _approval_decided,
    d.ApprovalGranted: _approval_granted,
    d.SlotRequested: _slot_requested,
    f.SlotGranted: _slot_granted,
    d.SlotReleased: _slot_released,
    d.RunQueued: _run_queued,
    d.LimitReached: _limit_reached,
    d.LimitRaised: _limit_raised,
    d.RunWaiting: _run_waiting,
    d.RunResumed: _run_resumed,
}
