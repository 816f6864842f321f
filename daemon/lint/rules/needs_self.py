"""``needs`` names the agent itself."""

from collections.abc import Iterator

from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class NeedsSelf(Rule):
    """Waiting for oneself never ends."""

    name = "needs-self"
    doc = "An agent needs itself."
    why = (
        "An agent starts when those it needs have settled, and it cannot have settled before it starts. What should "
        "come again listens for an event instead."
    )
    bad = """
        agents:
          write: {needs: write, run: ./write.sh}
    """
    good = """
        agents:
          write:
            on: {any: [start.finished, write.failed]}
            max-turns: 3
            run: ./write.sh
          start: {run: 'true'}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such agent."""
        for name, agent in subject.agents.items():
            if name in agent.needs:
                span = subject.word(name, "agents", name, "needs")
                hint = "leave it out; what should come again listens for an event and has max-turns"
                yield Finding(span=span, message=f'agent "{name}" needs itself', hint=hint)
