"""Asking people whether a turn may start, and saying whom it waits for."""

from chainwright.daemon.core.decisions import ApprovalRequested, TimerSet, TurnHeld
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.holds import approval_timer
from chainwright.daemon.core.state import ApprovalState, TurnState
from chainwright.daemon.core.states import Reason


def ask(draft: Draft, turn: TurnState) -> None:
    """Ask the people whom the chain names; from now on the turn waits for them."""
    declared = draft.state.chain.agents[turn.agent].approval
    assert declared is not None and turn.prepared is not None
    due = draft.at + declared.timeout_s if declared.timeout_s is not None else None
    draft.record(
        ApprovalRequested(
            agent=turn.agent,
            turn=turn.number,
            by=declared.by,
            count=declared.count,
            message=turn.prepared.message,
            at=draft.at,
            due=due,
        )
    )
    tell_who_is_missing(draft, turn)
    if due is not None:
        draft.record(TimerSet(timer=approval_timer(turn), due=due))


def tell_who_is_missing(draft: Draft, turn: TurnState) -> None:
    """Make the turn say for whom it waits."""
    assert turn.approval is not None
    detail = _missing(turn.approval)
    draft.record(TurnHeld(agent=turn.agent, turn=turn.number, reason=Reason.APPROVAL, detail=detail))


def _missing(approval: ApprovalState) -> str:
    request = approval.request
    who = ", ".join(request.by) or "anybody"
    count = f"{request.count} of {who}" if request.count > 1 else who
    agreed = f" ({', '.join(approval.comments)} agreed)" if approval.comments else ""
    return f"by {count}{agreed}" + (f": {request.message}" if request.message else "")
