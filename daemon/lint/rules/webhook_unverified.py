"""A webhook that believes everybody."""

from collections.abc import Iterator

from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.webhooks import webhooks


class WebhookUnverified(Rule):
    """There is no scheme that proves nothing, so nobody can say that they mean it."""

    name = "webhook-unverified"
    doc = "A webhook does not say how its senders prove who they are."
    why = (
        "Whoever finds the address would start runs, with inputs of their choice. `verify` names the scheme of the sender, and the secret "
        "that both know; `hmac` and `token` are for senders that nobody else has a name for."
    )
    bad = """
        on: {webhook: {id: builds}}
        concurrency: builds
        agents: {a: {run: ./a.sh}}
    """
    good = """
        on: {webhook: {id: builds, verify: {scheme: token, secret: BUILDS_TOKEN}}}
        concurrency: builds
        agents: {a: {run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such webhook."""
        for hook in webhooks(subject.root):
            if not hook.has("verify"):
                yield Finding(
                    span=subject.value(*hook.path, "id"),
                    message=f'anybody could send to the webhook "{hook.id}"',
                    hint="verify: {scheme: github, secret: <name of the secret>}",
                )
