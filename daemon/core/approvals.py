"""What an answer to an approval leads to (semantics 24): asked once per turn, for values that are resolved and due times on record."""

from chainwright.daemon.core.asking import tell_who_is_missing
from chainwright.daemon.core.decisions import ApprovalGranted
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.endings import finish_turn
from chainwright.daemon.core.facts import ApprovalDecided
from chainwright.daemon.core.gates import pass_gates
from chainwright.daemon.core.holds import let_go, turn_named
from chainwright.daemon.core.state import RunState, TurnState
from chainwright.daemon.core.states import Outcome, Reason


def can_matter(state: RunState, fact: ApprovalDecided) -> bool:
    """Whether the turn waits for people, and this one says something new: who has agreed may still say no."""
    known = state.agents.get(fact.agent)
    if known is None or not 0 < fact.turn <= len(known.turns):
        return False
    turn = known.turns[fact.turn - 1]
    if turn.approval is None or turn.approval.granted or not turn.held:
        return False
    return fact.verdict == "reject" or fact.actor not in turn.approval.comments


def answered(draft: Draft, fact: ApprovalDecided) -> None:
    """One no is enough; a yes counts towards the number that the chain asks for."""
    turn = draft.state.agents[fact.agent].turns[fact.turn - 1]
    if fact.verdict == "reject":
        _reject(draft, turn, f"by {fact.actor}", fact.comment)
        return
    assert turn.approval is not None
    if len(turn.approval.comments) < turn.approval.request.count:
        tell_who_is_missing(draft, turn)
    else:
        _grant(draft, turn, "\n".join(filter(None, turn.approval.comments.values())))


def expired(draft: Draft, place: str) -> None:
    """Nobody answered in time: what that means is the chain's to say."""
    turn = turn_named(draft.state, place)
    declared = draft.state.chain.agents[turn.agent].approval
    assert declared is not None
    if declared.on_timeout == "approve":
        _grant(draft, turn, "")
    else:
        _reject(draft, turn, f"not approved within {declared.timeout_s or 0:g} s", "")


def _grant(draft: Draft, turn: TurnState, comment: str) -> None:
    assert turn.prepared is not None
    let_go(draft, turn)
    draft.record(ApprovalGranted(agent=turn.agent, turn=turn.number, comment=comment))
    pass_gates(draft, turn, turn.prepared)


def _reject(draft: Draft, turn: TurnState, how: str, comment: str) -> None:
    detail = f"{how}: {comment}" if comment else how
    finish_turn(draft, turn, Outcome.FAILED, reason=Reason.REJECTED, detail=detail, comment=comment)
