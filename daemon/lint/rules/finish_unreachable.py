"""An agent waits for an event of its own that it does not declare (semantics 20)."""

from collections.abc import Iterator

from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class FinishUnreachable(Rule):
    """Such a turn can end in one way only, as failed."""

    name = "finish-unreachable"
    doc = "An agent with `finish: event` declares no event."
    why = (
        "With `finish: event` a turn ends with the first event that the agent declares, and ends as failed (`no-event`) without "
        "one. An agent that declares none always fails."
    )
    bad = """
        agents:
          chat: {run: ./chat.sh, finish: event}
    """
    good = """
        agents:
          chat: {run: ./chat.sh, finish: event, emits: [answered]}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such agent."""
        for name, agent in subject.agents.items():
            if agent.finish == "event" and not agent.emits and not subject.lost(name, "emits", "finish"):
                yield Finding(
                    span=subject.value("agents", name, "finish"),
                    message=f'agent "{name}" ends with an event, and declares none',
                    hint="emits: [done]",
                )
