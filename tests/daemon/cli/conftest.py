"""Running the command line: in process, as a process, and at a real terminal."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
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


_WITH_TERMINAL = """
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))  # a session leader's first terminal becomes its controlling one
os.execv(sys.executable, [sys.executable, "-m", "chainwright", *sys.argv[1:]])
"""


class AtTerminal:
    """A command at a real terminal: the test holds the other end."""

    def __init__(self, argv: tuple[str, ...], environ: dict[str, str]) -> None:
        self.master, self.slave = pty.openpty()
        self.resize(30, 100)
        self.before = termios.tcgetattr(self.slave)
        self.seen = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WITH_TERMINAL, *argv],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env=environ,
            start_new_session=True,
        )

    def resize(self, rows: int, cols: int) -> None:
        """As a window does; its programs get SIGWINCH."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("4H", rows, cols, 0, 0))

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def until(self, text: bytes) -> bytes:
        """Everything shown so far, once it holds ``text``."""
        due = time.monotonic() + LIMIT_S
        while text not in self.seen:
            assert time.monotonic() < due, self.seen
            self._read(0.1)
        return self.seen

    def end(self) -> int:
        """The exit code, and in ``seen`` everything that was shown."""
        due = time.monotonic() + LIMIT_S
        while self.process.poll() is None:
            assert time.monotonic() < due, self.seen
            self._read(0.05)
        while self._read(0):
            pass
        return self.process.returncode

    def is_raw(self) -> bool:
        return not termios.tcgetattr(self.slave)[3] & termios.ICANON

    def is_as_before(self) -> bool:
        return termios.tcgetattr(self.slave) == self.before

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def _read(self, wait_s: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], wait_s)
        if ready:
            self.seen += os.read(self.master, 65536)
        return bool(ready)


@pytest.fixture
def at_terminal(environ: dict[str, str]) -> Iterator[Callable[..., AtTerminal]]:
    """``chainwright …`` at a terminal of 30 rows and 100 columns."""
    opened: list[AtTerminal] = []

    def start(*argv: str, **more: str) -> AtTerminal:
        opened.append(AtTerminal(argv, {**environ, **more}))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture
def scripted(daemon: Any) -> Any:
    """The use cases of the daemon that the command line talks to."""
    return daemon.use_cases
