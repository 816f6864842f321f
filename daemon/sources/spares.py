"""Ready copies of the newest tree, so that a run need not wait for its own."""

import asyncio
import logging
import shutil
from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Protocol, TypeVar

WriteTo = Callable[[Path], None]
"""Makes a folder with a tree in it."""

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
        self._ready: deque[Path] = deque()
        self._write_to: WriteTo | None = None
        self._filler: asyncio.Task[None] | None = None
        self.commit = ""
        """Whose copies are wanted."""

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
        prefix = f"{commit}-"
        if not self._ready or not self._ready[0].name.startswith(prefix):
            return False
        spare = self._ready.popleft()
        self._refill()
        try:
            spare.rename(workspace)
        except OSError:  # another file system, or somebody removed it: the caller's own copy works or tells why not
            return False
        return True

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
                    await self._in_thread(partial(shutil.rmtree, outdated, ignore_errors=True))
                elif self._write_to:
                    await self._add(self.commit, self._write_to)
        except OSError as error:  # a full disk, mostly; runs then make their own copy, and report it
            _log.warning("no spare workspace could be made: %s", error)

    def _outdated(self) -> Path | None:
        return next((spare for spare in self._ready if not spare.name.startswith(f"{self.commit}-")), None)

    async def _add(self, commit: str, write_to: WriteTo) -> None:
        spare = self._root / f"{commit}-{next(self._numbers)}"
        await self._in_thread(partial(write_to, spare))
        self._ready.append(spare)
