"""Agents wait for each other through ``needs``."""

from collections.abc import Iterator

from chainwright.daemon.lint.feeds import circle, cycles, drawn
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class NeedsCycle(Rule):
    """An agent that needs itself is reported by ``needs-self``."""

    name = "needs-cycle"
    doc = "Agents need each other in a circle, so none of them can ever start."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each circle, at the first agent of the file that is part of it."""
        needs = [feed for feed in subject.feeds.all if feed.kind == "needs" and feed.source != feed.target]
        for cycle in cycles(subject.agents, needs):
            first = cycle[0]
            before = next(need for need in subject.agents[first].needs if need in cycle and need != first)
            yield Finding(
                span=subject.word(before, "agents", first, "needs"),
                message=f"these agents wait for each other: {drawn(circle(cycle, needs))}",
                hint="a loop is made of events: emits in one agent, on and max-turns in another",
            )
