"""A cycle in which agents start each other by being skipped (semantics 16)."""

from collections.abc import Iterator

from chainwright.daemon.core.feeds import Graph, Node, agents_of, cycles, drawn
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class CycleSkipped(Rule):
    """Only an agent with ``if`` is skipped by an event."""

    name = "cycle-skipped"
    severity = Severity.WARNING
    doc = "Agents start each other by being skipped, which max-turns does not count."
    why = (
        "A turn whose `if` is false is skipped and not counted, so `max-turns` does not end such a cycle: while the conditions stay "
        "false it goes round until a limit of the run ends it."
    )
    bad = """
        agents:
          start: {run: 'true'}
          a: {on: {any: [start.finished, b.skipped]}, max-turns: 3, if: run.number > 1, run: ./a.sh}
          b: {on: a.skipped, max-turns: 3, if: run.number > 1, run: ./b.sh}
    """
    good = """
        agents:
          start: {run: 'true'}
          a: {on: {any: [start.finished, b.failed]}, max-turns: 3, if: run.number > 1, run: ./a.sh}
          b: {on: a.skipped, max-turns: 3, if: run.number > 1, run: ./b.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such cycle, at its first agent."""
        graph = _skips(subject)
        for cycle in cycles(graph):
            first = agents_of(cycle)[0]
            yield Finding(
                span=subject.key("agents", first, "on"),
                message=f"max-turns does not bound {drawn(cycle, graph)}: each is started by the other's being skipped",
                hint="let one of them listen for another event, or have no if",
            )


def _skips(subject: Subject) -> Graph:
    """Agents that can be skipped, the event of that, and who hears it."""
    graph: Graph = {Node("agent", name): [] for name in subject.agents}
    for name, agent in subject.agents.items():
        if agent.condition is not None:
            event = Node("event", f"{name}.skipped")
            graph[Node("agent", name)].append(event)
            graph[event] = []
    for name, agent in subject.agents.items():
        for heard in agent.listens.names if agent.listens else ():
            if Node("event", heard) in graph:
                graph[Node("event", heard)].append(Node("agent", name))
    return graph
