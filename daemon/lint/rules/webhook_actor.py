"""A webhook that starts runs for whoever does something at the forge."""

import re
from collections.abc import Iterator
from typing import Final

from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.webhooks import WrittenWebhook, webhooks
from chainwright.schemas.diagnostic import Severity

_FORGES: Final = frozenset({"github", "gitea", "forgejo", "gitlab"})
_ANYBODY: Final = re.compile(
    r"'(issue_comment|discussion_comment|commit_comment|pull_request_review_comment|issues|discussion|note hook|issue hook)'",
    re.IGNORECASE,
)
"""Events that anybody causes who may write a comment; those of GitHub, Gitea and Forgejo, then those of GitLab."""
_WHO: Final = frozenset({"sender", "user", "author", "author_association", "user_username", "actor", "login"})
"""Members of a payload that tell who did it."""


class WebhookActor(Rule):
    """The signature proves that the forge sent it, and says nothing about whom it speaks of."""

    name = "webhook-actor"
    severity = Severity.WARNING
    doc = "A webhook of a forge starts a run whoever the actor is: strangers, bots, and the chain's own comments."
    why = (
        "The signature proves that the forge sent the delivery, not who caused it. Whoever may write a comment then starts a run, and so "
        "does what the chain's own agents write, which makes a loop. The rule asks only where that is plain: a webhook of a forge without "
        "any `if`, or one whose `if` names an event of comments or issues and looks at nobody. Name the events that you mean, and of those "
        "ask who it was: `event.body.sender.type != 'Bot'`, or `event.body.comment.author_association == 'MEMBER'`."
    )
    bad = """
        on:
          webhook:
            id: comments
            verify: {scheme: github, secret: WEBHOOK_SECRET}
            if: event.headers['x-github-event'] == 'issue_comment'
        concurrency: comments
        agents: {answer: {run: ./answer.sh}}
    """
    good = """
        on:
          webhook:
            id: comments
            verify: {scheme: github, secret: WEBHOOK_SECRET}
            if: event.headers['x-github-event'] == 'issue_comment' && event.body.comment.author_association == 'MEMBER'
        concurrency: comments
        agents: {answer: {run: ./answer.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such webhook."""
        for hook in webhooks(subject.root):
            if hook.text("verify", "scheme") not in _FORGES:
                continue
            if not hook.has("if"):
                yield Finding(
                    span=subject.value(*hook.path, "id"),
                    message=f'whatever the forge sends to "{hook.id}" starts a run, whoever caused it',
                    hint="if: event.headers['x-github-event'] == 'push'",
                )
            elif _ANYBODY.search(hook.text("if")) and not _asks_who(subject, hook):
                yield Finding(
                    span=subject.key(*hook.path, "if"),
                    message=f'anybody who may comment starts a run by "{hook.id}", bots and this chain\'s own comments too',
                    hint="ask who it was: && event.body.sender.type != 'Bot'",
                )


def _asks_who(subject: Subject, hook: WrittenWebhook) -> bool:
    conditions = (text for text in subject.texts if text.role == "if" and hook.owns(text))
    return any(
        not _WHO.isdisjoint(step.lower() for step in reference.path)
        for text in conditions
        for reference in text.references
    )
