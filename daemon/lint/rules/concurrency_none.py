"""A chain that others start as often as they like, all of it at once."""

from collections.abc import Iterator

from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.webhooks import PATH, webhooks
from chainwright.schemas.diagnostic import Severity


class ConcurrencyNone(Rule):
    """Of webhooks only: a schedule skips what overlaps, and a person sees what runs."""

    name = "concurrency-none"
    severity = Severity.NOTE
    doc = "A chain with a webhook does not say how many of its runs may be at work at once."
    why = (
        "A push of a hundred commits, or a forge that comes back after a night, sends a hundred deliveries in a second: that many runs then "
        "work side by side, often on the same thing. `concurrency` queues them, or lets the newest take the place of the older."
    )
    bad = """
        on: {webhook: {id: builds, verify: {scheme: token, secret: BUILDS_TOKEN}}}
        agents: {a: {run: ./a.sh}}
    """
    good = """
        on: {webhook: {id: builds, verify: {scheme: token, secret: BUILDS_TOKEN}}}
        concurrency: {group: builds, max: 2}
        agents: {a: {run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """One finding, for the whole chain."""
        is_lost = any(path[:1] == ("concurrency",) for path in subject.document.lost)
        if subject.chain.concurrency is None and not is_lost and next(webhooks(subject.root), None):
            yield Finding(
                span=subject.key(*PATH),
                message="as many runs are at work at once as deliveries come",
                hint="concurrency: {group: <name>, max: 1}",
            )
