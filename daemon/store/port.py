"""The port of the store: the journal of every run, what people query, and what must happen only once.

The journal is the truth; the tables behind the queries are projections that ``append`` writes in the same transaction. The
daemon is a member of a cluster: every write carries the epoch under which it owns the run, and raises :class:`NotOwner` when that
has passed to another. Implementations: ``sqlite.SqliteStore``. All adapters pass ``tests/conformance/store``.

Times are seconds since the epoch, UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chainwright.daemon.store.ports.deployments import AcceptedPush, Deployment, DeploymentStore, RefusedDeployment
from chainwright.daemon.store.ports.errors import (
    NotOwner,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreUnavailable,
)
from chainwright.daemon.store.ports.feed import Fed, FeedStore
from chainwright.daemon.store.ports.histories import EVERY_RUN, EventFilter, EventPage, HistoryStore, RunFilter, RunPage
from chainwright.daemon.store.ports.letters import Failure, LetterStore, Outgoing, PlannedPull
from chainwright.daemon.store.ports.people import PeopleStore
from chainwright.daemon.store.ports.runs import Append, Once, OpenRun, RunStore, StoredInput
from chainwright.daemon.store.ports.tellings import RefusedPush, SeenRef, TellingStore, Told
from chainwright.daemon.store.ports.triggers import (
    REPEATED_WITHIN_S,
    Fate,
    Fire,
    HookDelivery,
    KnownDelivery,
    TriggerStore,
)

__all__ = [
    "EVERY_RUN",
    "REPEATED_WITHIN_S",
    "AcceptedPush",
    "Append",
    "Deployment",
    "EventFilter",
    "EventPage",
    "Failure",
    "Fate",
    "Fed",
    "Fire",
    "HookDelivery",
    "KnownDelivery",
    "NotOwner",
    "Once",
    "OpenRun",
    "Outgoing",
    "PlannedPull",
    "RefusedDeployment",
    "RefusedPush",
    "RunFilter",
    "RunPage",
    "SeenRef",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreFull",
    "StoreLocked",
    "StoreStatistics",
    "StoreUnavailable",
    "StoredInput",
    "Told",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatistics:
    """Since the store was opened: how many commits carried how many writes, how many commits took at most so many seconds and how long all
    took together; and how much room it takes on the disk now."""

    commits: int
    writes: int
    commits_within: Mapping[float, int]
    commits_s: float
    size_bytes: int


class Store(
    RunStore, HistoryStore, DeploymentStore, TriggerStore, TellingStore, PeopleStore, FeedStore, LetterStore, Protocol
):
    """What is known, durably."""

    epoch: int
    """The epoch of this daemon, given at ``open``; higher than that of any before it."""

    async def open(self) -> None:
        """Migrate and take ownership. Raises :class:`StoreLocked`, :class:`StoreError`."""

    async def close(self) -> None:
        """Write what is pending and let go."""

    def statistics(self) -> StoreStatistics:
        """What it has done, and how large it is."""
