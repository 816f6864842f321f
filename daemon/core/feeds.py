"""Who can start whom: the directed graph of a chain, with its cycles.

Events are nodes between agents, not labels of edges: an event that a hundred agents emit and a hundred hear has two hundred edges
then and not ten thousand, so everything here stays linear in the size of the file.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from chainwright.daemon.core.graph import AUTOMATIC_EVENTS, Chain


class Node(NamedTuple):
    """An agent or an event; the two have names of their own."""

    kind: Literal["agent", "event"]
    name: str


Graph = dict[Node, list[Node]]
"""Node → what it leads to. An agent leads to those that need it and to events that it may emit, an event to those who hear it."""

Cycle = tuple[Node, ...]
"""A largest set of nodes that all lead to each other, in the order of the file."""

_SHOWN = 8
"""Agents of a long cycle that a message names."""


class Feeds:
    """The graph of one chain; agents and events that do not exist are no part of it."""

    def __init__(self, chain: Chain) -> None:
        self.emitters = _emitters(chain)
        """Event → the agents that may emit it, automatic events included."""
        self.graph = _graph(chain, self.emitters)

    @cached_property
    def cycles(self) -> list[Cycle]:
        """Those of the whole graph."""
        return list(cycles(self.graph))

    @cached_property
    def in_cycles(self) -> frozenset[str]:
        """Every agent that can come to start itself."""
        return frozenset(agent for cycle in self.cycles for agent in agents_of(cycle))


def automatic(agent: str) -> tuple[str, ...]:
    """The events that are emitted for every agent."""
    return tuple(f"{agent}.{word}" for word in AUTOMATIC_EVENTS)


def agents_of(cycle: Cycle) -> list[str]:
    """The agents of a cycle."""
    return [node.name for node in cycle if node.kind == "agent"]


def without_agents(graph: Graph, agents: Collection[str]) -> Graph:
    """The graph without these agents."""
    gone = {Node("agent", agent) for agent in agents}
    return {node: [to for to in after if to not in gone] for node, after in graph.items() if node not in gone}


def needs_alone(graph: Graph) -> Graph:
    """The graph of needs, without events."""
    return {
        node: [to for to in after if to.kind == "agent" and to != node]
        for node, after in graph.items()
        if node.kind == "agent"
    }


def _emitters(chain: Chain) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, agent in chain.agents.items():
        for event in dict.fromkeys((*automatic(name), *agent.emits)):
            if event != f"{name}.exhausted" or agent.max_turns is not None:
                found.setdefault(event, []).append(name)
    return found


def _graph(chain: Chain, emitters: Mapping[str, list[str]]) -> Graph:
    graph: Graph = {Node("agent", name): [] for name in chain.agents}
    for name, agent in chain.agents.items():
        for need in agent.needs:
            if need in chain.agents:
                graph[Node("agent", need)].append(Node("agent", name))
        for event in agent.listens.names if agent.listens else ():
            graph.setdefault(Node("event", event), []).append(Node("agent", name))
    for node in [node for node in graph if node.kind == "event"]:
        for emitter in emitters.get(node.name, ()):
            graph[Node("agent", emitter)].append(node)
    return graph


def cycles(graph: Graph) -> Iterator[Cycle]:
    """The strongly connected sets that hold a cycle, by Tarjan's algorithm, without recursion: a chain may be long."""
    order = {node: index for index, node in enumerate(graph)}
    walk = _Tarjan(graph)
    for node in graph:
        for component in walk.components_from(node):
            if len(component) > 1 or component[0] in graph[component[0]]:
                yield tuple(sorted(component, key=order.__getitem__))


@dataclass
class _Tarjan:
    """One walk over the graph; ``low`` is the earliest node on the stack that a node leads back to."""

    graph: Graph
    index: dict[Node, int] = field(default_factory=dict)
    low: dict[Node, int] = field(default_factory=dict)
    stack: list[Node] = field(default_factory=list)
    on_stack: set[Node] = field(default_factory=set)

    def components_from(self, start: Node) -> Iterator[list[Node]]:
        """Every set that is complete once ``start`` and what it leads to have been walked."""
        path = [] if start in self.index else [(start, self._enter(start))]
        while path:
            node, following = path[-1]
            target = next(following, None)
            if target is None:
                path.pop()
                self._return_to(path[-1][0] if path else None, node)
                if self.low[node] == self.index[node]:
                    yield self._cut(node)
            elif target not in self.index:
                path.append((target, self._enter(target)))
            elif target in self.on_stack:
                self.low[node] = min(self.low[node], self.index[target])

    def _enter(self, node: Node) -> Iterator[Node]:
        self.index[node] = self.low[node] = len(self.index)
        self.stack.append(node)
        self.on_stack.add(node)
        return iter(self.graph[node])

    def _return_to(self, above: Node | None, node: Node) -> None:
        if above is not None:
            self.low[above] = min(self.low[above], self.low[node])

    def _cut(self, node: Node) -> list[Node]:
        component: list[Node] = []
        while not component or component[-1] != node:
            component.append(self.stack.pop())
        self.on_stack.difference_update(component)
        return component


def drawn(cycle: Cycle, graph: Graph) -> str:
    """One shortest way round a cycle from its first agent, ``a → b → a``, to be shown to a person."""
    start = next(node for node in cycle if node.kind == "agent")
    way = _way_round(start, set(cycle), graph)
    names = [node.name for node in way if node.kind == "agent"]
    shown = names if len(names) <= _SHOWN else [*names[: _SHOWN - 1], "…"]
    return " → ".join((*shown, start.name))


def _way_round(start: Node, inside: set[Node], graph: Graph) -> list[Node]:
    """From ``start`` to a node that leads back to it, by breadth first search."""
    came_from: dict[Node, Node] = {}
    queue = [start]
    for node in queue:  # grows while it is walked
        for target in graph[node]:
            if target == start:
                return _way_to(node, start, came_from)
            if target in inside and target not in came_from:
                came_from[target] = node
                queue.append(target)
    return [start]


def _way_to(end: Node, start: Node, came_from: Mapping[Node, Node]) -> list[Node]:
    way = [end]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]
