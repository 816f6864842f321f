"""What is cleared away on a host: what nobody has used for long, and what runs that ended long ago have left."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.remote.home import RemoteHome

DAY_S: Final = 86_400.0
MESSAGE_NAMES: Final = 10_000
"""So many runs and commits in use are told at most; with more, nothing is cleared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long things stay."""

    unused_s: float = 7 * DAY_S
    """Trees, histories and contents since their last use: they can be sent again."""
    ended_s: float = 30 * DAY_S
    """Folders of runs since they changed last, with the sessions: what agents left in them is nowhere else. Tools since their last use."""
    kept_runs: int = 500
    """Of the runs that have ended, so many keep their folders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """Something that nobody needs any more."""

    kind: str
    """tree, mirror, history, artifact, run, session or tools."""
    name: str
    age_s: float
    bytes: int
    """On the disk."""


class Clearing:
    """The garbage of one host; ``clock`` gives seconds since the epoch as the hosts have them."""

    def __init__(self, home: RemoteHome, clock: Callable[[], float], bounds: Bounds | None = None) -> None:
        self._home = home
        self._clock = clock
        self._bounds = bounds or Bounds()

    async def clear(self, *, commits: Collection[str], runs: Collection[str], dry: bool) -> list[Surplus]:
        """What went, or with ``dry`` what would, the oldest first and the first thousand; nothing of the commits and runs in use.

        Raises HostUnreachable and OSError.
        """
        if len(commits) + len(runs) > MESSAGE_NAMES:
            return []
        bounds = {
            "unused_s": self._bounds.unused_s,
            "ended_s": self._bounds.ended_s,
            "kept_runs": self._bounds.kept_runs,
        }
        used = {"commits": list(commits), "runs": list(runs)}
        found = await self._home.call("clear", now=self._clock(), used=used, bounds=bounds, dry=dry)
        return [Surplus(**one) for one in found["surplus"]]
