"""What holds for every test: where CI runs, a skip is a failure, unless it says that the machine or its data cannot have it.

And what tests of several folders need: commands at terminals, and a broom.
"""

import fcntl
import importlib.util
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from chainwright.runners import session_folder

# In colours and with every local variable, a logged error of a run takes seconds to write.
structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")  # the machine may be busy, and a failure must come again

STRICT = bool(os.environ.get("CHAINWRIGHT_CI_STRICT"))
ALLOWED = ("CAPABILITY", "CONFORMANCE")
"""Of which a skip's reason names one: the machine cannot do it, or the public suites are not beside the checkout."""


LONGEST_FIRST = ("system/dashboard", "faults", "system", "runners", "bench", "packaging", "examples")
"""Folders whose files take minutes: begun last, one of them would keep all processes but its own idle at the end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put what takes long in front; the rest keeps its order."""
    tests = config.rootpath / "tests"

    def place(item: pytest.Item) -> int:
        below = [item.path.is_relative_to(tests / folder) for folder in LONGEST_FIRST]
        return below.index(True) if True in below else len(below)

    items.sort(key=place)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The report of a test; of a component that is missing where it must not be, a failure."""
    report = yield
    if STRICT and report.skipped and not any(word in str(report.longrepr) for word in ALLOWED):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be missing: {report.longrepr}"
    return report


_WITH_TERMINAL = """
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))  # a session leader's first terminal becomes its controlling one
os.execv(sys.executable, [sys.executable, "-m", "chainwright", *sys.argv[1:]])
"""


class AtTerminal:
    """``chainwright …`` at a real terminal of 30 rows and 100 columns; the test holds the other end."""

    LIMIT_S = 30.0

    def __init__(self, argv: tuple[str, ...], environ: Mapping[str, str]) -> None:
        self.master, self._slave = pty.openpty()
        self.resize(30, 100)
        self._before = termios.tcgetattr(self._slave)
        self.seen = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WITH_TERMINAL, *argv],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=environ,
            start_new_session=True,
        )

    def resize(self, rows: int, cols: int) -> None:
        """As a window does; its programs get SIGWINCH."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("4H", rows, cols, 0, 0))

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def is_raw(self) -> bool:
        """Whether every key reaches the command at once."""
        return not termios.tcgetattr(self._slave)[3] & termios.ICANON

    def is_as_before(self) -> bool:
        """Whether the command has left the terminal as it was."""
        return termios.tcgetattr(self._slave) == self._before

    def until(self, text: bytes) -> bytes:
        """Everything shown so far, once it holds ``text``."""
        due = time.monotonic() + self.LIMIT_S
        while text not in self.seen:
            assert time.monotonic() < due, self.seen
            self._read(0.1)
        return self.seen

    def type_until(self, data: bytes, text: bytes) -> None:
        """Type it again and again until ``text`` is shown: what is typed right after a change of the window may overtake it."""
        due = time.monotonic() + self.LIMIT_S
        while text not in self.seen:
            assert time.monotonic() < due, self.seen
            self.type(data)
            self._read(0.5)

    def end(self) -> int:
        """The exit code, and in ``seen`` everything that was shown."""
        due = time.monotonic() + self.LIMIT_S
        while self.process.poll() is None:
            assert time.monotonic() < due, self.seen
            self._read(0.05)
        while self._read(0):
            pass
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self._slave)

    def _read(self, wait_s: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], wait_s)
        if ready:
            self.seen += os.read(self.master, 65536)
        return bool(ready)


@pytest.fixture
def terminals() -> Iterator[Callable[..., AtTerminal]]:
    """Starts ``chainwright …`` at a terminal of its own: its arguments, its environment."""
    opened: list[AtTerminal] = []

    def start(argv: tuple[str, ...], environ: Mapping[str, str]) -> AtTerminal:
        opened.append(AtTerminal(argv, environ))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture
def sweep() -> Callable[[Path], None]:
    """Kills whatever is left of the sessions below a folder, by their records."""
    return _sweep


def _sweep(root: Path) -> None:
    for folder in map(str, root.iterdir() if root.exists() else ()):
        record = session_folder.look(folder)["child"] if Path(folder).is_dir() else None
        if record and session_folder.lock_is_held(folder):
            with suppress(ProcessLookupError):
                os.kill(record["host_pid"], signal.SIGKILL)
        for pid in session_folder.group_members(record) if record else ():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _sshd() -> Any:
    """The module ``sshd.py`` beside this one, which cannot be imported by name."""
    spec = importlib.util.spec_from_file_location("chainwright_test_sshd", Path(__file__).with_name("sshd.py"))
    assert spec is not None and spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


class Sshds:
    """Real sshds (``tests/sshd.py``), each in a folder with a short path, for the sockets of sessions below it."""

    def __init__(self) -> None:
        self.module = _sshd()
        if self.module.BINARY is None:
            pytest.skip("no sshd on this machine: install openssh-server")
        self.folder = Path(tempfile.mkdtemp(prefix="cw", dir="/tmp"))
        self.made: list[Any] = []

    def make(self, *options: str) -> Any:
        """A started one, with lines of its configuration."""
        self.made.append(self.module.Sshd(self.folder / str(len(self.made)), *options))
        self.made[-1].start()
        return self.made[-1]

    def close(self) -> None:
        """Stop them, and kill what is left of sessions."""
        for sshd in self.made:
            sshd.stop()
        for sessions in self.folder.glob("*/r/*/s"):
            _sweep(sessions)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def make_sshd() -> Iterator[Callable[..., Any]]:
    """Starts real sshds with lines of their configuration."""
    sshds = Sshds()
    yield sshds.make
    sshds.close()


@pytest.fixture(scope="session")
def shared_sshd() -> Iterator[Any]:
    """A real sshd with an everyday configuration, for tests that leave it as it is. It lasts for all of them."""
    sshds = Sshds()
    yield sshds.make()
    sshds.close()
