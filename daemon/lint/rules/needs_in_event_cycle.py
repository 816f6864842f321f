"""``needs`` inside a cycle that events close (semantics 13)."""

from collections.abc import Iterator

from chainwright.daemon.core.feeds import Node, agents_of, drawn
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class NeedsInEventCycle(Rule):
    """``needs`` waits until an agent can have no further turn; in a cycle that would be waiting for oneself."""

    name = "needs-in-event-cycle"
    doc = "An agent needs one that it starts itself, by way of events."
    why = (
        "`needs` waits until an agent has settled, and agents of an event cycle settle only together. `on: "
        "<id>.finished` starts a turn after each of theirs."
    )
    bad = """
        agents:
          start: {run: 'true', emits: begin}
          write: {on: {any: [begin, rejected]}, max-turns: 3, run: ./write.sh}
          edit: {needs: write, run: ./edit.sh, emits: rejected}
    """
    good = """
        agents:
          start: {run: 'true', emits: begin}
          write: {on: {any: [begin, rejected]}, max-turns: 3, run: ./write.sh}
          edit: {on: write.finished, run: ./edit.sh, emits: rejected}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each need that lies within a cycle which has an event too."""
        for cycle in subject.feeds.cycles:
            agents = agents_of(cycle)
            for name in agents if len(agents) < len(cycle) else ():
                for need in subject.agents[name].needs:
                    if Node("agent", need) in cycle and need != name:
                        way = drawn(cycle, subject.feeds.graph)
                        yield Finding(
                            span=subject.word(need, "agents", name, "needs"),
                            message=f'agent "{name}" needs "{need}" within the cycle {way}',
                            hint=f"on: {need}.finished",
                        )
