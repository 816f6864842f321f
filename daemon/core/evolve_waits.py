"""What the entries about waiting make of a run's state: turns that are held, approvals, runs in which only people can do something."""

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core import facts as f
from chainwright.daemon.core.state import ApprovalState, RunState, SlotState, TurnState
from chainwright.daemon.core.states import LIMIT_REASONS, Level, State, moved


def turn_prepared(state: RunState, decision: d.TurnPrepared) -> None:
    """It is ready, and held."""
    _turn(state, decision).prepared = decision


def turn_held(state: RunState, decision: d.TurnHeld) -> None:
    """This is what it waits for now."""
    turn = _turn(state, decision)
    if turn.state is not decision.state:
        turn.state = moved(Level.TURN, f"{turn.agent}[{turn.number}]", turn.state, decision.state)
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


def slot_requested(state: RunState, decision: d.SlotRequested) -> None:
    """It is waited for."""
    state.slots[decision.claim] = SlotState(request=decision)


def slot_granted(state: RunState, fact: f.SlotGranted) -> None:
    """It is held until it is released."""
    state.slots[fact.claim].granted = True


def slot_released(state: RunState, decision: d.SlotReleased) -> None:
    """It is neither held nor waited for."""
    del state.slots[decision.claim]


def run_queued(state: RunState, decision: d.RunQueued) -> None:
    """This is what it waits for before it starts."""
    state.reason, state.detail = decision.reason, decision.detail


def limit_reached(state: RunState, decision: d.LimitReached) -> None:
    """It is reached until it is raised; one that is only noted gives the run something to say."""
    state.reached[decision.limit] = decision
    if decision.then == "notify":
        state.reason, state.detail = LIMIT_REASONS[decision.limit], decision.detail


def limit_raised(state: RunState, decision: d.LimitRaised) -> None:
    """It is not reached any more."""
    state.reached.pop(decision.limit, None)
    state.added[decision.limit] = state.added.get(decision.limit, 0.0) + decision.amount


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
