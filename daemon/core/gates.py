"""What a turn that is ready has to pass before it starts, in the order of semantics 16: people, then nothing more.

A turn that passes all gates at once leaves no trace of them in the journal. One that is held is prepared first: its values are
recorded, and those are what it starts with, however long it waits.
"""

from collections.abc import Callable
from typing import Final

from chainwright.daemon.core.asking import ask
from chainwright.daemon.core.decisions import TurnPrepared
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.endings import schedule
from chainwright.daemon.core.graph import Agent
from chainwright.daemon.core.state import TurnState


def pass_gates(draft: Draft, turn: TurnState, prepared: TurnPrepared) -> None:
    """Start the turn, or leave it held by the first gate that is shut; called again when that has opened."""
    agent = draft.state.chain.agents[turn.agent]
    for is_shut, hold in _GATES:
        if is_shut(agent, turn):
            if turn.prepared is None:
                draft.record(prepared)
            hold(draft, turn)
            return
    draft.record(prepared.start)
    schedule(draft, turn)


def _lacks_approval(agent: Agent, turn: TurnState) -> bool:
    return agent.approval is not None and not (turn.approval and turn.approval.granted)


_GATES: Final[tuple[tuple[Callable[[Agent, TurnState], bool], Callable[[Draft, TurnState], None]], ...]] = (
    (_lacks_approval, ask),
)
