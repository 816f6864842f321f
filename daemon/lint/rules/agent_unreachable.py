"""Agents that start each other, and nothing starts the first."""

from collections.abc import Iterator

from chainwright.daemon.core.feeds import Node, agents_of, drawn
from chainwright.daemon.core.graph import Listen
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class AgentUnreachable(Rule):
    """What cannot start for want of an event or agent that does not exist is reported as that, and counts as startable here.

    Then only a cycle without an entrance is left, which is reported once; a cycle with ``needs`` in it has rules of its own.
    """

    name = "agent-unreachable"
    doc = "Agents start only each other, so none of them ever starts."
    why = (
        "A run starts the agents that have neither `needs` nor `on`. These here only start each other, so the first "
        "turn never comes."
    )
    bad = """
        agents:
          start: {run: 'true'}
          write: {on: edit.finished, max-turns: 3, run: ./write.sh}
          edit: {on: write.finished, run: ./edit.sh}
    """
    good = """
        agents:
          start: {run: 'true'}
          write: {on: {any: [start.finished, edit.finished]}, max-turns: 3, run: ./write.sh}
          edit: {on: write.finished, run: ./edit.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such cycle, at its first agent."""
        reachable = _reachable(subject)
        for cycle in subject.feeds.cycles:
            agents = agents_of(cycle)
            if reachable.isdisjoint(agents) and not any(subject.agents[name].needs for name in agents):
                yield Finding(
                    span=subject.key("agents", agents[0], "on"),
                    message=f'nothing starts "{agents[0]}": {drawn(cycle, subject.feeds.graph)}',
                    hint="an agent without needs and on starts with the run and can emit the first event",
                )


def _reachable(subject: Subject) -> set[str]:
    """The agents that can start. Each that can is followed to those that it can start, so every edge is walked once."""
    arrived: set[str] = {event for event in _heard(subject) if event not in subject.feeds.emitters}
    reachable: set[str] = set()
    queue = [name for name in subject.agents if _can_start(subject, name, reachable, arrived)]
    for name in queue:  # grows while it is walked
        if name in reachable:
            continue
        reachable.add(name)
        for node in subject.feeds.graph[Node("agent", name)]:
            followers = [node] if node.kind == "agent" else _hearing(subject, node, arrived)
            queue += [to.name for to in followers if _can_start(subject, to.name, reachable, arrived)]
    return reachable


def _heard(subject: Subject) -> Iterator[str]:
    return (node.name for node in subject.feeds.graph if node.kind == "event")


def _hearing(subject: Subject, event: Node, arrived: set[str]) -> list[Node]:
    """Who hears the event, when it comes for the first time."""
    if event.name in arrived:
        return []
    arrived.add(event.name)
    return subject.feeds.graph[event]


def _can_start(subject: Subject, name: str, reachable: set[str], arrived: set[str]) -> bool:
    agent = subject.agents[name]
    if subject.lost(name, "on", "needs"):
        return True
    if agent.needs:
        return any(need in reachable or need not in subject.agents for need in agent.needs)
    return agent.listens is None or _is_complete(subject, agent.listens, arrived)


def _is_complete(subject: Subject, listens: Listen, arrived: set[str]) -> bool:
    wanted = {"any": 1, "first": 1, "all": len(listens.names), "quorum": listens.count}[listens.mode]
    # What asks for more names than it lists is join-starves.
    found = sum(name in arrived for name in listens.names)
    return found >= min(wanted, len(listens.names)) or subject.any_lost("emits")
