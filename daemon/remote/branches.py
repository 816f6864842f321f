"""Branches of agents' worktrees on a host, brought to the daemon's copy, where people fetch them as those of this machine.

The host is not believed: a branch has to be one of the run's, and what is wrong with its objects is found out.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Any, Final

from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.sources.packs import known, unpacked
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.worktrees import Worktrees

_BASES: Final = 20
"""Commits that came to the host last; a branch that stands on none of them comes with more of its history than it must."""
_TIP: Final = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Branch:
    name: str
    tip: str
    attempt: int


class Branches:
    """Those on one host."""

    def __init__(self, home: RemoteHome, worktrees: Worktrees) -> None:
        self._home = home
        self._worktrees = worktrees

    async def bring(self, run_id: str | None) -> None:
        """Have the branches of a run, or of all of them, here, unless a later attempt's are. Raises HostUnreachable and OSError."""
        told = await self._home.call("branches", run=run_id)
        there = [branch for one in told["branches"] if (branch := _of(one, run_id))]
        if not there:
            return
        try:
            bases = told["tips"][:_BASES]
            await asyncio.to_thread(self._worktrees.make_ready, bases)
            newer = [one for one in there if await asyncio.to_thread(self._is_newer, one)]
            await self._fetch({one.tip for one in newer}, bases)
            for one in newer:
                await asyncio.to_thread(self._worktrees.point, one.name, one.tip, one.attempt)
        except SourceError as error:
            raise OSError(f'branches on host "{self._home.name}" are not brought here: {error}') from error

    def _is_newer(self, branch: _Branch) -> bool:
        return self._worktrees.is_newer(branch.name, branch.tip, branch.attempt)

    async def _fetch(self, tips: set[str], bases: list[str]) -> None:
        here = await asyncio.to_thread(known, self._worktrees.repository, [*sorted(tips), *bases])
        if wanted := sorted(tips.difference(here)):
            pack = self._home.receive("commits", wanted=wanted, had=[base for base in bases if base in here])
            await unpacked(self._worktrees.repository, pack)


def _of(told: Any, run_id: str | None) -> _Branch | None:
    """What the host says, if it can be a branch of the run's; of any run's for None."""
    run = re.escape(run_id) if run_id else r"[^/\s~^:?*\[\\-]+"
    match told:
        case {"branch": str(name), "tip": str(tip), "attempt": int(attempt)}:
            fits = re.fullmatch(rf"chainwright/{run}-[^/\s~^:?*\[\\]+", name) and _TIP.fullmatch(tip)
            return _Branch(name=name, tip=tip, attempt=attempt) if fits else None
    return None
