"""Listening: an application on a unix socket, or on a TCP port.

An application is served in one place. Unix and TCP differ in who may ask, so each gets an application of its own from ``make_app``.
"""

import asyncio
import errno
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from chainwright.daemon.web.address import usable

PROBE_S: Final = 1.0
MOST_CONNECTIONS: Final = 512
"""Over TCP at once: anybody may open one, and each takes a descriptor that a session might need."""
HEAD_S: Final = 15.0
"""How long a connection over TCP may be without a whole request's head: one that trickles in ends."""
SHUTDOWN_S: Final = 0.5
"""How long open requests may go on at the end. Streams and terminals never end by themselves; their readers come back."""


class AddressTaken(Exception):
    """Somebody answers at this address already."""


class Server:
    """An application that is being served. Owns its socket."""

    def __init__(
        self, runner: web.AppRunner, path: Path | None, port: int | None, listening: asyncio.Server | None = None
    ) -> None:
        self._runner = runner
        self._listening = listening
        self._path = path
        self.port = port
        """Of TCP, useful when 0 was asked for; None on a unix socket."""

    async def close(self) -> None:
        """Stop listening, end what is open, remove the socket. May be repeated."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        if self._listening is not None:
            self._listening.close()
        await self._runner.cleanup()


async def serve_unix(app: web.Application, path: Path) -> Server:
    """Serve at ``path``, mode 0600, whatever its length. A socket that nobody answers is replaced.

    Raises :class:`AddressTaken`, OSError.
    """
    listener = _listener(path)
    return Server(await _serve(app, listener), path, None)


def tcp_listener(host: str, port: int) -> socket.socket:
    """A socket at which connections wait until they are served. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=MOST_CONNECTIONS)


async def serve_tcp(
    app: web.Application,
    listener: socket.socket,
    *,
    head_s: float = HEAD_S,
    most_connections: int = MOST_CONNECTIONS,
) -> Server:
    """Serve at a TCP address that is listened at already; ``app`` must ask for a token (``admission.holder_of``).

    Beyond ``most_connections`` a new one is closed at once, and one that shows no whole head of a request within ``head_s`` too.
    """
    runner = _runner(app, keepalive_timeout=head_s)
    try:
        await runner.setup()
        listening = await asyncio.get_running_loop().create_server(_Door(runner, most_connections), sock=listener)
    except BaseException:
        listener.close()
        await runner.cleanup()
        raise
    return Server(runner, None, listener.getsockname()[1], listening)


class _Door:
    """Makes the protocol of each new connection: the application's, while there are not too many."""

    def __init__(self, runner: web.AppRunner, most: int) -> None:
        assert runner.server is not None
        self._server = runner.server
        self._most = most

    def __call__(self) -> asyncio.BaseProtocol:
        return self._server() if len(self._server.connections) < self._most else _TurnedAway()


class _TurnedAway(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Too many are here already."""
        transport.close()


def _runner(app: web.Application, **more: Any) -> web.AppRunner:
    """Bodies are taken as they come: whoever may ask without a name could otherwise have us unpack a bomb."""
    usual: dict[str, Any] = {
        "access_log": None,
        "handle_signals": False,
        "shutdown_timeout": SHUTDOWN_S,
        "auto_decompress": False,
    }
    return web.AppRunner(app, **usual, **more)


async def _serve(app: web.Application, listener: socket.socket) -> web.AppRunner:
    runner = _runner(app)
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
    except BaseException:
        listener.close()
        await runner.cleanup()
        raise
    return runner


def _listener(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with usable(path) as name:
            _bind(listener, name, path)
    except BaseException:
        listener.close()
        raise
    # Nobody can connect before listen(), so the mode is right before the first peer. umask would do it too, for all threads.
    path.chmod(0o600)
    return listener


def _bind(listener: socket.socket, name: str, path: Path) -> None:
    with suppress(OSError):
        listener.bind(name)
        return
    if _answers(name):
        raise AddressTaken(f"{path}: a daemon answers there already")
    path.unlink(missing_ok=True)
    listener.bind(name)


def _answers(name: str) -> bool:
    """Refused and absent mean that nobody listens; anything else, a full backlog too, is somebody."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_S)
        return probe.connect_ex(name) not in (errno.ECONNREFUSED, errno.ENOENT)
