"""The machines that sessions run on, as the engine sees them.

What a host is made of (which runner reaches it, who described it) is its maker's; which of them gets a session is ``placement``'s.
"""

from asyncio import Semaphore
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from chainwright.daemon.artifacts.port import HostArtifacts
from chainwright.daemon.core.host_labels import LOCAL
from chainwright.daemon.engine.workplaces import Workspaces
from chainwright.runners.port import Runner

INHERITED: Final = ("PATH", "HOME", "LANG", "TERM", "TZ", "USER", "SHELL")
"""What an agent gets of the environment of whoever runs it on its host (semantics 32)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every process on a host is given by it."""

    env: Mapping[str, str]
    """The allow-listed part of its environment, and what its operator added (semantics 32)."""
    path_prefix: str
    """Folder with the ``chainwright`` command for agents."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Host:
    """A machine, with everything that is done there through it. ``labels`` hold its name."""

    name: str
    labels: frozenset[str]
    slots: int
    """Sessions that may run there at once."""
    runner: Runner
    workspaces: Workspaces
    files: HostArtifacts
    """Files as sessions there see them."""
    surroundings: Callable[[], Awaitable[Surroundings]]
    """Raises HostUnreachable."""
    starts: Semaphore
    """How many sessions may be starting at once. More only take the processor from each other, and from those that run."""
    closed: Callable[[], str] = lambda: ""
    """Why it takes no new session now, for people; empty while it does."""

    def __repr__(self) -> str:
        return f"<Host {self.name}>"


class Hosts(Protocol):
    """Those that there are now."""

    def every(self) -> Sequence[Host]:
        """The daemon's own machine first, the others in the order of their names."""

    def named(self, name: str) -> Host:
        """The host of this name, the daemon's own machine for an empty one. One that is not known any more has only lost sessions."""

    async def of_session(self, session_id: str) -> Host:
        """The host on which the session of an attempt, or of one of its checks, is or was."""

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Have it called whenever a host came, went, or takes sessions again."""


def wanted_labels(labels: Sequence[str]) -> frozenset[str]:
    """What is meant where labels are, or are not, given."""
    return frozenset(labels or (LOCAL,))
