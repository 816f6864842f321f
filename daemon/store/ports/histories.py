"""The store as people see it: runs and events, one or many, in the shapes of the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from chainwright.daemon.core.statistics import EndedAttempt, EndedRun


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs of a history. ``text`` is a part of a chain's name or the beginning of an id, ``since`` the lowest id."""

    chain: str | None = None
    repository: str | None = None
    environment: str | None = None
    state: str | None = None
    outcome: str | None = None
    trigger: str | None = None
    text: str | None = None
    since: str | None = None


EVERY_RUN: Final = RunFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """RunSummaries, newest first. There may be more exactly when there is a ``next``, also where these are few."""

    rows: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events: of a name, or those that were routed and that no agent took."""

    name: str | None = None
    unmatched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Events with their run; ``next`` as of :class:`RunPage`."""

    rows: list[dict[str, Any]]
    next: tuple[str, int] | None


class HistoryStore(Protocol):
    """Projections of the journals."""

    async def runs(
        self, organization: str, wanted: RunFilter = EVERY_RUN, *, limit: int = 50, before: str | None = None
    ) -> RunPage:
        """RunSummaries, newest first; ``before`` is the ``next`` of the page before."""

    async def recent_runs(
        self, organization: str, chains: Sequence[str], limit: int
    ) -> dict[str, list[dict[str, Any]]]:
        """RunSummaries of the last runs of each chain, newest first."""

    async def ended_of_chain(
        self, organization: str, chain: str, limit: int
    ) -> tuple[list[EndedRun], list[EndedAttempt]]:
        """The last runs of a chain that have ended, newest first, and their attempts that had started."""

    async def ended_since(self, organization: str, at: float) -> dict[str, int]:
        """How many runs have ended since then, by outcome."""

    async def all_events(
        self, organization: str, wanted: EventFilter, *, limit: int, before: tuple[str, int] | None
    ) -> EventPage:
        """EventViews with ``run_id`` and ``chain``: of the newest run first, and of each run its last first."""

    async def find_runs(self, organization: str, prefix: str, limit: int = 2) -> list[str]:
        """Ids that begin with ``prefix``, newest first; ``""`` gives the newest."""

    async def run(self, run_id: str) -> dict[str, Any] | None:
        """A run's row with its agents, turns and attempts, in the shape of ``schemas.api.RunDetail``."""

    async def events(self, run_id: str) -> list[dict[str, Any]]:
        """The run's events in their order, each with its fate and its deliveries."""
