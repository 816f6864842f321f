"""Joins the chains of a commit: each caller is bound to the compiled form of what it calls, by its hash.

So a child run has the definition of its caller's commit for ever, without asking the repository again.
"""

from collections.abc import Mapping
from dataclasses import replace

from chainwright.daemon.core.graph import Agent, Chain, digest


def linked(chains: Mapping[str, Chain]) -> dict[str, Chain]:
    """The chains by id, their calls bound. No chain may come to call itself; the lint has seen to that."""
    bound: dict[str, Chain] = {}
    for chain_id in chains:
        _bind(chain_id, chains, bound)
    return {chain_id: bound[chain_id] for chain_id in chains}


def _bind(chain_id: str, chains: Mapping[str, Chain], bound: dict[str, Chain]) -> Chain:
    if chain_id not in bound:
        chain = chains[chain_id]
        bound[chain_id] = _joined(chain, chains, bound) if _calls(chain) else chain
    return bound[chain_id]


def _joined(chain: Chain, chains: Mapping[str, Chain], bound: dict[str, Chain]) -> Chain:
    return replace(chain, agents={name: _bound(agent, chains, bound) for name, agent in chain.agents.items()})


def _calls(chain: Chain) -> bool:
    return any(agent.calls is not None for agent in chain.agents.values())


def _bound(agent: Agent, chains: Mapping[str, Chain], bound: dict[str, Chain]) -> Agent:
    if agent.calls is None:
        return agent
    called = _bind(agent.calls.chain, chains, bound)
    return replace(agent, calls=replace(agent.calls, definition=digest(called)))
