"""The end of a race: who would have emitted what is no longer wanted is cancelled (semantics 15)."""

from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.graph import Agent
from chainwright.daemon.core.states import Reason
from chainwright.daemon.core.topology import emitters


def end_race(draft: Draft, agent: Agent, winner: str) -> None:
    """Cancel the turns of the direct emitters of the losing names that do not emit the winning one too."""
    assert agent.listens is not None
    spared = {agent.id, *emitters(draft.state.chain, winner)}
    losing = [name for name in agent.listens.names if name != winner]
    lost = dict.fromkeys(one for name in losing for one in emitters(draft.state.chain, name) if one not in spared)
    for loser in lost:
        for turn in tuple(draft.state.agents[loser].live.values()):
            draft.give_up(turn, Reason.RACE_LOST, f'"{winner}" was first')
