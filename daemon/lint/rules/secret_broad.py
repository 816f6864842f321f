"""A secret that every agent gets."""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.secret_texts import CONTEXT
from chainwright.daemon.lint.expressions import place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity

_ALONE: Final = 2
"""A chain of one agent has nobody else to give it to."""


class SecretBroad(Rule):
    """``env`` of the chain and of ``defaults`` speaks for all agents."""

    name = "secret-broad"
    severity = Severity.WARNING
    doc = "A secret is given to every agent of the chain."
    why = (
        "An agent that does not need a secret can still print it, or be talked into giving it away. In the `env` of the one that does, it "
        "reaches no other."
    )
    bad = """
        env: {AUTH: 'Bearer ${{ secrets.TOKEN }}'}
        agents:
          write: {secrets: [TOKEN], run: ./write.sh}
          post: {needs: write, secrets: [TOKEN], run: ./post.sh}
    """
    good = """
        agents:
          write: {run: ./write.sh}
          post: {needs: write, secrets: [TOKEN], env: {AUTH: 'Bearer ${{ secrets.TOKEN }}'}, run: ./post.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such mention."""
        if len(subject.known_ids) < _ALONE:
            return
        for text in subject.texts:
            for reference in text.references if text.agent is None and text.role == "env" else ():
                if reference.path[0] == CONTEXT:
                    yield Finding(
                        span=place(subject.document.source, text, reference),
                        message=f'"{".".join(reference.path)}" reaches all {len(subject.known_ids)} agents of the chain',
                        hint="put it into the env of the agent that needs it",
                    )
