"""Headers of every answer that tell a browser what it must not do with it."""

from typing import Final

from aiohttp import web

EVERYWHERE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
OF_DATA: Final = "default-src 'none'; frame-ancestors 'none'"
"""The policy of what is no page: nothing in it is loaded or run, should a browser ever show it."""
OF_PAGES: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the terminal (xterm) writes its own style elements; they can load nothing
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
OF_PLAIN_PAGES: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


async def protect(_: web.Request, response: web.StreamResponse) -> None:
    """Add what the answer does not say itself."""
    response.headers["Server"] = "chainwright"  # in place of the names and versions of what it is made of
    for name, value in EVERYWHERE.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", OF_DATA)
