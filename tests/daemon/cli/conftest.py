"""Running the command line: in process, as a process, and at a real terminal."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.cli.main import main
from chainwright.daemon.config import Home

LIMIT_S = 20.0
SOURCE = Path(__file__).resolve().parents[3] / "src"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(home: Home, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """``chainwright …`` in this process, at the test's home."""
    monkeypatch.setenv("CHAINWRIGHT_HOME", str(home.root))
    monkeypatch.delenv("CHAINWRIGHT_EVENTS", raising=False)

    def carry_out(*argv: str) -> Done:
        capfd.readouterr()
        code = main(argv)
        told = capfd.readouterr()
        return Done(code, told.out, told.err)

    return carry_out


@pytest.fixture
def environ(home: Home) -> dict[str, str]:
    """The environment of a command that runs as a process of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(SOURCE), "CHAINWRIGHT_HOME": str(home.root), "TERM": "xterm-256color"}


@pytest.fixture
def spawn(environ: dict[str, str]) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """``chainwright …`` as a process."""

    def carry_out(*argv: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "chainwright", *argv],
            env={**environ, **more},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    return carry_out


@pytest.fixture
def at_terminal(environ: dict[str, str], terminals: Callable[..., Any]) -> Callable[..., Any]:
    """``chainwright …`` at a terminal of 30 rows and 100 columns."""
    return lambda *argv, **more: terminals(argv, {**environ, **more})


@pytest.fixture
def scripted(daemon: Any) -> Any:
    """The use cases of the daemon that the command line talks to."""
    return daemon.use_cases
