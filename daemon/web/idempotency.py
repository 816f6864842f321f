"""The header by which a request that creates something may be sent again: the same key leads to the same thing."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.refusals import Code
from chainwright.daemon.web.problems import BadRequest

KEY: Final = "Idempotency-Key"
LIMIT: Final = 200


def idempotency_key(request: web.Request) -> str | None:
    """What the client says, if it does."""
    key = request.headers.get(KEY)
    if key is not None and not (0 < len(key) <= LIMIT and key.isprintable()):
        raise BadRequest(Code.INVALID_INPUT, f"the {KEY} does not fit", f"1 to {LIMIT} printable characters are taken")
    return key
