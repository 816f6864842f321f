"""A local runner, and a client that says to a session host whatever a test wants it to say."""

import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners.local import LocalRunner
from chainwright.schemas.session import SessionLimits, SessionSpec


def a_spec(script: str | None = "exit 0", **changes: Any) -> SessionSpec:
    limits = SessionLimits(**{"linger_s": 30.0, "grace_s": 2.0, **changes.pop("limits", {})})
    given: dict[str, Any] = {
        "id": "a1",
        "token": "token",
        "epoch": 1,
        "interpreters": (("bash", "-e"),),
        "script": script,
        "env": {"PATH": os.environ["PATH"]},
        "path_env": {"CHAINWRIGHT_EVENTS": "events", "OUT": "files/out"},
        "limits": limits,
    }
    return SessionSpec(**{**given, **changes})


@pytest.fixture(name="a_spec")
def _a_spec() -> Callable[..., SessionSpec]:
    """Makes a specification: a script, and whatever differs."""
    return a_spec


@pytest.fixture
def make_runner(tmp_path: Path, sweep: Callable[[Path], None]) -> Iterator[Callable[..., LocalRunner]]:
    """Makes local runners on one root; what they leave is killed."""
    yield lambda root=tmp_path / "s": LocalRunner(root, bin_folder=tmp_path / "bin", command=("echo", "the real one:"))
    sweep(tmp_path / "s")


@pytest.fixture
async def local(make_runner: Callable[..., LocalRunner]) -> AsyncIterator[LocalRunner]:
    """An open local runner."""
    runner = make_runner()
    await runner.open()
    yield runner
    await runner.close()


@dataclass
class RawClient:
    """Frames by hand, blocking, with a limit."""

    connection: socket.socket
    data: bytearray = field(default_factory=bytearray)

    def send(self, kind: int, body: bytes = b"") -> None:
        self.connection.sendall(struct.pack(">BI", kind, len(body)) + body)

    def open(self, **changes: Any) -> tuple[int, bytes]:
        wish = {"proto": 1, "token": "token", "epoch": 1, "role": "owner", **changes}
        self.send(0, json.dumps(wish).encode())
        return self.next()

    def next(self) -> tuple[int, bytes]:
        """The next frame; (-1, b"") at the end."""
        while len(self.data) < 5 or len(self.data) < 5 + struct.unpack_from(">I", self.data, 1)[0]:
            try:
                piece = self.connection.recv(1 << 16)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return -1, b""
            self.data += piece
        kind, length = struct.unpack_from(">BI", self.data)
        body = bytes(self.data[5 : 5 + length])
        del self.data[: 5 + length]
        return kind, body


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Callable[..., RawClient]]:
    """Connects to the session host of a session."""
    opened: list[socket.socket] = []

    def connected(session_id: str = "a1") -> RawClient:
        connection = socket.socket(socket.AF_UNIX)
        opened.append(connection)
        connection.settimeout(10)
        fd = os.open(tmp_path / "s" / session_id, os.O_RDONLY)
        try:
            connection.connect(f"/proc/self/fd/{fd}/ctl.sock")
        finally:
            os.close(fd)
        return RawClient(connection)

    yield connected
    for connection in opened:
        with closing(connection):
            pass
