"""``needs`` names an agent that the chain does not have."""

from collections.abc import Iterator

from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class NeedsUnknown(Rule):
    """Agents that were written but not understood count as known."""

    name = "needs-unknown"
    doc = "An agent needs one that does not exist."
    why = (
        "The agent would wait for one that never comes. Needs name ids of this chain; events of another chain start "
        "runs, not agents."
    )
    bad = """
        agents:
          write: {run: ./write.sh}
          edit: {needs: wirte, run: ./edit.sh}
    """
    good = """
        agents:
          write: {run: ./write.sh}
          edit: {needs: write, run: ./edit.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such name."""
        for name, agent in subject.agents.items():
            for need in agent.needs:
                if need not in subject.known_ids:
                    yield Finding(
                        span=subject.word(need, "agents", name, "needs"),
                        message=f'agent "{name}" needs "{need}", which does not exist',
                        hint=near(need, subject.known_ids) or f"agents: {', '.join(subject.known_ids)}",
                    )
