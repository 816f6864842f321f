"""Who can start whom: the directed graph of a chain, by needs and by events, with its cycles."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from chainwright.daemon.core.graph import AUTOMATIC_EVENTS, Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """``source`` can start ``target``: because it is needed, or by emitting ``event``."""

    source: str
    target: str
    kind: Literal["needs", "event"]
    event: str = ""


class Feeds:
    """The graph of one chain; agents that do not exist are no part of it."""

    def __init__(self, chain: Chain) -> None:
        self.emitters = _emitters(chain)
        """Event → the agents that may emit it, automatic events included."""
        self.all = tuple(_feeds(chain, self.emitters))
        self.cycles = tuple(cycles(chain.agents, self.all))
        """The largest sets of agents that can all start each other, each in the order of the file."""

    def cycle_of(self, agent: str) -> tuple[str, ...]:
        """The cycle that the agent is in; empty when it is in none."""
        return next((cycle for cycle in self.cycles if agent in cycle), ())


def automatic(agent: str) -> tuple[str, ...]:
    """The events that are emitted for every agent."""
    return tuple(f"{agent}.{word}" for word in AUTOMATIC_EVENTS)


def _emitters(chain: Chain) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, agent in chain.agents.items():
        for event in dict.fromkeys((*automatic(name), *agent.emits)):
            if event != f"{name}.exhausted" or agent.max_turns is not None:
                found[event] = (*found.get(event, ()), name)
    return found


def _feeds(chain: Chain, emitters: dict[str, tuple[str, ...]]) -> Iterator[Feed]:
    for name, agent in chain.agents.items():
        for need in agent.needs:
            if need in chain.agents:
                yield Feed(source=need, target=name, kind="needs")
        for event in agent.listens.names if agent.listens else ():
            for emitter in emitters.get(event, ()):
                yield Feed(source=emitter, target=name, kind="event", event=event)


def cycles(agents: Iterable[str], feeds: Iterable[Feed]) -> Iterator[tuple[str, ...]]:
    """The strongly connected sets that hold a cycle, by Tarjan's algorithm, without recursion: a chain may be long."""
    order = list(agents)
    after: dict[str, list[str]] = {agent: [] for agent in order}
    for feed in feeds:
        if feed.source in after and feed.target in after:
            after[feed.source].append(feed.target)
    walk = _Tarjan(after)
    for agent in order:
        for component in walk.components_from(agent):
            if len(component) > 1 or component[0] in after[component[0]]:
                yield tuple(sorted(component, key=order.index))


@dataclass
class _Tarjan:
    """One walk over the graph; ``low`` is the earliest agent on the stack that an agent leads back to."""

    after: dict[str, list[str]]
    index: dict[str, int] = field(default_factory=dict)
    low: dict[str, int] = field(default_factory=dict)
    stack: list[str] = field(default_factory=list)

    def components_from(self, start: str) -> Iterator[list[str]]:
        """Every set that is complete once ``start`` and what it leads to have been walked."""
        if start in self.index:
            return
        path = [(start, self._enter(start))]
        while path:
            agent, following = path[-1]
            if (target := next(following, None)) is not None:
                if target not in self.index:
                    path.append((target, self._enter(target)))
                elif target in self.stack:
                    self.low[agent] = min(self.low[agent], self.index[target])
                continue
            path.pop()
            if path:
                above = path[-1][0]
                self.low[above] = min(self.low[above], self.low[agent])
            if self.low[agent] == self.index[agent]:
                yield self._cut(agent)

    def _enter(self, agent: str) -> Iterator[str]:
        self.index[agent] = self.low[agent] = len(self.index)
        self.stack.append(agent)
        return iter(self.after[agent])

    def _cut(self, agent: str) -> list[str]:
        at = self.stack.index(agent)
        component, self.stack = self.stack[at:], self.stack[:at]
        return component


def circle(agents: tuple[str, ...], feeds: Iterable[Feed]) -> tuple[Feed, ...]:
    """One shortest way round within a cycle, beginning at its first agent, to be shown to a person."""
    inside = [feed for feed in feeds if feed.source in agents and feed.target in agents]
    start = agents[0]
    ways: list[tuple[Feed, ...]] = [(feed,) for feed in inside if feed.source == start]
    seen: set[str] = set()
    for way in ways:  # grows while it is walked: breadth first
        end = way[-1].target
        if end == start:
            return way
        if end not in seen:
            seen.add(end)
            ways.extend((*way, feed) for feed in inside if feed.source == end)
    return ()


def drawn(way: tuple[Feed, ...]) -> str:
    """``a → b → a``."""
    return " → ".join((way[0].source, *(feed.target for feed in way))) if way else ""
