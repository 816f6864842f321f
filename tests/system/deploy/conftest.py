"""A daemon that hosts a repository, and people who push to it with their own git."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

LIMIT_S = 60.0
WHO = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}
WHO |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in WHO.items()}
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", **WHO}

Files = dict[str, str | bytes | None]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


class Clone:
    """Somebody's clone of a repository."""

    def __init__(self, path: Path, address: str, **environment: str) -> None:
        self.path = path
        self.environment = ENVIRONMENT | environment
        done = self._run("clone", "--quiet", address, str(path), at=path.parent)
        assert done.code == 0, done.err

    def git(self, *arguments: str) -> str:
        """What git says."""
        done = self._run(*arguments)
        assert done.code == 0, done.err
        return done.out.strip()

    def commit(self, files: Files) -> str:
        """The commit that holds these files beside those before; None takes one away."""
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")
        return self.git("rev-parse", "HEAD")

    def push(self, *arguments: str) -> Done:
        """``git push origin …``; the lines of the other side without the mark that git puts before them."""
        done = self._run("push", "origin", *arguments)
        lines = [line.removeprefix("remote: ").rstrip() for line in done.err.splitlines()]
        return Done(done.code, done.out, "\n".join(lines))

    def start_push(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """A push that goes on by itself."""
        return subprocess.Popen(["git", "push", "origin", *arguments], cwd=self.path, env=self.environment)

    def _run(self, *arguments: str, at: Path | None = None) -> Done:
        ran = subprocess.run(
            ["git", "-c", "init.defaultBranch=main", *arguments],
            cwd=at or self.path,
            env=self.environment,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
        return Done(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


@pytest.fixture(scope="module")
def hosting(daemon_at: Any) -> Iterator[Any]:
    """The daemon of this module, up with a hosted repository."""
    folder = Path(tempfile.mkdtemp(prefix="cw-sys-"))
    yield from _living(daemon_at(folder, "--hosted"))
    shutil.rmtree(folder)


@pytest.fixture
def configured(daemon_at: Any, root: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A daemon for one test, with the module's ``CONFIG`` as its chainwright.yaml, {root} filled in."""
    made = daemon_at(root, "--hosted")
    made.options = ()
    made.home.root.mkdir()
    (made.home.root / "chainwright.yaml").write_text(request.module.CONFIG.replace("{root}", str(root)))
    yield from _living(made)


@pytest.fixture
def own_hosting(daemon_at: Any, root: Path) -> Iterator[Any]:
    """A daemon with a hosted repository for one test."""
    yield from _living(daemon_at(root, "--hosted"))


def _living(daemon: Any) -> Iterator[Any]:
    daemon.start()
    yield daemon
    daemon.close()


@pytest.fixture
def clone(tmp_path: Path) -> Callable[..., Clone]:
    """Clones a repository, each time into a folder of its own."""
    made: list[Clone] = []

    def make(address: str, **environment: str) -> Clone:
        made.append(Clone(tmp_path / f"clone-{len(made)}", address, **environment))
        return made[-1]

    return make


@pytest.fixture
def pusher(hosting: Any, clone: Callable[..., Clone]) -> Clone:
    """Somebody with a clone of the module's hosted repository, as far as everybody is now."""
    return clone(hosting.client.items("/repositories")[0]["path"])
