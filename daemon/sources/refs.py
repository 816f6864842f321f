"""The refs of a repository, and what lies between two commits: git's own commands, asked through ``repository.Repository``."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import git

GIT_TIMEOUT_S: Final = 60.0
SETTLED_AFTER_S: Final = 1.0
"""Folders changed more recently may change again at what their clock takes for the same time."""
MAX_MESSAGE: Final = 4_000
"""Characters of a commit's message."""

_FOLLOWED: Final = ("refs/heads", "refs/tags", "refs/pull", "refs/merge-requests")
_FORMAT: Final = "%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"

Stamp = tuple[tuple[str, int], ...]


def stamp(common_folder: Path) -> tuple[Stamp, bool]:
    """What changes whenever a ref does, had without starting git; and whether it can be relied on until it changes."""
    found = tuple(_stamps(common_folder))
    newest = max((changed for _, changed in found), default=0)
    return found, newest < (time.time() - SETTLED_AFTER_S) * 1e9


def _stamps(common_folder: Path) -> Iterator[tuple[str, int]]:
    packed = common_folder / "packed-refs"
    folders = [common_folder / "refs"]
    if packed.exists():
        yield str(packed), packed.stat().st_mtime_ns
    while folders:
        folder = folders.pop()
        try:
            changed = folder.stat().st_mtime_ns
            folders.extend(one for one in folder.iterdir() if one.is_dir())
        except FileNotFoundError:  # git removes a folder of refs with its last one
            continue
        yield str(folder), changed


def commits_of_refs(repo: git.Repo) -> dict[str, str]:
    """Branches, tags and heads of pull requests by their full names, with the commit that each leads to."""
    listing = str(repo.git.for_each_ref(*_FOLLOWED, format=_FORMAT, kill_after_timeout=GIT_TIMEOUT_S))
    found: dict[str, str] = {}
    for line in listing.splitlines():
        name, kind, commit, inner_kind, inner = line.split("\0")
        if kind == "commit" or inner_kind == "commit":
            found[name] = commit if kind == "commit" else inner
    return found


def differing_paths(repo: git.Repo, before: str, after: str) -> list[str]:
    """Files that are not the same in both commits; one that was renamed counts under both names."""
    listing = repo.git.diff_tree(
        "-r",
        "-z",
        "--name-only",
        "--no-renames",
        before,
        after,
        stdout_as_string=False,
        kill_after_timeout=GIT_TIMEOUT_S,
    )
    return [path.decode("utf-8", "replace") for path in bytes(listing).split(b"\0") if path]


def message_of(repo: git.Repo, commit: str) -> str:
    """What the author of a commit says about it."""
    told = repo.git.log("-1", "--format=%B", "--end-of-options", commit, kill_after_timeout=GIT_TIMEOUT_S)
    return str(told).strip()[:MAX_MESSAGE]
