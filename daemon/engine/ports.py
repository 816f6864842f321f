"""What the engine needs of the rest of the daemon, and the parts that every scope shares."""

from asyncio import Semaphore
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chainwright.daemon.artifacts.port import Artifacts, HostArtifacts
from chainwright.daemon.core.announcements import NOBODY, Announcement, Listeners, announced
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact, RunRequested
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.state import RunState
from chainwright.daemon.secrets.port import NoSecrets, Secrets
from chainwright.daemon.store.port import Store
from chainwright.runners.port import Runner

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where an attempt works. Every path is absolute on the host that was asked."""

    folder: str
    """Its workspace."""
    repository: str
    """A bare repository for agents to read, whose HEAD is the commit; where the host cannot have one, nothing is there."""
    given_root: str
    """Below it each attempt of the run has a folder of its own, for the artifacts that it is given."""


class Workspaces(Protocol):
    """Where agents work, on one host.

    Whatever prepares raises OSError when it cannot be done (the tree is refused, the disk is full), CannotStart when it never can be
    there, and HostUnreachable when the host gives no answer now.
    """

    async def prepare(self, run_id: str, repository: str, commit: str) -> Workplace:
        """The run's checkout, made on the first call."""

    async def prepare_own(self, run_id: str, attempt_id: str, repository: str, commit: str) -> Workplace:
        """A checkout that this attempt has to itself, made on the first call."""

    async def prepare_worktree(
        self, run_id: str, attempt_id: str, repository: str, commit: str, *, anew: bool
    ) -> Workplace:
        """The git worktree of the attempt's turn; with ``anew`` it is as it was at the commit."""

    async def release(self, run_id: str, commit: str) -> None:
        """The run has ended, and no process of it is left; what was changed in its checkouts stays for people to see.

        A host that gives no answer keeps everything: it raises nothing for that.
        """

    async def link_events(self, run_id: str, attempt_id: str) -> None:
        """Make the attempt's event files visible below the run's folder. Raises nothing: it is there for people alone."""


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
    runner: Runner
    workspaces: Workspaces
    events: EventReader
    plain: Callable[[bytes], str]
    """Terminal bytes → text without control sequences."""
    clock: Clock
    token: Callable[[str], str]
    """Session id → what opens its control socket; the same after a restart."""
    base_env: Mapping[str, str]
    """The allow-listed part of the daemon's environment (semantics 32)."""
    path_prefix: str
    """Folder with the ``chainwright`` command for agents."""
    address: Callable[[], str]
    """Where people reach this daemon, without a slash at its end."""
    starts: Semaphore
    """How many sessions may be starting at once. More only take the processor from each other, and from those that run."""
    artifacts: Artifacts
    """The contents themselves, on the daemon's machine."""
    files: HostArtifacts
    """Files where the sessions run."""
    listeners: Callable[[str], Listeners] = lambda _: NOBODY
    """Environment → which of its chains in force listen to what others tell."""
    told: Callable[[], None] = lambda: None
    """Called when something that chains have to be told has been recorded."""
    secrets: Secrets = field(default_factory=NoSecrets)
    grace_s: float = 10.0


def url_of(world: World, run_id: str) -> str:
    """Where people find a run, at the address of now."""
    return f"{world.address()}/api/v1/runs/{run_id}"


def announced_by(world: World, state: RunState, entries: Iterable[tuple[float, Fact | Decision]]) -> list[Announcement]:
    """What entries of a run tell the chains that listen now."""
    assert state.request is not None
    return announced(state, entries, world.listeners(state.request.environment))
