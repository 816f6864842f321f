"""What live streams carry: that something is different now, in the order in which it became durable."""

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Final

from pydantic_core import to_json

from chainwright.daemon.core.attempt_ids import parsed
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.journal import Row

RUNS: Final = "runs"
TOPICS: Final = (RUNS, "deployments", "schedules", "deliveries", "changes", "hosts")

WAITING: Final = frozenset(
    {
        "ApprovalRequested",
        "ApprovalDecided",
        "ApprovalGranted",
        "LimitReached",
        "LimitDecided",
        "LimitRaised",
        "TurnLimitReached",
        "TurnLimitRaised",
        "AttentionRaised",
        "AttentionCleared",
        "AttemptFinished",
        "TurnFinished",
        "RunFinished",
    }
)
"""Kinds of entries after which other things may wait for people."""

_LARGE: Final = frozenset({"resolved", "start", "outputs", "data", "inputs", "kind"})
"""Left out: asked for where they are wanted."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Of a run ``seq`` is the number of the journal's entry and ``kind`` its kind. Of other topics ``subject`` says what changed."""

    topic: str = RUNS
    subject: str = ""
    run_id: str = ""
    seq: int = 0
    at: float
    kind: str
    agent: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def json(self) -> bytes:
        """As it is sent: made once, however many listen."""
        return to_json(asdict(self))

    def is_of(self, topics: frozenset[str]) -> bool:
        """Whether who listens to these hears of it."""
        if self.topic in topics:
            return True
        if self.topic != RUNS:
            return False
        return f"run:{self.run_id}" in topics or ("inbox" in topics and self.kind in WAITING)


class FeedLost(Exception):
    """What a listener has missed is kept no longer: it must read anew what it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The changes of one commit's part of the feed, under its number: a listener that has all of them has seen up to it."""

    seq: int
    changes: tuple[Change, ...]


def change_of(run_id: str, seq: int, at: float, entry: Fact | Decision) -> Change:
    """A journal entry as listeners get it."""
    data = {name: getattr(entry, name) for name in entry.__slots__ if name not in _LARGE}
    agent = parsed(data["attempt_id"]).agent if "attempt_id" in data else data.get("agent")
    return Change(subject=run_id, run_id=run_id, seq=seq, at=at, kind=entry.kind, agent=agent, data=data)


def change_of_row(run_id: str, row: Row) -> Change:
    """The same, of a row of the journal."""
    return change_of(run_id, row.seq, row.at, row.entry())
