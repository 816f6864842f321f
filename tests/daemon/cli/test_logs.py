"""``logs``: bytes, choices, and following across a restart."""

import asyncio
import subprocess
import sys
import threading
from typing import Any

import pytest

from chainwright.daemon.cli import patience
from chainwright.daemon.cli.client import Client
from chainwright.daemon.cli.failures import Unreachable
from chainwright.daemon.cli.logs import output


def test_a_log_is_printed_as_it_is(run: Any, scripted: Any) -> None:
    done = run("logs", "run-a", "greet", "--turn", "2", "--attempt", "3", "--raw")

    assert done.out == "hello\r\nbye\r\n"
    assert scripted.asked == [
        ("log", "run-a", "greet", {"turn": 2, "attempt": 3, "leg": None, "raw": True, "follow": False})
    ]


def test_bytes_that_are_no_text_pass(scripted: Any, environ: dict[str, str]) -> None:
    scripted.output = [b"\xff\xfe\n"]

    command = [sys.executable, "-m", "chainwright", "logs", "--raw"]
    assert subprocess.run(command, env=environ, capture_output=True, check=True).stdout == b"\xff\xfe\n"


def test_a_followed_log_ends_with_the_attempt(at_terminal: Any, scripted: Any, daemon: Any) -> None:
    scripted.held = asyncio.Event()
    command = at_terminal("logs", "run-a", "-f")
    command.until(b"bye")

    daemon.loop.call_soon_threadsafe(scripted.held.set)

    assert command.end() == 0


def test_each_byte_comes_once_across_a_restart_of_the_daemon(home: Any, daemon: Any, by_and_by: Any) -> None:
    daemon.use_cases.held = asyncio.Event()
    second = type(daemon)(home)
    second.use_cases.output = [b"hello\r\nb", b"ye\r\nand more"]
    found = output(Client(home.socket), "run-a", follow=True)
    first = next(found) + next(found)

    daemon.stop()
    threading.Timer(0, second.start).start()
    rest = b"".join(found)
    second.stop()

    assert (first, rest) == (b"hello\r\nbye\r\n", b"and more")


def test_a_daemon_that_stays_away_ends_it(home: Any, daemon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LIMIT_S", 0.02)
    daemon.use_cases.held = asyncio.Event()
    found = output(Client(home.socket), "run-a", follow=True)
    next(found)

    daemon.stop()

    with pytest.raises(Unreachable):
        list(found)
