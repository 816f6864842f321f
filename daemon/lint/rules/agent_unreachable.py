"""Agents that start each other, and nothing starts the first."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import Agent
from chainwright.daemon.lint.feeds import circle, drawn
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class AgentUnreachable(Rule):
    """What cannot start for want of an event or agent that does not exist is reported as that, and counts as startable here.

    Then only a cycle without an entrance is left, which is reported once; a cycle with ``needs`` in it has rules of its own.
    """

    name = "agent-unreachable"
    doc = "Agents start only each other, so none of them ever starts."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such cycle, at its first agent."""
        reachable = _reachable(subject)
        for cycle in subject.feeds.cycles:
            inside = [feed for feed in subject.feeds.all if feed.source in cycle and feed.target in cycle]
            if not reachable & set(cycle) and all(feed.kind == "event" for feed in inside):
                yield Finding(
                    span=subject.key("agents", cycle[0], "on"),
                    message=f'nothing starts "{cycle[0]}": {drawn(circle(cycle, inside))}',
                    hint="an agent without needs and on starts with the run and can emit the first event",
                )


def _reachable(subject: Subject) -> set[str]:
    reachable: set[str] = set()
    while found := {name for name in subject.agents if name not in reachable and _can_start(subject, name, reachable)}:
        reachable |= found
    return reachable


def _can_start(subject: Subject, name: str, reachable: set[str]) -> bool:
    agent = subject.agents[name]
    if subject.lost(name, "on", "needs"):
        return True
    if agent.needs:
        return any(need in reachable or need not in subject.agents for need in agent.needs)
    return agent.listens is None or _can_hear(subject, agent, reachable)


def _can_hear(subject: Subject, agent: Agent, reachable: set[str]) -> bool:
    assert agent.listens is not None
    emitters = subject.feeds.emitters
    arriving = sum(name not in emitters or bool(reachable & set(emitters[name])) for name in agent.listens.names)
    wanted = {"any": 1, "all": len(agent.listens.names), "quorum": agent.listens.count}
    return arriving >= wanted[agent.listens.mode] or subject.any_lost("emits")
