"""A further attempt of a script that has already told the world something."""

import re
from collections.abc import Iterator
from typing import Final

from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.shell_text import outside_comments
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity

_TELLS: Final = re.compile(
    r"\b(?:gh\s+(?:issue|pr|release|gist|repo)\s+(?:create|comment)|glab\s+(?:issue|mr|release)\s+(?:create|note)"
    r"|npm\s+publish|cargo\s+publish|twine\s+upload|poetry\s+publish|gem\s+push"
    r"|mail\s+-s|sendmail\b|mutt\s+-s"
    r"|curl\b[^\n|;&]*?(?:-X\s*POST|--request[= ]POST))"
)
"""What makes a new thing each time: an issue, a message, a release. Pushing the same commit twice does not."""


class RetryNotIdempotent(Rule):
    """Known by a few commands; a script of its own may do anything."""

    name = "retry-not-idempotent"
    severity = Severity.NOTE
    doc = "An agent with retry runs a command that does something new each time."
    why = (
        "An attempt that fails after the command leaves what it did, and the next attempt does it again: two issues, two messages. "
        "An agent of its own for that command, without `retry`, does it once."
    )
    bad = """
        agents:
          report:
            retry: 2
            run: |
              ./collect.sh > report.md
              gh issue create --title Report --body-file report.md
    """
    good = """
        agents:
          collect: {retry: 2, run: ./collect.sh > report.md}
          report: {needs: collect, run: gh issue create --title Report --body-file report.md}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for the first such command of each agent."""
        for text in subject.texts:
            agent = subject.agents.get(text.agent or "")
            if text.role != "run" or "checks" in text.path or agent is None or agent.retry.max == 0:
                continue
            if found := _TELLS.search(outside_comments(text.written)):
                command = "curl -X POST" if found[0].startswith("curl") else " ".join(found[0].split()[:3])
                yield Finding(
                    span=subject.document.source.within(text.scalar, found.start(), len(found[0])),
                    message=f'"{text.agent}" has {_attempts(agent.retry.max)}, and each repeats "{command}"',
                    hint="give the command an agent of its own, without retry",
                )


def _attempts(count: int) -> str:
    return "a further attempt" if count == 1 else f"{count} further attempts"
