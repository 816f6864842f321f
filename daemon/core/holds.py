"""What a turn holds on to beside its attempts, and lets go of when it ends: the question to people, the place in a group."""

from chainwright.daemon.core.decisions import SlotReleased, TimerCleared
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.state import RunState, TurnState

APPROVAL_TIMER = "approval:"
"""Followed by the agent and the number of its turn."""

TURN_DURATION_TIMER = "turn-duration:"
"""Followed by the agent and the number of its turn."""

RUN_CLAIM = "run"
"""The run's own claim to a place of the chain's group."""

SCHEDULE_CLAIM = "schedule"
"""The run's own claim to be the one run of its schedule."""

RUN_CLAIMS = (SCHEDULE_CLAIM, RUN_CLAIM)
"""The claims of whole runs, in the order in which they are made. Those of turns have a colon in their names."""


def approval_timer(turn: TurnState) -> str:
    """The timer after which it is too late to approve a turn."""
    return APPROVAL_TIMER + claim_of(turn)


def claim_of(turn: TurnState) -> str:
    """The name of a turn's claim to a place of a group: its agent and its number."""
    return claim_named(turn.agent, turn.number)


def claim_named(agent: str, turn: int) -> str:
    """The same, of what is known by its name alone."""
    return f"{agent}:{turn}"


def turn_named(state: RunState, claim: str) -> TurnState:
    """The turn of which :func:`claim_of` gives this."""
    agent, _, number = claim.partition(":")
    return state.agents[agent].turns[int(number) - 1]


def let_go(draft: Draft, turn: TurnState) -> None:
    """Let go of everything that was kept for a turn."""
    for timer in (approval_timer(turn), TURN_DURATION_TIMER + claim_of(turn)):
        if timer in draft.state.timers:
            draft.record(TimerCleared(timer=timer))
    if claim_of(turn) in draft.state.slots:
        draft.record(SlotReleased(claim=claim_of(turn)))
