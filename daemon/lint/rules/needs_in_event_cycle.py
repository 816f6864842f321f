"""``needs`` inside a cycle that events close (semantics 13)."""

from collections.abc import Iterator

from chainwright.daemon.lint.feeds import circle, drawn
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class NeedsInEventCycle(Rule):
    """``needs`` waits until an agent can have no further turn; in a cycle that would be waiting for oneself."""

    name = "needs-in-event-cycle"
    doc = "An agent needs one that it starts itself, by way of events."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each need that lies within a cycle which has an event too."""
        for cycle in subject.feeds.cycles:
            inside = [feed for feed in subject.feeds.all if feed.source in cycle and feed.target in cycle]
            if all(feed.kind == "needs" for feed in inside):
                continue
            for feed in inside:
                if feed.kind == "needs" and feed.source != feed.target:
                    yield Finding(
                        span=subject.word(feed.source, "agents", feed.target, "needs"),
                        message=f'agent "{feed.target}" needs "{feed.source}" within the cycle {drawn(circle(cycle, inside))}',
                        hint=f"on: {feed.source}.finished",
                    )
