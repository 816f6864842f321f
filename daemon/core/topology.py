"""Who listens to whom: the edges of a chain, worked out once for each of its runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chainwright.daemon.core.graph import AUTOMATIC_EVENTS, Agent, Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """The edges of a chain. All tuples are in the order of the file."""

    listeners: dict[str, tuple[str, ...]]
    """Event name → agents that listen to it."""
    dependents: dict[str, tuple[str, ...]]
    """Agent → agents that need it."""
    fed: dict[str, tuple[str, ...]]
    """Agent → agents that it can set moving, by an event or as a need."""

    def reach(self, agents: Iterable[str]) -> set[str]:
        """The given agents and all that they can still set moving, directly or not."""
        reached = set(agents)
        frontier = list(reached)
        while frontier:
            new = [fed for fed in self.fed[frontier.pop()] if fed not in reached]
            reached.update(new)
            frontier.extend(new)
        return reached


def topology(chain: Chain) -> Topology:
    """The edges of this chain."""
    listeners: dict[str, list[str]] = {}
    dependents: dict[str, list[str]] = {agent: [] for agent in chain.agents}
    for agent in chain.agents.values():
        for name in agent.listens.names if agent.listens else ():
            listeners.setdefault(name, []).append(agent.id)
        for need in agent.needs:
            dependents[need].append(agent.id)
    fed = {
        agent.id: tuple(
            dict.fromkeys(
                [*dependents[agent.id], *(fed for name in _emitted(agent) for fed in listeners.get(name, ()))]
            )
        )
        for agent in chain.agents.values()
    }
    return Topology(
        listeners={name: tuple(agents) for name, agents in listeners.items()},
        dependents={agent: tuple(others) for agent, others in dependents.items()},
        fed=fed,
    )


def emitters(chain: Chain, event: str) -> tuple[str, ...]:
    """The agents that may emit this event, declared or automatic."""
    return tuple(agent.id for agent in chain.agents.values() if event in _emitted(agent))


def arrows(chain: Chain) -> Iterator[tuple[str, str, str | None]]:
    """Who can start whom: source, target and the event that does it; None for a need."""
    for agent in chain.agents.values():
        yield from ((need, agent.id, None) for need in agent.needs if need in chain.agents)
        for event in agent.listens.names if agent.listens else ():
            yield from ((emitter, agent.id, event) for emitter in emitters(chain, event))


def started_by(agent: Agent) -> str:
    """What starts an agent, in words."""
    if agent.needs:
        return f"after {', '.join(agent.needs)}"
    if agent.listens is None:
        return "with the run"
    names = ", ".join(agent.listens.names)
    how = {"any": "any of ", "all": "all of ", "first": "the first of ", "quorum": f"{agent.listens.count} of "}
    return f"on {how[agent.listens.mode] if len(agent.listens.names) > 1 else ''}{names}"


def _emitted(agent: Agent) -> Iterable[str]:
    yield from agent.emits
    yield from (f"{agent.id}.{word}" for word in AUTOMATIC_EVENTS)
