"""Worktrees: checkouts with git in them, one for each turn that asks for it, on a branch of its own.

A worktree writes refs, an index and objects, so it cannot stand on the chain repository, which is only read. It stands on a bare copy
below the cache, with objects of its own: hard links to those of the chain repository would let an agent spoil them. The branch stays
there after the run, for people to fetch.
"""

import os
import shutil
import subprocess
from pathlib import Path
from threading import Lock
from typing import Final

from chainwright.daemon.sources.trees import SourceError

FOLDER: Final = "repository.git"
"""Name of the bare copy within the cache."""

GIT_TIMEOUT_S: Final = 120.0
_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.hooksPath",
    "GIT_CONFIG_VALUE_0": os.devnull,
    "GIT_CONFIG_KEY_1": "safe.directory",
    "GIT_CONFIG_VALUE_1": "*",
}
_SETTINGS: Final = (("gc.auto", "0"), ("maintenance.auto", "false"))
"""Of the copy: an agent's commit must not leave a process behind that tidies up."""


class Worktrees:
    """Worktrees of one repository. Every method blocks, and is safe to call from several threads: one works at a time."""

    def __init__(self, cache_root: Path, source: Path) -> None:
        self.repository = cache_root / FOLDER
        self._source = source
        self._lock = Lock()

    def make_anew(self, folder: Path, branch: str, commit: str) -> None:
        """A worktree at ``folder`` with the branch at the commit and nothing else in it, whatever was there before.

        Raises :class:`SourceError`.
        """
        with self._lock:
            self._make_ready(commit)
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
            self._git("worktree", "prune")
            self._git("worktree", "add", "--quiet", "--force", "-B", branch, str(folder), commit)

    def _make_ready(self, commit: str) -> None:
        if not self.repository.is_dir():
            self._begin()
        if not self._has(commit):
            self._git("fetch", "--quiet", "--prune", self._address, "+refs/heads/*:refs/remotes/origin/*")
        if not self._has(commit):  # a run of a commit that no branch leads to
            self._git("fetch", "--quiet", self._address, commit)

    def _begin(self) -> None:
        aside = self.repository.with_name(f".{FOLDER}")
        shutil.rmtree(aside, ignore_errors=True)
        _git(None, "init", "--quiet", "--bare", "--template=", str(aside))
        for name, value in _SETTINGS:
            _git(aside, "config", name, value)
        aside.rename(self.repository)

    @property
    def _address(self) -> str:
        return f"file://{self._source.absolute()}"

    def _has(self, commit: str) -> bool:
        return _run(self.repository, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def _git(self, *arguments: str) -> None:
        _git(self.repository, *arguments)


def _git(repository: Path | None, *arguments: str) -> None:
    done = _run(repository, *arguments)
    if done.returncode != 0:
        raise SourceError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")


def _run(repository: Path | None, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    where = () if repository is None else (f"--git-dir={repository}",)
    environment = {"PATH": os.environ.get("PATH", os.defpath), **_ENVIRONMENT}
    try:
        return subprocess.run(
            ["git", *where, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=GIT_TIMEOUT_S,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise SourceError(f"git {arguments[0]} gave no answer within {GIT_TIMEOUT_S:g} s") from None
    except OSError as error:
        raise SourceError(f"git cannot run: {error.strerror}") from None
