"""An agent's texts name a secret that the agent does not list."""

from collections.abc import Iterable, Iterator

from chainwright.daemon.core.graph import Agent
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.expressions import place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.secret_places import unlisted
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text


class SecretUnlisted(Rule):
    """Only listed secrets reach a process, so that the list says it all; ``env`` of the chain speaks for every agent."""

    name = "secret-unlisted"
    doc = "A secret is named that the agent does not list."
    why = "Only the secrets that an agent lists reach its process, so its list says all that it can give away."
    bad = """
        agents:
          post: {env: {AUTH: 'Bearer ${{ secrets.TOKEN }}'}, run: ./post.sh}
    """
    good = """
        agents:
          post: {secrets: [TOKEN], env: {AUTH: 'Bearer ${{ secrets.TOKEN }}'}, run: ./post.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each agent and mention."""
        for text in subject.texts:
            for agent in _concerned(subject, text):
                if subject.lost(agent.id, "secrets"):
                    continue
                for reference, name in unlisted(text, agent.secrets):
                    yield Finding(
                        span=place(subject.document.source, text, reference),
                        message=f'agent "{agent.id}" does not list the secret "{name}"',
                        hint=near(name, agent.secrets) or f"secrets: [{', '.join((*agent.secrets, name))}]",
                    )


def _concerned(subject: Subject, text: Text) -> Iterable[Agent]:
    if text.agent is None:
        return subject.agents.values()
    return [subject.agents[text.agent]] if text.agent in subject.agents else []
