"""Agents wait for each other through ``needs``."""

from collections.abc import Iterator

from chainwright.daemon.core.feeds import agents_of, cycles, drawn, needs_alone
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class NeedsCycle(Rule):
    """An agent that needs itself is reported by ``needs-self``."""

    name = "needs-cycle"
    doc = "Agents need each other in a circle, so none of them can ever start."
    why = (
        "Each agent of the cycle waits for another one of it, so none starts. For work that goes round and round, "
        "events with `max-turns` are the way."
    )
    bad = """
        agents:
          write: {needs: edit, run: ./write.sh}
          edit: {needs: write, run: ./edit.sh}
    """
    good = """
        agents:
          write: {run: ./write.sh}
          edit: {needs: write, run: ./edit.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each circle, at the first agent of the file that is part of it."""
        needs = needs_alone(subject.feeds.graph)
        for cycle in cycles(needs):
            first, *others = agents_of(cycle)
            before = next(need for need in subject.agents[first].needs if need in others)
            yield Finding(
                span=subject.word(before, "agents", first, "needs"),
                message=f"these agents wait for each other: {drawn(cycle, needs)}",
                hint="a loop is made of events: emits in one agent, on and max-turns in another",
            )
