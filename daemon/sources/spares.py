"""Ready copies of the newest tree, so that a run need not wait for its own.

They are made in the background, and a copy that its run left untouched comes back.
"""

import asyncio
import logging
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final, Protocol, TypeVar

from chainwright.daemon.sources.seal import Seal, seal

WriteTo = Callable[[Path], None]
"""Makes a folder with a tree in it."""

LOOKED_AT_ONCE: Final = 300
"""So many files are looked at without a thread: that takes less than a millisecond, and a thread, which asks for the interpreter again
after each of them, several times as long."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class InThread(Protocol):
    """Does blocking work in a thread, within a time limit."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """What the work returns."""


class Spares:
    """Ready copies of one small tree, made by a task in the background, taken by a rename."""

    def __init__(self, root: Path, wanted: int, in_thread: InThread) -> None:
        self._root = root
        self._wanted = wanted
        self._in_thread = in_thread
        self._numbers = count()
        self._ready: deque[_Spare] = deque()
        self._lent: dict[Path, Seal] = {}
        self._write_to: WriteTo | None = None
        self._filler: asyncio.Task[None] | None = None
        self.commit = ""
        """Whose copies are wanted."""

    @property
    def settled(self) -> int:
        """How many copies are ready, and will show it if they are touched."""
        return sum(spare.seal.is_settled for spare in self._ready)

    def clear(self) -> None:
        """Removes every copy on disk; nothing else may be going on."""
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir(parents=True)

    def prefer(self, commit: str, write_to: WriteTo | None) -> None:
        """From now on the copies are of this commit, made by ``write_to``; None makes no more."""
        self.commit, self._write_to = commit, write_to
        self._refill()

    def take(self, commit: str, workspace: Path) -> bool:
        """Whether a copy of the commit has become the workspace."""
        if not self._ready or self._ready[0].commit != commit:
            return False
        spare = self._ready.popleft()
        self._refill()
        try:
            spare.path.rename(workspace)
        except OSError:  # another file system, or somebody removed it: the caller's own copy works or tells why not
            return False
        if spare.seal.is_settled:
            self._lent[workspace] = spare.seal
        return True

    async def give_back(self, commit: str, workspace: Path) -> None:
        """Take a workspace back that nobody will use any more, if it was lent from here, is untouched and still wanted."""
        seal = self._lent.pop(workspace, None)
        if seal is None or commit != self.commit or len(self._ready) >= 2 * self._wanted:
            return
        path = self._root / f"{commit}-{next(self._numbers)}"
        take_back = partial(_taken_back, workspace, seal, path)
        if take_back() if len(seal.marks) <= LOOKED_AT_ONCE else await self._in_thread(take_back):
            self._ready.append(_Spare(commit=commit, path=path, seal=seal))

    async def filled(self) -> None:
        """Returns when there are as many copies as wanted, or none can be made."""
        if self._filler:
            await asyncio.shield(self._filler)

    async def close(self) -> None:
        """Ends the making of copies."""
        if self._filler:
            self._filler.cancel()
            await asyncio.gather(self._filler, return_exceptions=True)

    def _refill(self) -> None:
        if self._filler is None or self._filler.done():
            self._filler = asyncio.create_task(self._fill(), name="workspaces: make spare copies")

    async def _fill(self) -> None:
        try:
            while (outdated := self._outdated()) or (self._write_to and len(self._ready) < self._wanted):
                if outdated:
                    self._ready.remove(outdated)
                    await self._in_thread(partial(shutil.rmtree, outdated.path, ignore_errors=True))
                elif self._write_to:
                    path = self._root / f"{self.commit}-{next(self._numbers)}"
                    self._ready.append(await self._in_thread(partial(_made, self.commit, path, self._write_to)))
        except OSError as error:  # a full disk, mostly; runs then make their own copy, and report it
            _log.warning("no spare workspace could be made: %s", error)

    def _outdated(self) -> "_Spare | None":
        return next((spare for spare in self._ready if spare.commit != self.commit), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spare:
    commit: str
    path: Path
    seal: Seal


def _made(commit: str, path: Path, write_to: WriteTo) -> _Spare:
    write_to(path)
    return _Spare(commit=commit, path=path, seal=seal(path))


def _taken_back(workspace: Path, seal: Seal, path: Path) -> bool:
    if not seal.holds(workspace):
        return False
    workspace.rename(path)
    return True
