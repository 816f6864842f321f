"""Agents of other repositories, fetched once for each commit into a cache that is read through its objects.

A bare repository for each address and commit, made aside and renamed, so one that is there is complete, and nothing in it is ever
changed. git itself fetches, in a process group of its own, within bounds of time and size; it asks nobody for a password, follows no
redirect and speaks only https, ssh and to repositories of this machine. Whatever git's own configuration of this user says about
credentials holds.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Final

from chainwright.daemon.crash_points import reach
from chainwright.daemon.definition.named_files import Unusable
from chainwright.daemon.definition.reading import ENDINGS
from chainwright.daemon.definition.remotes import NotFetched, ReadRemote, Remote
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.trees import SourceError

FETCH_TIMEOUT_S: Final = 30.0
"""For one repository."""
LOAD_TIMEOUT_S: Final = 60.0
"""For all repositories that one load has to fetch."""
MAX_BLOCKS: Final = 1 << 20
"""Of 512 bytes, in one file that git writes: a repository is fetched as one pack."""

_GRACE_S: Final = 2.0
_LEFT_OVER_S: Final = 600.0
_SAID: Final = 300
_AGAIN: Final = "can this user read it? once it can: chainwright deployments --reconcile"
_NOT_BY_ID: Final = re.compile("not our ref|unadvertised object|not found in remote|remote ref does not exist", re.I)
_LOCAL_VARIABLES: Final = re.compile(
    "GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|NAMESPACE|PREFIX|OBJECT_.*|ALTERNATE_.*|CONFIG_(COUNT|KEY_.*|VALUE_.*|PARAMETERS))"
)
_SETTINGS: Final = {
    "core.hooksPath": os.devnull,
    "gc.auto": "0",
    "http.followRedirects": "false",
    "protocol.ext.allow": "never",
    "submodule.recurse": "false",
}


class Remotes:
    """The cache below one folder. Safe to use from several threads, of which one fetches at a time."""

    def __init__(self, folder: Path, *, timeout_s: float = FETCH_TIMEOUT_S) -> None:
        self._folder = folder
        self._timeout_s = timeout_s
        self._lock = Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    def clear(self) -> None:
        """Removes what fetches that were cut short have left."""
        oldest = time.time() - _LEFT_OVER_S  # a younger one may be another process's, at work
        for aside in self._folder.glob("*/.*"):
            if aside.stat().st_mtime < oldest:
                shutil.rmtree(aside, ignore_errors=True)

    def close(self) -> None:
        """Ends a fetch that is under way; nothing is fetched any more."""
        self._is_closed = True
        if (running := self._running) is not None:
            _signal_group(running, signal.SIGKILL)

    def reader(self, *, fetch: bool) -> ReadRemote:
        """What one load reads agents with; without ``fetch`` only out of the cache."""
        return partial(self._read, fetch, time.monotonic() + LOAD_TIMEOUT_S)

    def _read(self, fetch: bool, due: float, remote: Remote) -> tuple[str, bytes]:
        bare = self._folder / _name(remote.url) / f"{remote.commit}.git"
        if not bare.is_dir():
            if not fetch:
                raise NotFetched(f"{remote.url} was not fetched at {remote.commit[:12]}")
            with self._lock:
                if not bare.is_dir():
                    self._fetch(remote, bare, due)
        return _file(remote, bare)

    def _fetch(self, remote: Remote, bare: Path, due: float) -> None:
        bare.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{remote.commit[:12]}-", dir=bare.parent))
        try:
            self._fill(remote, aside, due)
            reach("remote.before-keep")
            with suppress(OSError):  # another process was quicker: what is there is the same
                aside.rename(bare)
            reach("remote.after-keep")
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _fill(self, remote: Remote, aside: Path, due: float) -> None:
        git = partial(self._git, remote, aside, due)
        git("init", "--quiet", "--bare", "--template=", ".")
        quietly = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
        try:
            git(*quietly, "--depth=1", "--", remote.url, f"{remote.commit}:refs/heads/pinned")
        except _Failed as failed:
            if not _NOT_BY_ID.search(failed.said):
                raise failed.as_unusable(remote) from None
            self._fill_whole(remote, git, quietly)

    def _fill_whole(self, remote: Remote, git: Callable[..., str], quietly: tuple[str, ...]) -> None:
        """For servers that give no commit by its id: everything that has a name, in which it may be."""
        try:
            git(*quietly, "--", remote.url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
            git("update-ref", "refs/pinned", f"{remote.commit}^{{commit}}")
        except _Failed as failed:
            if failed.words[0] == "fetch":
                raise failed.as_unusable(remote) from None
            message = f"{remote.url} has no commit {remote.commit}"
            raise Unusable(message, f"git ls-remote {remote.url} lists what it has") from None

    def _git(self, remote: Remote, folder: Path, due: float, *words: str) -> str:
        left_s = min(self._timeout_s, due - time.monotonic())
        options = (word for key, value in _SETTINGS.items() for word in ("-c", f"{key}={value}"))
        script = 'ulimit -f "$1" && shift && exec git "$@"'
        process = subprocess.Popen(
            ["sh", "-c", script, "sh", str(MAX_BLOCKS), *options, *words],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._running = process
        try:
            if self._is_closed:
                _signal_group(process, signal.SIGKILL)
            said, _ = process.communicate(timeout=max(left_s, 0.0))
        except subprocess.TimeoutExpired:
            raise Unusable(f"{remote.url} did not give {remote.commit[:12]} within {left_s:.0f} s", _AGAIN) from None
        finally:
            _end(process)
            self._running = None
        if process.returncode != 0:
            raise _Failed(words, said.decode(errors="replace"))
        return said.decode(errors="replace")


class _Failed(Exception):
    """git did not do it, and what it said."""

    def __init__(self, words: tuple[str, ...], said: str) -> None:
        super().__init__(said)
        self.words = words
        self.said = said

    def as_unusable(self, remote: Remote) -> Unusable:
        lines = [line for line in self.said.splitlines() if line.startswith(("fatal:", "error:", "ssh:"))]
        reason = " ".join((lines or self.said.splitlines() or ["git failed"])[0].split())[:_SAID]
        return Unusable(f"{remote.url} could not be fetched: {reason}", _AGAIN)


def _file(remote: Remote, bare: Path) -> tuple[str, bytes]:
    repository = Repository(bare)
    try:
        known = {entry.path for entry in repository.tree(remote.commit)}
        path = next((one for one in _spellings(remote.path) if one in known), None)
        if path is None:
            tried = ", ".join(_spellings(remote.path))
            raise Unusable(f"{remote.url} has no agent {remote.path} at {remote.commit[:12]}", f"looked for {tried}")
        return path, repository.named_file(remote.commit, path)
    except SourceError as error:
        raise Unusable(f"{remote.url} at {remote.commit[:12]} cannot be read: {error}") from error
    finally:
        repository.close()


def _spellings(path: str) -> Iterator[str]:
    """As ``agents/x`` means ``workflows/agents/x.yaml`` at home."""
    if PurePosixPath(path).suffix in ENDINGS:
        yield path
    else:
        yield from (f"{folder}{path}{ending}" for folder in ("", "workflows/") for ending in ENDINGS)


def _name(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:32]


def _environment() -> dict[str, str]:
    ours = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_ALLOW_PROTOCOL": "https:ssh:file",
        "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=15"),
        "LC_ALL": "C",
    }
    return {name: value for name, value in os.environ.items() if not _LOCAL_VARIABLES.fullmatch(name)} | ours


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Politely, then surely; whatever it has started goes with it."""
    if process.poll() is None:
        _signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
        _signal_group(process, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
