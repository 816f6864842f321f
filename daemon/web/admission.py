"""Who is at the other end: the user of a unix socket's peer, or the holder of the token over TCP."""

import hmac
import os
import pwd
import socket
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.codes import Misuse
from chainwright.daemon.web.problems import BadRequest

_CREDENTIALS: Final = struct.Struct("3i")
_ROOT: Final = 0


def peer_of(request: web.Request) -> Actor:
    """The user who connected to our unix socket. Refused unless it is the daemon's own, or root.

    The socket's mode already keeps others out; the kernel's word for the peer holds also where modes do not (some network
    file systems, a home that somebody opened).
    """
    uid = _peer_uid(request)
    if uid not in (os.geteuid(), _ROOT):
        raise Refusal(Code.DENIED, f"this daemon belongs to {_user(os.geteuid())}")
    return Actor(name=_user(uid), is_owner=True)


def holder_of(token: str) -> Callable[[web.Request], Actor]:
    """Lets in who sends ``token`` as a bearer token, compared in constant time; for TCP."""
    expected = f"Bearer {token}".encode()

    def actor_of(request: web.Request) -> Actor:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            raise BadRequest(Misuse.UNAUTHORIZED, "a bearer token is needed", "send it as Authorization: Bearer …")
        return Actor(name="token")

    return actor_of


def _peer_uid(request: web.Request) -> int:
    connection: socket.socket | None = request.get_extra_info("socket")
    if connection is None or connection.family != socket.AF_UNIX:
        raise Refusal(Code.DENIED, "only a unix socket tells who is asking")
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    uid: int = _CREDENTIALS.unpack(packed)[1]
    return uid


@lru_cache(maxsize=64)
def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
