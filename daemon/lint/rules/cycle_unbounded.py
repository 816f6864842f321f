"""A cycle of events in which no agent has ``max-turns`` (semantics 17)."""

from collections.abc import Iterator

from chainwright.daemon.lint.feeds import circle, cycles, drawn
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class CycleUnbounded(Rule):
    """Without the agents that have ``max-turns`` no cycle may be left, automatic events included."""

    name = "cycle-unbounded"
    doc = "Agents start each other without end."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such cycle, at its first agent."""
        free = [name for name, agent in subject.agents.items() if agent.max_turns is None]
        feeds = [feed for feed in subject.feeds.all if feed.kind == "event"]
        for cycle in cycles(free, feeds):
            if not any(subject.lost(name, "max-turns", "on") for name in cycle):
                yield Finding(
                    span=subject.key("agents", cycle[0]),
                    message=f"nothing bounds the cycle {drawn(circle(cycle, feeds))}",
                    hint=f'give one of its agents a bound, such as max-turns: 5 in "{cycle[0]}"',
                )
