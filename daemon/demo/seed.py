"""A git repository with the shipped chains, made where none is needed before."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import chainwright

CHAINS: Final = Path(chainwright.__file__).parent / "workflows"
ENOUGH_COMMITS: Final = 5
GIT_LIMIT_S: Final = 30.0

_HISTORY: Final = (
    ("Ada", "README.md", "Say what this repository is for"),
    ("Grace", "README.md", "Add how to start a chain"),
    ("Ada", "agents/notify.sh", "Tell people when a run has failed"),
    ("Edsger", "agents/notify.sh", "Quote the message, it may hold anything"),
    ("Grace", "docs/loops.md", "Explain why every loop has a bound"),
    ("Ada", "docs/loops.md", "Add the example with an editor"),
    ("Barbara", "agents/collect.py", "Collect the week's changes"),
    ("Barbara", "agents/collect.py", "Leave merge commits out"),
    ("Grace", "README.md", "Link the documents"),
)
"""Who changed what, for a place that has no history of its own."""


def seed(folder: Path) -> Path:
    """The path of a repository whose newest commit holds the shipped chains; made, or brought up to date.

    Raises OSError, and CalledProcessError when git refuses.
    """
    if not (folder / ".git").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _git(folder, "init", "--quiet", "--initial-branch=main")
        for day, (who, file, subject) in enumerate(_HISTORY, start=1):
            _change(folder, file, subject)
            _commit(folder, who, subject, f"2026-01-{day:02}T{8 + day:02}:00:00+00:00")
    shutil.copytree(
        CHAINS, folder / "workflows", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "__init__.py")
    )
    if _git(folder, "status", "--porcelain"):
        _commit(folder, "Chainwright", "Add the chains that ship with Chainwright", None)
    return folder


def history_worth_reading(start: Path) -> Path | None:
    """The git repository around ``start``, if there is one with some commits."""
    try:
        top = Path(_git(start, "rev-parse", "--show-toplevel").strip())
        commits = int(_git(start, "rev-list", "--count", "--max-count=50", "HEAD"))
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None
    return top if commits >= ENOUGH_COMMITS else None


def _change(folder: Path, file: str, line: str) -> None:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as out:
        out.write(f"{line}\n")


def _commit(folder: Path, who: str, subject: str, when: str | None) -> None:
    dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when} if when else {}
    person = {
        "GIT_AUTHOR_NAME": who,
        "GIT_AUTHOR_EMAIL": f"{who.lower()}@example.org",
        "GIT_COMMITTER_NAME": who,
        "GIT_COMMITTER_EMAIL": f"{who.lower()}@example.org",
    }
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--no-gpg-sign", "--message", subject, env={**person, **dates})


def _git(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env={**os.environ, "GIT_TERMINAL_PROMPT": "0", **(env or {})},
        check=True,
        capture_output=True,
        text=True,
        timeout=GIT_LIMIT_S,
    )
    return done.stdout
