"""What a turn holds on to beside its attempts, and lets go of when it ends."""

from chainwright.daemon.core.decisions import TimerCleared
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.state import TurnState

APPROVAL_TIMER = "approval:"
"""Followed by the agent and the number of its turn."""


def approval_timer(turn: TurnState) -> str:
    """The timer after which it is too late to approve a turn."""
    return f"{APPROVAL_TIMER}{turn.agent}:{turn.number}"


def let_go(draft: Draft, turn: TurnState) -> None:
    """Let go of everything that was kept for a turn."""
    if approval_timer(turn) in draft.state.timers:
        draft.record(TimerCleared(timer=approval_timer(turn)))
