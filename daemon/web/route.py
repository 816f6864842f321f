"""A route as a value: what may be asked, with which shapes, by whom. Every noun's file holds a table of them.

:func:`bound` puts in front of a handler what all of them need (who asks, whether they may, reading query and body), so that a
handler is only the call of its use case.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import ETag, web
from aiohttp.helpers import ETAG_ANY
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from chainwright.daemon.core.access import Actor, Authorizer, Permission
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.codes import Misuse
from chainwright.daemon.web.idempotency import Keyed, KeyedRequests, idempotency_key, keyed
from chainwright.daemon.web.port import UseCases
from chainwright.daemon.web.problems import BadRequest
from chainwright.daemon.web.terminal_tickets import QUERY, TICKETS
from chainwright.schemas.fields import EXPECTED

API: Final = "/api/v1"
BODY_LIMIT: Final = 1 << 20
_ANYBODY: Final = Actor(name="anybody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was understood: ``body`` and ``query`` are instances of the route's models, or None without one."""

    request: web.Request
    use_cases: UseCases
    actor: Actor
    body: Any
    query: Any
    key: str | None = None
    """Its Idempotency-Key, at a route that takes one."""

    def param(self, name: str) -> str:
        """A part of the path."""
        return self.request.match_info[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One thing that can be asked of the API. ``answer`` is a model, or None for what is no JSON."""

    method: str
    path: str
    handler: Callable[[Call], Awaitable[web.StreamResponse]]
    permission: Permission
    does: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    media: str = "application/json"
    also_status: tuple[int, ...] = ()
    """Further ones of an answer that is none of the problems."""
    also_media: tuple[str, ...] = ()
    """Further ones, for who asks for them."""
    headers: tuple[str, ...] = ()
    """Request headers with a meaning of their own."""
    keyed: Keyed | None = None
    """Takes an Idempotency-Key; what that promises, ``idempotency`` tells."""
    takes_ticket: bool = False
    """Whether a ticket for its session is as good as a token."""
    is_open: bool = False
    """Whether anybody may ask: a request that carries its own proof, which the use case checks, or one whose answer is no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """Who asks, whether they may, and whether they have asked before."""

    actor_of: Callable[[web.Request], Actor]
    authorizer: Authorizer
    keyed: KeyedRequests


def answered(data: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """``data`` as JSON."""
    return web.Response(status=status, body=to_json(data), content_type="application/json", headers=headers)


def bound(route: Route, use_cases: UseCases, gates: Gates) -> Handler:
    """The route's handler as aiohttp calls it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        actor = _asker(route, gates, request)
        if not route.is_open:
            _authorize(gates.authorizer, actor, route.permission, request)
        query = _understood(route.query, dict(request.query), "query") if route.query else None
        body = _understood(route.body, await _json(request), "body") if route.body else None
        key = idempotency_key(request) if route.keyed else None
        call = Call(request=request, use_cases=use_cases, actor=actor, body=body, query=query, key=key)
        if route.keyed is None or key is None:
            return _unless_known(request, await route.handler(call))
        asked = keyed(request, key, body and body.model_dump(mode="json"))
        return await gates.keyed.answered(actor, asked, route.keyed, lambda: route.handler(call))

    return handle


def _asker(route: Route, gates: Gates, request: web.Request) -> Actor:
    if route.is_open:
        return _ANYBODY
    ticket = request.query.get(QUERY) if route.takes_ticket else None
    if ticket is not None:
        return request.app[TICKETS].redeem(ticket, request.match_info["session"])
    return gates.actor_of(request)


def _unless_known(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """A JSON answer with its ETag; only that it is the same still, for who says which one is known.

    What is asked again and again changes seldom, and a digest costs less than to send it. It is weak: bytes may be packed on the way.
    """
    if request.method != "GET" or response.status != 200 or not isinstance(response, web.Response):
        return response
    if response.content_type != "application/json" or not isinstance(response.body, bytes):
        return response
    etag = ETag(value=hashlib.sha256(response.body).hexdigest()[:32], is_weak=True)
    if any(known.value in (etag.value, ETAG_ANY) for known in request.if_none_match or ()):
        response = web.Response(
            status=304, headers={"Cache-Control": response.headers.get("Cache-Control", "no-cache")}
        )
    response.etag = etag
    return response


def _authorize(authorizer: Authorizer, actor: Actor, permission: Permission, request: web.Request) -> None:
    kind, subject = next(iter(request.match_info.items()), ("daemon", ""))
    subject = f"{kind}:{subject}" if subject else kind
    if not authorizer.allows(actor, permission, subject):
        raise Refusal(Code.DENIED, f"{actor.name} may not {permission} {subject}")


async def _json(request: web.Request) -> Any:
    try:
        return json.loads(await request.read() or b"{}")
    except ValueError as fault:
        raise BadRequest(Misuse.BAD_REQUEST, "the body is not JSON", str(fault)) from None


def _understood(model: type[BaseModel], data: Any, where: str) -> BaseModel:
    try:
        return model.model_validate(data)
    except ValidationError as fault:
        raise BadRequest(Code.INVALID_INPUT, f"the {where} does not fit", _reasons(model, fault)) from None


def _reasons(model: type[BaseModel], fault: ValidationError) -> str:
    known = ", ".join(model.model_fields)
    said = {"extra_forbidden": f"is not known; there are: {known}", EXPECTED: "must be {msg}"}
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'it'}: {said.get(one['type'], '{msg}').format(msg=one['msg'])}"
        for one in fault.errors()
    )
