"""The TCP address beside the unix socket: who must ask with a token, and what happens when the port is another's."""

import os
import secrets
import socket
from pathlib import Path
from typing import Final

import structlog

from chainwright.daemon.config import Config
from chainwright.daemon.web.server import AddressTaken, tcp_listener

log = structlog.get_logger()


def listen(config: Config) -> socket.socket | None:
    """Listen at the address of the configuration, before anybody is served: runs name it. None where it says that there is none.

    A port that somebody asked for has to be had: raises AddressTaken. Of the one that nobody named, another daemon of this machine may
    have been first: that is logged, and everything but what comes from outside goes on.
    """
    host, port = config.settings.listen.host, config.settings.listen.port
    if port is None:
        return None
    try:
        return tcp_listener(host, port)
    except OSError as error:
        if config.origin("listen.port") != "default" or config.origin("listen.host") != "default":
            raise AddressTaken(f"cannot listen at {host}:{port}: {error.strerror}") from None
        log.warning(
            f"{host}:{port} cannot be listened at, so no webhook comes in by TCP; set listen.port",
            action="daemon.no-tcp",
            error=str(error),
        )
        return None


def address_of(listener: socket.socket | None, host: str) -> str | None:
    """``http://127.0.0.1:8420``, for people and programs of this machine."""
    if listener is None:
        return None
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def public_address(config: Config, address: str | None) -> str:
    """Where people reach the daemon: as its configuration says, else its TCP address, else the socket that only this user opens."""
    return (config.settings.listen.public_url or address or f"unix://{config.home.socket}").rstrip("/")


def for_browsers(config: Config, address: str | None) -> str | None:
    """What a browser of this machine, or behind the proxy that the configuration names, is told to open; None where there is no TCP."""
    if address is None or config.settings.listen.public_url:
        return address and public_address(config, address)
    for everywhere, here in _ANY.items():
        address = address.replace(f"//{everywhere}:", f"//{here}:")
    return address


_ANY: Final = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}
"""Addresses that mean all of a machine's, and one of them that a browser can open."""


def token_of(path: Path) -> str:
    """The token of this home, made once, readable by its owner alone."""
    if not path.exists():
        aside = path.with_suffix(".new")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    return path.read_text().strip()
