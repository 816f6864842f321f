"""What the daemon follows: a repository, of whichever kind, and the environments that are deployed from it.

Three kinds that differ only in how commits come in: people push to a **hosted** one, a **mirror** is fetched, a **local** one is
somebody's own. What comes after is the same for all of them.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chainwright.daemon.core.access import DEFAULT_ENVIRONMENT
from chainwright.daemon.sources.deployment import DEFAULT_FOLDER


class Kind(StrEnum):
    """How commits come into a repository."""

    HOSTED = "hosted"
    MIRROR = "mirror"
    LOCAL = "local"


class Away(StrEnum):
    """What becomes of a push to a hosted repository while no daemon answers."""

    REFUSE = "refuse"
    STATIC = "static"  # the hook lints by itself; what only the daemon knows is not looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One thing that is deployed: a branch, and in it a folder of chains."""

    name: str = DEFAULT_ENVIRONMENT
    branch: str | None = None
    """Without ``refs/heads/``; None: the one that HEAD names."""
    folder: str = DEFAULT_FOLDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A repository to follow. ``path`` is the folder that is read: the daemon's own, but for a local one."""

    name: str
    kind: Kind
    path: Path
    environments: tuple[Environment, ...] = (Environment(),)
    poll_s: float = 1.0
    """Between two looks at the branches."""
    url: str = ""
    """Of a mirror."""
    fetch_s: float = 60.0
    """Between two fetches of a mirror that nobody asked for."""
    away: Away = Away.REFUSE
    signers: Path | None = None
    """File of those whose signature a commit needs to be deployed; None: it needs none."""
    has_forge: bool = False
    """Whether somebody asks a forge about its pull requests, who then knows more of them than their refs."""
