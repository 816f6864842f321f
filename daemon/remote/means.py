"""What every host of a daemon is reached and served with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from chainwright.daemon.artifacts.port import Artifacts
from chainwright.daemon.remote.in_use import InUse
from chainwright.daemon.sources.workspace import Workspaces
from chainwright.daemon.sources.worktrees import Worktrees


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """One value for all hosts."""

    home: Path
    """The daemon's, from which paths of keys count."""
    owner: str
    """The name of the daemon's folder below the root of each host."""
    trees: Workspaces
    worktrees: Worktrees
    common_folder: Callable[[str], Path]
    artifacts: Artifacts
    max_artifact_bytes: int
    clock: Callable[[], float]
    in_use: Callable[[], InUse] = InUse
    chance: Random = field(default_factory=Random)
