"""Worktrees: checkouts with git in them, one for each turn that asks for it, on a branch of its own.

A worktree writes refs, an index and objects, so it cannot stand on the chain repository, which is only read. It stands on a bare copy
below the cache, with objects of its own: hard links to those of the chain repository would let an agent spoil them. The branch stays
there after the run, for people to fetch.
"""

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

from chainwright.daemon.sources.git_command import git, tried
from chainwright.daemon.sources.trees import SourceError
from chainwright.runners.host_git import SETTINGS, attempt_key, make_worktree

FOLDER: Final = "repository.git"
"""Name of the bare copy within the cache."""


class Worktrees:
    """Worktrees at any commit of the chain repositories at these paths.

    Every method blocks, and is safe to call from several threads: one works at a time.
    """

    def __init__(self, cache_root: Path, sources: Callable[[], Iterable[Path]]) -> None:
        self.repository = cache_root / FOLDER
        self._sources = sources
        self._lock = Lock()

    def make_anew(self, folder: Path, branch: str, commit: str, attempt: int = 1) -> None:
        """A worktree at ``folder`` with the branch at the commit and nothing else in it, whatever was there before.

        Raises :class:`SourceError`.
        """
        with self._lock:
            self._make_ready(commit)
            make_worktree(self._git, str(folder), branch, commit, attempt)

    def make_ready(self, commits: Iterable[str]) -> None:
        """Have the copy hold those of the commits that any repository has. Raises :class:`SourceError`."""
        with self._lock:
            if not self.repository.is_dir():
                self._begin()
            for commit in commits:
                with suppress(SourceError):
                    self._make_ready(commit)

    def is_newer(self, branch: str, tip: str, attempt: int) -> bool:
        """Whether a branch that another host has is of a later attempt than ours, or further on in the same one."""
        with self._lock:
            ours = tried(self.repository, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
            known = tried(self.repository, "config", "--get", attempt_key(branch))
        if ours.returncode != 0 or known.returncode != 0:
            return True
        return (attempt, tip) != (int(known.stdout), ours.stdout.decode().strip()) and attempt >= int(known.stdout)

    def point(self, branch: str, tip: str, attempt: int) -> None:
        """The branch is here as it is there; its commits are here already. Raises :class:`SourceError`."""
        with self._lock:
            self._git("update-ref", f"refs/heads/{branch}", f"{tip}^{{commit}}")
            self._git("config", attempt_key(branch), str(attempt))

    def _make_ready(self, commit: str) -> None:
        if not self.repository.is_dir():
            self._begin()
        if not _has(self.repository, commit):
            address = self._address_of(commit)
            self._git("fetch", "--quiet", "--prune", address, "+refs/heads/*:refs/remotes/origin/*")
            if not _has(self.repository, commit):  # a run of a commit that no branch leads to
                self._git("fetch", "--quiet", address, commit)

    def _address_of(self, commit: str) -> str:
        """Of the first repository that has the commit: its id says the same in all of them."""
        sources = [source.absolute() for source in self._sources()]
        for source in sources:
            inside = source / ".git"
            if _has(inside if inside.exists() else source, commit):
                return f"file://{source}"
        raise SourceError(f"the commit {commit} is not in {' or '.join(map(str, sources))}")

    def _begin(self) -> None:
        aside = self.repository.with_name(f".{FOLDER}")
        shutil.rmtree(aside, ignore_errors=True)
        git(None, "init", "--quiet", "--bare", "--template=", str(aside))
        for name, value in SETTINGS:
            git(aside, "config", name, value)
        aside.rename(self.repository)

    def _git(self, *arguments: str) -> str:
        return git(self.repository, *arguments)


def _has(repository: Path, commit: str) -> bool:
    return tried(repository, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0
