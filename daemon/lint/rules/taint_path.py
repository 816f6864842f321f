"""A stranger's words, from a webhook to an agent that holds a secret."""

from collections.abc import Iterator

from chainwright.daemon.lint.expressions import place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.taint import strangers_words
from chainwright.schemas.diagnostic import Severity


class TaintPath(Rule):
    """Texts that become part of a prompt are ``inject-prompt``'s."""

    name = "taint-path"
    severity = Severity.WARNING
    doc = "Text that a stranger may have written reaches an agent that has a secret."
    why = (
        "A title, a branch name or a comment of a webhook's payload says what its author wants. An agent that reads it and holds a secret can "
        "be made to use that secret for them. Give the input a `pattern`, `options` or another type; let an agent without secrets work on the "
        "text; or have a person approve."
    )
    bad = """
        on:
          webhook:
            id: pulls
            verify: {scheme: github, secret: WEBHOOK_SECRET}
            if: event.headers['x-github-event'] == 'pull_request'
            inputs: {branch: '${{ event.body.pull_request.head.ref }}'}
        concurrency: pulls
        inputs: {branch: {type: string, required: true}}
        agents:
          check: {env: {BRANCH: '${{ inputs.branch }}'}, secrets: [GITHUB_TOKEN], run: ./check.sh}
    """
    good = """
        on:
          webhook:
            id: pulls
            verify: {scheme: github, secret: WEBHOOK_SECRET}
            if: event.headers['x-github-event'] == 'pull_request'
            inputs: {branch: '${{ event.body.pull_request.head.ref }}'}
        concurrency: pulls
        inputs: {branch: {type: string, required: true, pattern: '^[A-Za-z0-9_./-]{1,100}$'}}
        agents:
          check: {env: {BRANCH: '${{ inputs.branch }}'}, secrets: [GITHUB_TOKEN], run: ./check.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each mention."""
        for agent, text, reference in strangers_words(subject):
            if text.role == "env" and agent.secrets and agent.approval is None:
                yield Finding(
                    span=place(subject.document.source, text, reference),
                    message=f'a stranger may have written this, and "{agent.id}" has the secret "{agent.secrets[0]}"',
                    hint="give the input a pattern, or let an agent without secrets work on it",
                )
