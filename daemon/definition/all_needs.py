"""``needs: '*'`` spelled out: all agents that do not depend on the one that says it.

Whoever it can set moving, by an event or as a need, directly or not, depends on it. Two agents that both say ``'*'`` would wait for
each other; they do not count for one another.
"""

from dataclasses import replace
from typing import Final

from chainwright.daemon.core.graph import Agent, Chain
from chainwright.daemon.core.topology import topology
from chainwright.schemas.chain import ChainFile

EVERYONE: Final = "*"


def with_all_needs(file: ChainFile, agents: dict[str, Agent]) -> dict[str, Agent]:
    """The agents with the needs of those that say ``'*'``; a name that nobody has is left for the lint to report."""
    asking = {name for name, agent in file.agents.items() if agent.needs == EVERYONE}
    if not asking:
        return agents
    known = {
        name: replace(agent, needs=tuple(need for need in agent.needs if need in agents))
        for name, agent in agents.items()
    }
    edges = topology(Chain(id="", name="", agents=known))
    found = dict(agents)
    for name in asking:
        waits = asking | edges.reach([name])
        found[name] = replace(agents[name], needs=tuple(other for other in agents if other not in waits))
    return found
