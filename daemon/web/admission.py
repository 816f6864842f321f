"""Who is at the other end: the user of a unix socket's peer, or over TCP who has the token or a browser that is signed in."""

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
from chainwright.daemon.web.cookies import secret_in
from chainwright.daemon.web.origin import changes_something, require_own_page
from chainwright.daemon.web.problems import BadRequest
from chainwright.daemon.web.sign_ins import SignIn, SignIns

_CREDENTIALS: Final = struct.Struct("3i")
_ROOT: Final = 0

SIGNED_IN: Final = web.RequestKey("SIGNED_IN", SignIn)
"""Under this key a request carries its sign-in, where a cookie is what proves it."""


def peer_of(request: web.Request) -> Actor:
    """The user who connected to our unix socket. Refused unless it is the daemon's own, or root.

    The socket's mode already keeps others out; the kernel's word for the peer holds also where modes do not (some network
    file systems, a home that somebody opened).
    """
    uid = _peer_uid(request)
    if uid not in (os.geteuid(), _ROOT):
        raise Refusal(Code.DENIED, f"this daemon belongs to {_user(os.geteuid())}")
    return Actor(name=_user(uid), is_owner=True)


def owner() -> Actor:
    """The user who runs this process."""
    return Actor(name=_user(os.geteuid()), is_owner=True)


def holder_of(token: str) -> Callable[[web.Request], Actor]:
    """Lets in who sends ``token`` as a bearer token, compared in constant time; for TCP."""
    is_right = matcher_of(f"Bearer {token}")

    def actor_of(request: web.Request) -> Actor:
        if not is_right(request.headers.get("Authorization", "")):
            raise BadRequest(
                Misuse.UNAUTHORIZED,
                "a bearer token is needed",
                "send it as Authorization: Bearer …, or sign in: chainwright dashboard",
            )
        return Actor(name="token")

    return actor_of


def matcher_of(secret: str) -> Callable[[str], bool]:
    """Whether a text is the secret, compared in constant time."""
    expected = secret.encode()
    return lambda given: hmac.compare_digest(given.encode(errors="replace"), expected)


def holder_or_browser(token: str, sign_ins: SignIns) -> Callable[[web.Request], Actor]:
    """Lets in who sends ``token``, and browsers that are signed in, from pages of ours alone where something changes; for TCP.

    Who sends a bearer token is judged by that, whatever cookie comes with it.
    """
    of_holder = holder_of(token)

    def actor_of(request: web.Request) -> Actor:
        if "Authorization" in request.headers or (found := signed_in(request, sign_ins)) is None:
            return of_holder(request)
        if changes_something(request):
            require_own_page(request)
        request[SIGNED_IN] = found
        return found.actor

    return actor_of


def signed_in(request: web.Request, sign_ins: SignIns) -> SignIn | None:
    """What the browser's cookie stands for, if it has one that has not ended."""
    secret = secret_in(request)
    return sign_ins.of(secret) if secret is not None else None


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
