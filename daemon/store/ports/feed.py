"""The store as live streams follow it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from chainwright.daemon.core.journal import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """A change, numbered in the order of the commits. Of the topic ``runs`` the subject is the run, and ``rows`` what was added to its
    journal, without their hashes; of every other topic ``kind`` and ``at`` tell what has happened."""

    seq: int
    topic: str
    subject: str
    kind: str
    at: float | None
    rows: list[Row]


class FeedStore(Protocol):
    """What has changed, in the order of the commits."""

    def watch(self, heard: Callable[[], None]) -> None:
        """Call ``heard``, in the event loop, after each commit; in place of whom was called before."""

    async def feed_head(self) -> int:
        """The number of the newest change; 0 when there was none."""

    async def feed(self, after: int, limit: int) -> list[Fed] | None:
        """The changes that follow number ``after``, in the order of their commits; None when some are kept no longer."""

    async def note(self, topic: str, subject: str, kind: str, at: float) -> None:
        """Add a change to the feed that is none of a table's."""
