"""What is done with git wherever agents work: a worktree made anew, and mirrors, which show agents the history.

Like ``host_files`` this is imported by the daemon and uploaded to hosts. It runs no git by itself: ``Git`` is the caller's, who knows the
environment that it has to have.
"""

import contextlib
import os
import shutil
import tempfile
from typing import Callable, Iterable

Git = Callable[..., str]
"""Runs git with these arguments on the repository that worktrees stand on, and gives what it prints; raises when git does."""

SETTINGS = (("gc.auto", "0"), ("maintenance.auto", "false"))
"""Of that repository: an agent's commit must not leave a process behind that tidies up."""
ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    "LC_ALL": "C",
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.hooksPath",
    "GIT_CONFIG_VALUE_0": os.devnull,
    "GIT_CONFIG_KEY_1": "safe.directory",
    "GIT_CONFIG_VALUE_1": "*",
}
"""Of every git that we run: no hook runs, and nobody is asked for a password."""
NO_CONFIGURATION = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
"""Of a git that is not run for a person: nothing of theirs or of the machine's takes part."""
PACK = ("pack-objects", "--revs", "--thin", "--stdout", "--delta-base-offset", "--quiet")
"""Writes a pack of what is wanted and not had; :func:`wish` is its input."""
BRANCHES = "refs/heads/chainwright/"
"""Where the branches of agents are."""
UNPACK = ("index-pack", "--stdin", "--fix-thin")
"""Takes such a pack in."""

_CONFIG = """[core]
	repositoryformatversion = 0
	bare = true
[gc]
	auto = 0
[maintenance]
	auto = false
"""
_HOOK = """#!/bin/sh
echo 'this mirror is for reading: nothing can be pushed into it; use workspace: worktree for a branch of your own' >&2
exit 1
"""


def make_worktree(git: Git, folder: str, branch: str, commit: str, attempt: int) -> None:
    """A worktree at ``folder`` with the branch at the commit and nothing else in it, whatever was there before.

    The attempt is remembered with the branch: of two hosts on which a turn was tried, the later one has its branch.
    """
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    git("worktree", "prune")
    git("worktree", "add", "--force", "-B", branch, folder, commit)
    git("config", attempt_key(branch), str(attempt))


def attempt_key(branch: str) -> str:
    """The setting of a repository that tells which attempt a branch is of."""
    return "branch.%s.attempt" % branch


def fill_mirror(folder: str, commit: str, common: str) -> None:
    """Make an empty folder the mirror of a commit that the repository ``common`` has."""
    for name in ("refs/heads", "objects/info", "hooks"):
        os.makedirs("%s/%s" % (folder, name))
    replace("%s/config" % folder, _CONFIG)
    hook = "%s/hooks/pre-receive" % folder
    replace(hook, _HOOK)
    os.chmod(hook, 0o755)
    replace("%s/HEAD" % folder, "%s\n" % commit)
    borrow(folder, common)


def borrow(folder: str, common: str) -> None:
    """Objects are borrowed by name, so a repository that was moved is found again; of a shallow clone its ends are told too."""
    replace("%s/objects/info/alternates" % folder, "%s/objects\n" % common)
    with contextlib.suppress(FileNotFoundError), open("%s/shallow" % common) as shallow:
        replace("%s/shallow" % folder, shallow.read())


def replace(path: str, text: str) -> None:
    """Give a file this text, whole, unless it has it."""
    with contextlib.suppress(FileNotFoundError), open(path) as file:
        if file.read() == text:
            return
    descriptor, aside = tempfile.mkstemp(dir=os.path.dirname(path))
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    os.rename(aside, path)


def wish(wanted: "Iterable[str]", had: "Iterable[str]") -> bytes:
    """What :data:`PACK` reads: the commits that are wanted with their history, but for the history of those that are had."""
    return "".join(["%s\n" % one for one in wanted] + ["^%s\n" % one for one in had]).encode()
