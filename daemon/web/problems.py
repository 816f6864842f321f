"""Refusals and faults as RFC 9457 problems: the only place where an error becomes a response."""

import logging
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic_core import to_json

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.codes import MEANINGS, Misuse

MEDIA: Final = "application/problem+json"
RETRY_AFTER_S: Final = 1
BEGUN: Final = web.RequestKey("BEGUN", web.StreamResponse)
"""Under this key a request carries its answer from the moment on when nothing else can be answered."""

_log = logging.getLogger(__name__)

_OF_STATUS: Final[dict[int, Code | Misuse]] = {
    400: Misuse.BAD_REQUEST,
    401: Misuse.UNAUTHORIZED,
    404: Code.NOT_FOUND,
    405: Misuse.NO_METHOD,
    413: Misuse.TOO_LARGE,
}


class BadRequest(Exception):
    """The request itself cannot be read or used; nothing was asked of the daemon."""

    def __init__(self, code: Code | Misuse, title: str, detail: str = "") -> None:
        super().__init__(title)
        self.code = code
        self.title = title
        self.detail = detail


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a problem. A fault of ours is logged here, once, and told without its insides."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return problem(refusal.code, refusal.title, refusal.detail, refusal.diagnostics)
    except BadRequest as bad:
        return problem(bad.code, bad.title, bad.detail)
    except web.HTTPException as fault:
        return _of_http(request, fault)
    except Exception:  # noqa: BLE001 - the boundary: nothing of ours may end the connection without an answer
        return _of_ours(request)


def problem(
    code: Code | Misuse, title: str, detail: str = "", diagnostics: tuple[dict[str, Any], ...] = ()
) -> web.Response:
    """The response for a code."""
    status = MEANINGS[code].status
    body = to_json(
        {
            "type": "about:blank",
            "title": title,
            "status": status,
            "code": code,
            "detail": detail,
            "diagnostics": diagnostics,
        }
    )
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == MEANINGS[Code.UNAVAILABLE].status else None
    return web.Response(status=status, body=body, content_type=MEDIA, headers=headers)


def _of_ours(request: web.Request) -> web.StreamResponse:
    _log.exception("a request failed", extra={"action": "request-failed", "path": request.path})
    begun: web.StreamResponse | None = request.get(BEGUN)
    if begun is None:
        return problem(Misuse.INTERNAL, "the daemon made a mistake", "its log has the details")
    broken_off(request)
    return begun


def broken_off(request: web.Request) -> None:
    """End an answer whose status line is out: a missing last chunk is the only way left to say that it is not whole."""
    if request.transport is not None:
        request.transport.abort()


def _of_http(request: web.Request, fault: web.HTTPException) -> web.Response:
    code = _OF_STATUS.get(fault.status)
    if code is None:
        raise fault
    response = problem(code, fault.reason.lower(), _details(request, fault))
    if isinstance(fault, web.HTTPMethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(fault.allowed_methods))
    return response


def _details(request: web.Request, fault: web.HTTPException) -> str:
    match fault:
        case web.HTTPNotFound():
            return f"there is no {request.path}; /api/v1/openapi.json lists what there is"
        case web.HTTPMethodNotAllowed():
            return f"{request.path} takes {', '.join(sorted(fault.allowed_methods))}"
        case _:
            return fault.text or ""
