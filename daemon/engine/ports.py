"""What the engine needs of the rest of the daemon, and the parts that every scope shares."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from chainwright.daemon.artifacts.port import Artifacts
from chainwright.daemon.core.announcements import NOBODY, Announcement, Listeners, announced
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact, RunRequested
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.state import RunState
from chainwright.daemon.engine.hosts import Hosts
from chainwright.daemon.secrets.port import NoSecrets, Secrets
from chainwright.daemon.store.port import Store

Clock = Callable[[], float]
"""Seconds since the epoch, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedChain:
    """A chain as it stands in a repository at a commit."""

    organization: str
    repository: str
    environment: str
    commit: str
    digest: str
    """Hash of the compiled chain, which the store already keeps."""
    chain: Chain
    branch: str = ""
    """The one that it is deployed from; empty where none is."""


def pinned_with(run: RunRequested, digest: str, chain: Chain) -> PinnedChain:
    """A compiled chain at the commit of a run."""
    return PinnedChain(
        organization=run.organization,
        repository=run.repository,
        environment=run.environment,
        commit=run.commit,
        digest=digest,
        chain=chain,
        branch=run.branch,
    )


class Catalog(Protocol):
    """The chains that can be run."""

    async def pinned(
        self, chain: str, *, ref: str | None, environment: str | None, repository: str | None = None
    ) -> PinnedChain:
        """A chain of the deployment in force, or as of ``ref``; of any repository, unless one is named.

        Raises :class:`~chainwright.daemon.core.refusals.Refusal`: not found (with near names), ambiguous, not deployed, or an invalid
        definition at that ref.
        """


class ReadEvent(Protocol):
    """An event file's content as an event."""

    @property
    def name(self) -> str:
        """Of the event."""

    @property
    def data(self) -> Any:
        """Its payload, JSON."""

    @property
    def key(self) -> str:
        """What makes a repeat of it recognisable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReader:
    """Reads event files. ``read`` raises ``error`` with a message for the agent's author."""

    read: Callable[[str, str], ReadEvent]
    error: type[Exception]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything outside that a run's scope uses; one value for the whole daemon."""

    store: Store
    hosts: Hosts
    events: EventReader
    plain: Callable[[bytes], str]
    """Terminal bytes → text without control sequences."""
    clock: Clock
    token: Callable[[str], str]
    """Session id → what opens its control socket; the same after a restart."""
    address: Callable[[], str]
    """Where people reach this daemon, without a slash at its end."""
    artifacts: Artifacts
    """The contents themselves, on the daemon's machine."""
    listeners: Callable[[str], Listeners] = lambda _: NOBODY
    """Environment → which of its chains in force listen to what others tell."""
    told: Callable[[], None] = lambda: None
    """Called when something that chains have to be told has been recorded."""
    secrets: Secrets = field(default_factory=NoSecrets)
    grace_s: float = 10.0
    orphan_s: float = 60.0
    """For which a session must be found running unclaimed before it is stopped."""


def url_of(world: World, run_id: str) -> str:
    """Where people find a run, at the address of now."""
    return f"{world.address()}/api/v1/runs/{run_id}"


def announced_by(world: World, state: RunState, entries: Iterable[tuple[float, Fact | Decision]]) -> list[Announcement]:
    """What entries of a run tell the chains that listen now."""
    assert state.request is not None
    return announced(state, entries, world.listeners(state.request.environment))
