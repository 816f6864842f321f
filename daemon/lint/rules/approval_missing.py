"""An agent that can change what others depend on, and nobody is asked."""

import re
from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.feeds import Node
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity

_DEPLOYS: Final = re.compile(r"(?:.*_)?(?:PROD|PRODUCTION|DEPLOY|DEPLOYMENT|RELEASE|SIGNING|KUBECONFIG)(?:_.*)?")


class ApprovalMissing(Rule):
    """Known by the names of secrets; a person who approves anything before the agent has been asked."""

    name = "approval-missing"
    severity = Severity.WARNING
    doc = "An agent gets a secret for deploying, and no person approves before."
    why = (
        "What an agent made up reaches production without anybody having seen it. With `approval` the turn waits for a person; it may "
        "stand on this agent or on any that comes before it."
    )
    bad = """
        agents:
          build: {run: make}
          ship: {needs: build, secrets: [DEPLOY_KEY], run: ./ship.sh}
    """
    good = """
        agents:
          build: {run: make}
          ship: {needs: build, approval: {by: [alice]}, secrets: [DEPLOY_KEY], run: ./ship.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such agent."""
        for name, agent in subject.agents.items():
            secret = next((one for one in agent.secrets if _DEPLOYS.fullmatch(one.upper())), None)
            if (
                secret is not None
                and not subject.any_lost("approval", "needs", "on")
                and not _is_approved(subject, name)
            ):
                yield Finding(
                    span=subject.word(secret, "agents", name, "secrets"),
                    message=f'"{name}" gets "{secret}", and nobody approves before it starts',
                    hint="approval: {by: [<person>]}",
                )


def _is_approved(subject: Subject, name: str) -> bool:
    """Whether the agent or one that leads to it waits for people."""
    before = _reversed(subject.feeds.graph)
    queue = [Node("agent", name)]
    for node in queue:  # grows while it is walked
        if node.kind == "agent" and subject.agents[node.name].approval is not None:
            return True
        queue += [one for one in before.get(node, ()) if one not in queue]
    return False


def _reversed(graph: dict[Node, list[Node]]) -> dict[Node, list[Node]]:
    before: dict[Node, list[Node]] = {}
    for node, after in graph.items():
        for to in after:
            before.setdefault(to, []).append(node)
    return before
