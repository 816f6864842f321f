"""The workspace of a run: the tree of its commit, copied from a cache that outlives the repository.

A run's first agent waits for its workspace, and a copy of a hundred files takes milliseconds, so some copies of the newest tree are
made beforehand and taken by a rename; one that its run left untouched comes back when the run has ended. When none is ready, when the tree is too large to have spare ones of, or when the run's folder
is on another file system, the copy is made on demand.

The cache is a folder per commit, made aside and renamed, so a commit that has one is complete. What is written here on behalf of
agents is bounded by ``WORKSPACE_BOUNDS``.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from chainwright.daemon.sources.checkout import (
    Checkout,
    CheckoutFile,
    Pour,
    of_entries,
    of_folder,
    pour_from_folder,
    pour_from_memory,
    write,
)
from chainwright.daemon.sources.objects import Objects
from chainwright.daemon.sources.once import Once
from chainwright.daemon.sources.spares import Spares
from chainwright.daemon.sources.trees import WORKSPACE_BOUNDS, TreeEntry, check_bounds
from chainwright.runners.host_files import sync_all, write_all

FOLDER: Final = "workspace"
"""Name of the workspace within a run's folder."""

_SMALL_BYTES: Final = 8 << 20  # a tree up to this size is kept in memory, and has spare copies
_SMALL_FILES: Final = 2_000
_LINK_BYTES: Final = 4_096
_COPY_TIMEOUT_S: Final = 300.0
_THREADS: Final = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    """A commit's tree in the cache, and where its contents are taken from."""

    checkout: Checkout
    pour: Pour
    is_small: bool

    def write_to(self, destination: Path) -> None:
        """Makes the folder with the whole tree in it."""
        write(self.checkout, destination, self.pour)


class Workspaces:
    """Workspaces at any commit that the objects hold, below one cache folder that nobody else uses.

    ``in_use`` names the commits that must stay in the cache, those of unfinished runs; of the others the ``kept`` used last stay.
    """

    def __init__(
        self,
        cache_root: Path,
        objects: Objects,
        *,
        in_use: Callable[[], Collection[str]] = tuple,
        spare: int = 16,
        kept: int = 8,
    ) -> None:
        self._trees_root = cache_root / "trees"
        self._objects = objects
        self._in_use = in_use
        self._kept = kept
        self._trees: dict[str, _Tree] = {}
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="workspaces")
        self._spares = Spares(cache_root / "spare", spare, self._in_thread)
        self._once = Once("workspaces")

    @property
    def spares(self) -> int:
        """How many copies are ready for runs to come, and will show it if they are touched."""
        return self._spares.settled

    async def open(self) -> None:
        """Makes the cache folder and clears what an earlier process left half made."""
        await self._in_thread(self._clear)

    async def close(self) -> None:
        """Ends what is under way. Cached trees stay."""
        await self._spares.close()
        await self._once.close()
        await asyncio.to_thread(self._threads.shutdown)

    async def warm(self, commit: str) -> None:
        """Caches the commit's tree and makes spare copies of it, in place of those of another commit.

        Raises as :meth:`prepare` does.
        """
        tree = await self._tree(commit)
        self._spares.prefer(commit, tree.write_to if tree.is_small else None)
        await self._spares.filled()

    async def prepare(self, run_folder: Path, commit: str) -> Path:
        """The run's workspace, made now unless it is there already: it is never touched again.

        ``run_folder`` must exist. Raises ``RepositoryGone`` and ``UnknownRef`` for a commit that is not in the cache and cannot be
        read, ``TreeRefused`` for a tree that is not written to disk, OSError for a disk that is full.
        """
        workspace = run_folder / FOLDER
        if not workspace.exists() and not self._spares.take(commit, workspace):
            await self._once.do(f"copy {workspace}", lambda: self._make(commit, workspace))
        return workspace

    async def tree(self, commit: str) -> tuple[Path, Checkout]:
        """The commit's tree in the cache, which nobody may change, and what is in it. Raises as :meth:`prepare` does."""
        tree = await self._tree(commit)
        return self._trees_root / commit, tree.checkout

    async def release(self, run_folder: Path, commit: str) -> None:
        """The run has ended, and no process of it is left: its workspace, if untouched, is gone and may serve another run."""
        await self._spares.give_back(commit, run_folder / FOLDER)

    async def _make(self, commit: str, workspace: Path) -> None:
        tree = await self._tree(commit)
        await self._in_thread(partial(self._copy, commit, tree, workspace))

    def _copy(self, commit: str, tree: _Tree, workspace: Path) -> None:
        """Copies the tree to ``workspace``; a copy cut short stays aside and is cleared by the next one."""
        os.utime(self._trees_root / commit)
        aside = workspace.with_name(f".{workspace.name}.partial")
        shutil.rmtree(aside, ignore_errors=True)
        tree.write_to(aside)
        aside.rename(workspace)

    async def _tree(self, commit: str) -> _Tree:
        """The cached tree, read or fetched once however many runs ask for it at the same time."""
        if commit not in self._trees:
            await self._once.do(f"load {commit}", lambda: self._load(commit))
        return self._trees[commit]

    async def _load(self, commit: str) -> None:
        self._trees[commit] = await self._in_thread(partial(self._cached, commit))
        for root in await self._in_thread(self._surplus):
            self._trees.pop(root.name, None)
            await self._in_thread(partial(shutil.rmtree, root, ignore_errors=True))

    def _cached(self, commit: str) -> _Tree:
        root = self._trees_root / commit
        if not root.is_dir():
            self._fetch(commit, root)
        os.utime(root)
        return _opened(root)

    def _fetch(self, commit: str, root: Path) -> None:
        entries = self._objects.tree(commit)
        check_bounds(entries, WORKSPACE_BOUNDS)
        checkout = of_entries(entries, self._target_of)
        aside = root.with_name(f".{commit}")
        shutil.rmtree(aside, ignore_errors=True)
        write(checkout, aside, self._pour_from_git)
        sync_all(
            str(aside)
        )  # once a commit, for all its files: after a power cut the renamed folder must not hold empty ones
        aside.rename(root)

    def _target_of(self, link: TreeEntry) -> str:
        return os.fsdecode(self._objects.blobs([link.blob])[link.blob][:_LINK_BYTES])

    def _pour_from_git(self, file: CheckoutFile, descriptor: int) -> None:
        write_all(descriptor, self._objects.blobs([file.blob])[file.blob])

    def _surplus(self) -> list[Path]:
        """The trees used longest ago, beyond those that are kept and those in use."""
        needed = {*self._in_use(), self._spares.commit}
        by_use = sorted(self._trees_root.glob("[!.]*"), key=lambda root: root.stat().st_mtime_ns, reverse=True)
        return [root for root in by_use[self._kept :] if root.name not in needed]

    def _clear(self) -> None:
        self._spares.clear()
        self._trees_root.mkdir(parents=True, exist_ok=True)
        for aside in self._trees_root.glob(".*"):
            shutil.rmtree(aside, ignore_errors=True)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        return await asyncio.wait_for(future, _COPY_TIMEOUT_S)


def _opened(root: Path) -> _Tree:
    checkout = of_folder(root)
    files = list(checkout.files)
    is_small = len(files) <= _SMALL_FILES and sum(file.size for file in files) <= _SMALL_BYTES
    if not is_small:
        return _Tree(checkout=checkout, pour=pour_from_folder(root), is_small=False)
    contents = {file.path: (root / file.path).read_bytes() for file in files}
    return _Tree(checkout=checkout, pour=pour_from_memory(contents), is_small=True)
