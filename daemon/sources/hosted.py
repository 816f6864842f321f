"""Hosted repositories: bare ones in the daemon's data folder, and the hooks that make git ask before it takes a push.

A hook that somebody removes or changes lets pushes in unchecked, and still deploys nothing invalid: the reconciler loads what it
finds. So hooks are put back at every start, and looked at in between.
"""

import json
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import chainwright
from chainwright.daemon.sources import receive_hook
from chainwright.daemon.sources.git_command import git
from chainwright.daemon.sources.source import Source
from chainwright.daemon.sources.trees import SourceError

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,47}")
TOLD: Final = "chainwright.json"
"""Name of the file that the hooks read, within the repository."""
FIRST_BRANCH: Final = "main"

_HOOKS: Final = ("pre-receive", "proc-receive", "post-receive")
_SCRIPT: Final = "receive_hook.py"
_MOST_BYTES: Final = 1 << 30
_SETTINGS: Final = {
    "receive.advertisePushOptions": "true",
    "receive.procReceiveRefs": "refs/for",  # no ref of theirs: the daemon makes a change request of each (git 2.29 and later)
    "receive.fsckObjects": "true",  # a path with .. or .git in it never becomes an object of ours
    "receive.maxInputSize": str(_MOST_BYTES),
    "receive.denyCurrentBranch": "ignore",
    "gc.autoDetach": "false",  # no process of ours outlives the push that it tidies up after
    "gc.pruneExpire": "never",  # runs keep to their commits, whatever becomes of the branches
    "core.logAllRefUpdates": "true",
}


def is_name(name: str) -> bool:
    """Whether a repository can be called so: a folder's name that git, shells and addresses take for no option."""
    return NAME.fullmatch(name) is not None and not name.endswith((".git", ".lock")) and ".." not in name


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """The hosted side of a source: its folder, and what its hooks are to be."""

    source: Source
    socket: Path

    def make_ready(self) -> None:
        """Make the repository unless it is there, and put settings and hooks right. Raises :class:`SourceError`."""
        try:
            if not (self.source.path / "HEAD").exists():
                self._make()
            self._set()
            for name, content in self._files().items():
                _write(self.source.path / name, content)
        except OSError as error:
            raise SourceError(f"{self.source.path}: {error.strerror}") from error

    def faults(self) -> list[str]:
        """Which hooks are missing or not as they should be; empty when pushes are checked as intended."""
        return [f"{self.source.path / name} {fault}" for name in self._files() if (fault := self._fault(name))]

    def _fault(self, name: str) -> str:
        path = self.source.path / name
        try:
            if path.read_text() != self._files()[name]:
                return "was changed"
            return "" if name == TOLD or os.access(path, os.X_OK) else "is not executable"
        except (OSError, ValueError):
            return "is missing" if not path.exists() else "cannot be read"

    def _make(self) -> None:
        """Aside, then renamed: a daemon that dies here leaves no half of one."""
        path = self.source.path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}")
        git(None, "init", "--quiet", "--bare", "--template=", f"--initial-branch={FIRST_BRANCH}", str(aside))
        aside.rename(path)

    def _set(self) -> None:
        hooks = {"core.hooksPath": str(self.source.path / "hooks")}  # else the pusher's own configuration could say
        for name, value in (_SETTINGS | hooks).items():
            git(self.source.path, "config", name, value)
        (self.source.path / "hooks").mkdir(exist_ok=True)

    def _files(self) -> dict[str, str]:
        script = Path(receive_hook.__file__).read_text()
        hooks = {f"hooks/{name}": self._hook(name) for name in _HOOKS}
        return {TOLD: json.dumps(self._told(), indent=1), f"hooks/{_SCRIPT}": script, **hooks}

    def _hook(self, name: str) -> str:
        words = [sys.executable, "-I", "-S", self.source.path / "hooks" / _SCRIPT, name, self.source.path / TOLD]
        line = " ".join(shlex.quote(str(word)) for word in words)
        return f"#!/bin/sh\n# The daemon wrote this, and puts it back when it is changed.\nexec {line}\n"

    def _told(self) -> dict[str, Any]:
        source = self.source
        return {
            "socket": str(self.socket),
            "repository": source.name,
            "away": source.away,
            "python": sys.executable,
            "packages": str(Path(chainwright.__file__).parents[1]),
            "path": str(source.path),
            "signers": str(source.signers) if source.signers else None,
            "environments": [
                {"name": one.name, "branch": one.branch, "folder": one.folder} for one in source.environments
            ],
        }


def _write(path: Path, content: str) -> None:
    """Only what differs, aside and renamed: a push may be reading it."""
    if path.exists() and path.read_text() == content and os.access(path, os.X_OK):
        return
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(content)
    aside.chmod(0o755)
    aside.replace(path)
