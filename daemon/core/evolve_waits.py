"""What the entries about waiting make of a run's state: turns that are held, approvals, runs in which only people can do something."""

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core import facts as f
from chainwright.daemon.core.state import ApprovalState, RunState, TurnState
from chainwright.daemon.core.states import Level, State, moved


def turn_prepared(state: RunState, decision: d.TurnPrepared) -> None:
    """It is ready, and held."""
    turn = _turn(state, decision)
    turn.state = moved(Level.TURN, f"{turn.agent}[{turn.number}]", turn.state, State.WAITING)
    turn.prepared = decision


def turn_held(state: RunState, decision: d.TurnHeld) -> None:
    """This is what it waits for now."""
    turn = _turn(state, decision)
    turn.reason, turn.detail = decision.reason, decision.detail


def approval_requested(state: RunState, decision: d.ApprovalRequested) -> None:
    """People are asked."""
    _turn(state, decision).approval = ApprovalState(request=decision)


def approval_decided(state: RunState, fact: f.ApprovalDecided) -> None:
    """A yes is counted; what a no leads to stands in the decisions after it."""
    approval = _turn(state, fact).approval
    if approval is not None and fact.verdict == "approve":
        approval.comments[fact.actor] = fact.comment


def approval_granted(state: RunState, decision: d.ApprovalGranted) -> None:
    """Nobody is asked any more."""
    turn = _turn(state, decision)
    assert turn.approval is not None
    turn.approval.granted, turn.comment = True, decision.comment


def run_waiting(state: RunState, decision: d.RunWaiting) -> None:
    """Only people can do something; who is waited for may change while it lasts."""
    if state.state is not State.WAITING:
        state.state = moved(Level.RUN, state.id, state.state, State.WAITING)
    state.reason, state.detail = decision.reason, decision.detail
    state.duration_left_s = decision.duration_left_s


def run_resumed(state: RunState, _: d.RunResumed) -> None:
    """The run goes on."""
    state.state = moved(Level.RUN, state.id, state.state, State.RUNNING)
    state.reason, state.detail, state.duration_left_s = None, "", None


def _turn(
    state: RunState, entry: d.TurnPrepared | d.TurnHeld | d.ApprovalRequested | d.ApprovalGranted | f.ApprovalDecided
) -> TurnState:
    return state.agents[entry.agent].turns[entry.turn - 1]
