"""Git as a process, for what writes or talks: GitPython only reads (``repository``).

Nothing of the person's or the machine's git configuration takes part unless the caller says so, no hook runs, nobody is asked for a
password, and of the transports only those that the caller names: ``ext::`` would run a command of the address's author. Each command
is a process group of its own, which is ended with it.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from chainwright.daemon.sources.trees import SourceError
from chainwright.runners.host_git import ENVIRONMENT, NO_CONFIGURATION

GIT_TIMEOUT_S: Final = 120.0
LOCAL_ONLY: Final = "file"
"""For ``transports``: other repositories of this machine."""

_OF_THE_USER: Final = (
    "HOME",
    "XDG_CONFIG_HOME",
    "SSH_AUTH_SOCK",
    "USER",
    "LOGNAME",
    "https_proxy",
    "http_proxy",
    "no_proxy",
)


def git(
    repository: Path | None,
    *arguments: str,
    transports: str = LOCAL_ONLY,
    timeout_s: float = GIT_TIMEOUT_S,
    as_user: bool = False,
) -> str:
    """What the command prints; ``as_user`` with the settings and keys of this user. Raises :class:`SourceError` with git's reason."""
    done = tried(repository, *arguments, transports=transports, timeout_s=timeout_s, as_user=as_user)
    if done.returncode != 0:
        raise SourceError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="surrogateescape")


def tried(
    repository: Path | None,
    *arguments: str,
    transports: str = LOCAL_ONLY,
    timeout_s: float = GIT_TIMEOUT_S,
    as_user: bool = False,
    environment: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[bytes]":
    """How the command ended, whichever way; ``environment`` is laid over ours. Raises :class:`SourceError` when it cannot run or does not end in time."""
    where = () if repository is None else (f"--git-dir={repository}",)
    try:
        process = subprocess.Popen(
            ["git", *where, *arguments],
            env=environment_of(transports, as_user=as_user) | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise SourceError(f"git cannot run: {error.strerror}") from None
    with process:
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise SourceError(f"git {arguments[0]} gave no answer within {timeout_s:g} s") from None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def environment_of(transports: str = LOCAL_ONLY, *, as_user: bool = False) -> dict[str, str]:
    """The whole environment of a git command."""
    told = {"PATH": os.environ.get("PATH", os.defpath), **ENVIRONMENT, "GIT_ALLOW_PROTOCOL": transports}
    if not as_user:
        return told | NO_CONFIGURATION
    return told | {name: os.environ[name] for name in _OF_THE_USER if name in os.environ}
