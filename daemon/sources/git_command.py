"""Git as a process, for what writes or talks: GitPython only reads (``repository``).

Nothing of the person's or the machine's git configuration takes part, no hook runs, nobody is asked for a
password, and of the transports only those that the caller names: ``ext::`` would run a command of the address's author.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chainwright.daemon.sources.trees import SourceError

GIT_TIMEOUT_S: Final = 120.0
LOCAL_ONLY: Final = "file"
"""For ``transports``: other repositories of this machine."""

_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "LC_ALL": "C",
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.hooksPath",
    "GIT_CONFIG_VALUE_0": os.devnull,
    "GIT_CONFIG_KEY_1": "safe.directory",
    "GIT_CONFIG_VALUE_1": "*",
}


def git(
    repository: Path | None,
    *arguments: str,
    transports: str = LOCAL_ONLY,
    timeout_s: float = GIT_TIMEOUT_S,
    environment: Mapping[str, str] | None = None,
) -> str:
    """What the command prints. ``environment`` is laid over ours. Raises :class:`SourceError` with git's reason."""
    done = tried(repository, *arguments, transports=transports, timeout_s=timeout_s, environment=environment)
    if done.returncode != 0:
        raise SourceError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="surrogateescape")


def tried(
    repository: Path | None,
    *arguments: str,
    transports: str = LOCAL_ONLY,
    timeout_s: float = GIT_TIMEOUT_S,
    environment: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[bytes]":
    """How the command ended, whichever way. Raises :class:`SourceError` when it cannot run or does not end in time."""
    where = () if repository is None else (f"--git-dir={repository}",)
    told = {"PATH": os.environ.get("PATH", os.defpath), **_ENVIRONMENT, "GIT_ALLOW_PROTOCOL": transports}
    try:
        return subprocess.run(
            ["git", *where, *arguments],
            env={**told, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout_s,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise SourceError(f"git {arguments[0]} gave no answer within {timeout_s:g} s") from None
    except OSError as error:
        raise SourceError(f"git cannot run: {error.strerror}") from None
