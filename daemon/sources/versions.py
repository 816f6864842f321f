"""The commits that changed a file: which versions of a chain there are."""

from dataclasses import dataclass
from typing import Final

import git

GIT_TIMEOUT_S: Final = 20.0
_FORMAT: Final = "%H%x00%ct%x00%an%x00%s%x1e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A commit that changed a file; ``message`` is its first line."""

    commit: str
    at: float
    author: str
    message: str


def versions_of(repo: git.Repo, commit: str, path: str, limit: int) -> list[Version]:
    """Those up to a commit, newest first; renamed files are followed."""
    told = repo.git.log(
        f"--max-count={limit}",
        f"--format={_FORMAT}",
        "--follow",
        "--end-of-options",
        commit,
        "--",
        path,
        kill_after_timeout=GIT_TIMEOUT_S,
    )
    return [_version(*record.strip("\n").split("\0")) for record in str(told).split("\x1e") if record.strip()]


def _version(commit: str, at: str, author: str, message: str) -> Version:
    return Version(commit=commit, at=float(at), author=author, message=message)
