"""The cookie of a browser that is signed in.

Over https it is ``__Host-chainwright``: Secure, of this host alone, for the whole site. Over plain http, which is how a daemon is
reached on its own machine, that name cannot be had: not every browser takes a Secure cookie from http://127.0.0.1. There the name
carries the port, because browsers send the cookies of one port of a host to all others, and two daemons must not sign each other out.
"""

from typing import Final

from aiohttp import web

from chainwright.daemon.web.origin import PUBLIC_ORIGIN
from chainwright.daemon.web.sign_ins import SIGN_IN_S

SECURE_NAME: Final = "__Host-chainwright"
_HTTP_PORT: Final = 80


def secret_in(request: web.Request) -> str | None:
    """What the browser sends; None when it sends none."""
    return request.cookies.get(_name(request))


def set_on(response: web.StreamResponse, request: web.Request, secret: str) -> None:
    """Sign the browser in."""
    response.set_cookie(
        _name(request),
        secret,
        max_age=int(SIGN_IN_S),
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="Lax",
    )


def remove_from(response: web.StreamResponse, request: web.Request) -> None:
    """Sign the browser out."""
    response.del_cookie(_name(request), path="/", secure=_is_secure(request), httponly=True, samesite="Lax")


def _is_secure(request: web.Request) -> bool:
    """Whether the browser speaks https: to us, or to the proxy whose address we were told."""
    public = request.app.get(PUBLIC_ORIGIN, "")
    return request.secure or (public.startswith("https://") and public.partition("//")[2] == request.host)


def _name(request: web.Request) -> str:
    return SECURE_NAME if _is_secure(request) else f"chainwright-{request.url.port or _HTTP_PORT}"
