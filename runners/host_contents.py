"""What a run needs on a host, as operations of the porter: where it works, what it is given, and what it leaves.

Standard library of Python 3.6 only: it is uploaded to hosts. ``home`` is the folder of one daemon there (``porter.about``). An operation
that needs something that was not sent yet says so (``missing``) instead of failing: then it is sent, and asked for again.
"""

import os
import shlex
import sys

from chainwright.runners import (
    host_artifacts,
    host_files,
    host_garbage,
    host_git,
    host_repository,
    host_trees,
    host_workspaces,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional

    Json = Dict[str, Any]

_COMMAND = """\
#!/bin/sh
# The command of agents on this host: emit goes the short way, everything else belongs to the daemon's machine.
[ "$1" = emit ] && exec {session_host} "$@"
echo "chainwright ${{1:-}}: on this host there is only \\`chainwright emit\\`; the other verbs are for the daemon's machine" >&2
exit 2
"""


def workspace(home: str, run: str, attempt: "Optional[str]", commit: str, history: bool) -> "Json":
    """Where a run, or one attempt of it, works: ``folder``, ``repository`` and ``given_root``, and what is ``missing`` for it.

    ``history``: whether the mirror is wanted. Where there is no git it is never missing, and its path leads nowhere.
    """
    missing = [] if host_workspaces.make_workspace(home, run, attempt, commit) else ["tree"]
    folder = host_workspaces.workspace_folder(home, run, attempt)
    return _place(home, run, folder, commit=commit, history=history, missing=missing)


def worktree(home: str, run: str, *, turn: str, branch: str, attempt: int, commit: str, anew: bool) -> "Json":
    """The same of a turn that works in a git worktree."""
    if anew:
        host_repository.put_worktree(home, run, turn=turn, branch=branch, attempt=attempt, commit=commit)
    folder = host_repository.worktree_folder(home, run, turn)
    return _place(home, run, folder, commit=commit, history=anew, missing=[])


def _place(home: str, run: str, folder: str, *, commit: str, history: bool, missing: "List[str]") -> "Json":
    if history and host_repository.has_git() and not host_repository.has_commit(home, commit):
        missing.append("commit")
    return {
        "folder": folder,
        "repository": host_repository.make_mirror(home, commit),
        "given_root": host_artifacts.given_root(home, run),
        "missing": missing,
        "tips": host_repository.tips(home) if "commit" in missing else [],
    }


def link_events(home: str, run: str, attempt: str) -> None:
    """Make the attempt's event files visible below the run's folder."""
    host_files.link_events(home, host_trees.folder_name(run), host_trees.folder_name(attempt))


def tools(home: str) -> str:
    """The folder with the ``chainwright`` command for agents, which leads to these files here."""
    folder = "%s/bin" % home
    os.makedirs(host_files.raw(folder), mode=0o700, exist_ok=True)
    path = "%s/chainwright" % folder
    command = [sys.executable, "-I", "-S", own_folder()]
    host_git.replace(path, _COMMAND.format(session_host=" ".join(map(shlex.quote, command))))
    os.chmod(host_files.raw(path), 0o755)
    return folder


def own_folder() -> str:
    """That of the whole package."""
    folder = os.path.abspath(__file__)
    for _ in range(3):
        folder = os.path.dirname(folder)
    return folder


OPERATIONS: "Dict[str, Callable[..., Any]]" = {
    "has_tree": host_trees.has_tree,
    "workspace": workspace,
    "worktree": worktree,
    "release": host_workspaces.release,
    "branches": host_repository.branches,
    "place": host_artifacts.place,
    "put_small_content": host_artifacts.put_small_content,
    "measure": host_artifacts.measure,
    "link_events": link_events,
    "clear": host_garbage.clear,
    "tools": tools,
}
TAKEN: "Dict[str, Callable[..., Any]]" = {
    "put_tree": host_trees.put_tree,
    "put_commit": host_repository.put_commit,
    "put_content": host_artifacts.put_content,
}
GIVEN: "Dict[str, Callable[..., Iterator[bytes]]]" = {
    "file": host_artifacts.give_file,
    "commits": host_repository.give_commits,
}
