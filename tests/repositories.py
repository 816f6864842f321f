"""Real git repositories as their authors have them, for tests of several folders."""

import os
import subprocess
from pathlib import Path

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


class WorkingRepository:
    """A repository as its author has it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.git("init", "--quiet", "--initial-branch=main", str(path), at=path.parent)

    def git(self, *arguments: str, at: Path | None = None, input: str = "") -> str:  # noqa: A002 - subprocess's word
        """Runs git; gives what it prints."""
        ran = subprocess.run(
            ["git", *arguments],
            cwd=at or self.path,
            env=_ENVIRONMENT,
            input=input.encode(),
            check=True,
            capture_output=True,
            timeout=30,
        )
        return ran.stdout.decode().strip()

    def write(self, path: str, content: str | bytes, mode: int = 0o644) -> None:
        """Puts a file into the work tree."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        file.chmod(mode)

    def link(self, path: str, target: str) -> None:
        """Puts a symbolic link into the work tree."""
        (self.path / path).symlink_to(target)

    def commit(self, **files: str) -> str:
        """Commits the work tree, and these files in the folder ``workflows``; gives the commit."""
        for name, content in files.items():
            self.write(f"workflows/{name}.yaml", content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change")
        return self.git("rev-parse", "HEAD")
