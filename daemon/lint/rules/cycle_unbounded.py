"""A cycle of events in which no agent has ``max-turns`` (semantics 17)."""

from collections.abc import Iterator

from chainwright.daemon.core.feeds import agents_of, cycles, drawn, without_agents
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class CycleUnbounded(Rule):
    """Without the agents that have ``max-turns`` no cycle may be left, automatic events included.

    An agent with ``needs`` has one turn, so it bounds a cycle too, in a way that ``needs-in-event-cycle`` refuses.
    """

    name = "cycle-unbounded"
    doc = "Agents start each other without end."
    why = (
        "Agents that disagree would go on for ever, and cost money while they do. With `max-turns` the loop ends in "
        "`<id>.exhausted`, which an agent can hear."
    )
    bad = """
        agents:
          start: {run: 'true', emits: begin}
          write: {on: {any: [begin, rejected]}, run: ./write.sh}
          edit: {on: write.finished, run: ./edit.sh, emits: rejected}
    """
    good = """
        agents:
          start: {run: 'true', emits: begin}
          write: {on: {any: [begin, rejected]}, max-turns: 4, run: ./write.sh}
          edit: {on: write.finished, run: ./edit.sh, emits: rejected}
          give-up: {on: write.exhausted, run: ./notify.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such cycle, at its first agent."""
        bounded = [name for name, agent in subject.agents.items() if agent.max_turns is not None or agent.needs]
        free = without_agents(subject.feeds.graph, bounded)
        for cycle in cycles(free):
            agents = agents_of(cycle)
            if not any(subject.lost(name, "max-turns", "on") for name in agents):
                yield Finding(
                    span=subject.key("agents", agents[0]),
                    message=f"nothing bounds the cycle {drawn(cycle, free)}",
                    hint=f'give one of its agents a bound, such as max-turns: 5 in "{agents[0]}"',
                )
