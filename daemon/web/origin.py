"""Which page a browser's request comes from: what a cookie alone does not prove.

A browser sends a cookie along with what any page asks of us; SameSite keeps most of that away, and not from another port of this
machine. So whatever changes something, or opens a WebSocket, must come from a page of ours, as the browser itself says in
``Sec-Fetch-Site`` and ``Origin``. A browser that says neither is refused.
"""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from chainwright.daemon.core.refusals import Code, Refusal

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
PUBLIC_ORIGIN: Final = web.AppKey("PUBLIC_ORIGIN", str)
"""Under this key an application carries ``https://chains.example.org``, where a proxy shows it; empty without one."""


def changes_something(request: web.Request) -> bool:
    """Whether a request may have an effect: also a WebSocket, whose handshake is a GET."""
    return request.method not in SAFE or request.headers.get("Upgrade", "").lower() == "websocket"


def require_own_page(request: web.Request) -> None:
    """Refuse, as denied, what does not come from a page of ours."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        raise Refusal(
            Code.DENIED, "it is not told which page asks", "send Origin, or a bearer token in place of a cookie"
        )
    if site not in (None, "same-origin"):
        raise Refusal(Code.DENIED, f"a page of another site may not do this ({site})")
    # A form on a page without a referrer has the origin "null"; that it is ours is then said by Sec-Fetch-Site alone.
    if origin is not None and not (origin == "null" and site == "same-origin"):
        refuse_foreign(request, origin)


def refuse_foreign(request: web.Request, origin: str) -> None:
    """Refuse a page of another origin."""
    if not _is_ours(request, origin):
        raise Refusal(Code.DENIED, f"a page of {origin} may not do this")


def _is_ours(request: web.Request, origin: str) -> bool:
    told = urlsplit(origin)
    if origin == request.app.get(PUBLIC_ORIGIN):
        return True
    return told.scheme in ("http", "https") and told.netloc == request.host


def origin_of(url: str | None) -> str:
    """``https://chains.example.org`` of a whole address; empty for none."""
    if url is None:
        return ""
    told = urlsplit(url)
    return f"{told.scheme}://{told.netloc}"
