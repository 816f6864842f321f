"""Listening: an application on a unix socket, or on a TCP port.

An application is served in one place. Unix and TCP differ in who may ask, so each gets an application of its own from ``make_app``.
"""

import errno
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

from aiohttp import web

from chainwright.daemon.web.address import usable

PROBE_S: Final = 1.0
SHUTDOWN_S: Final = 0.5
"""How long open requests may go on at the end. Streams and terminals never end by themselves; their readers come back."""


class AddressTaken(Exception):
    """Somebody answers at this address already."""


class Server:
    """An application that is being served. Owns its socket."""

    def __init__(self, runner: web.AppRunner, path: Path | None, port: int | None) -> None:
        self._runner = runner
        self._path = path
        self.port = port
        """Of TCP, useful when 0 was asked for; None on a unix socket."""

    async def close(self) -> None:
        """Stop listening, end what is open, remove the socket. May be repeated."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        await self._runner.cleanup()


async def serve_unix(app: web.Application, path: Path) -> Server:
    """Serve at ``path``, mode 0600, whatever its length. A socket that nobody answers is replaced.

    Raises :class:`AddressTaken`, OSError.
    """
    listener = _listener(path)
    return Server(await _serve(app, listener), path, None)


async def serve_tcp(app: web.Application, listener: socket.socket) -> Server:
    """Serve at a TCP address that is listened at already; ``app`` must ask for a token (``admission.holder_of``)."""
    return Server(await _serve(app, listener), None, listener.getsockname()[1])


async def _serve(app: web.Application, listener: socket.socket) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=SHUTDOWN_S)
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
