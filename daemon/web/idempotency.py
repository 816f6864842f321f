"""Requests that may be sent again: the header that names them, and the one place that answers them (the IETF's draft of Idempotency-Key).

What a route does under a key it does once: the same request is given the answer of the first, also after a restart of the daemon; another
request under the key is refused, and so is one while the first is under way. A request that was refused did nothing, so its
key is free again. When the daemon dies between doing and recording the answer, what became of it depends on the route:

- ``"run"``: the key is written with the run itself, so the request is simply carried out again, and leads to that run. For the same reason
  its beginning is not recorded, and starting a run costs one write more, not two.
- ``"answer"``: whether it was done is not known. That is said, and nothing is done a second time.
"""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Literal

from aiohttp import web

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.keyed_requests import KeptAnswer, KeyedRequest, KnownRequest
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.codes import Misuse
from chainwright.daemon.web.port import UseCases
from chainwright.daemon.web.problems import BadRequest

KEY: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
"""Header of an answer that is that of an earlier request."""
LIMIT: Final = 200
Keyed = Literal["run", "answer"]

_log = logging.getLogger(__name__)


def idempotency_key(request: web.Request) -> str | None:
    """What the client says, if it does."""
    key = request.headers.get(KEY)
    if key is not None and not (0 < len(key) <= LIMIT and key.isprintable()):
        raise BadRequest(Code.INVALID_INPUT, f"the {KEY} does not fit", f"1 to {LIMIT} printable characters are taken")
    return key


def keyed(request: web.Request, key: str, body: object) -> KeyedRequest:
    """The key with the digest of what is asked: which route, of what, and the body as it was understood."""
    asked = [request.method, request.path_qs, body]
    told = json.dumps(asked, sort_keys=True, ensure_ascii=True, default=str).encode()
    return KeyedRequest(key=key, fingerprint=hashlib.sha256(told).digest())


class KeyedRequests:
    """Those of an application. Knows which are under way."""

    def __init__(self, use_cases: UseCases) -> None:
        self._use_cases = use_cases
        self._under_way: set[tuple[str, str]] = set()

    async def answered(
        self, actor: Actor, asked: KeyedRequest, kind: Keyed, carry_out: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """The answer of an earlier request of this key, or of this one."""
        place = (actor.organization, asked.key)
        is_free = place not in self._under_way
        known = await self._known(actor, asked, kind, is_free=is_free)
        if known is not None and (told := _told(known, asked, kind, is_under_way=not is_free)) is not None:
            return told
        self._under_way.add(place)
        try:
            return await self._carried_out(actor, asked, carry_out)
        finally:
            self._under_way.discard(place)

    async def _known(self, actor: Actor, asked: KeyedRequest, kind: Keyed, *, is_free: bool) -> KnownRequest | None:
        if kind == "run" or not is_free:
            return await self._use_cases.known_request(actor, asked.key)
        return await self._use_cases.begin_request(actor, asked)

    async def _carried_out(
        self, actor: Actor, asked: KeyedRequest, carry_out: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            response = await carry_out()
        except (Refusal, BadRequest):
            with suppress(Refusal):  # it can be said later as well: the key is not free then, and nothing else is wrong
                await self._use_cases.drop_request(actor, asked.key)
            raise
        kept = _kept(response)
        if kept is not None:
            try:
                _require_same(await self._use_cases.answer_request(actor, asked, kept), asked)
            except Refusal as refusal:  # it is done, whether that can be recorded or not
                _log.warning("an answer was not kept: %s", refusal, extra={"action": "answer-not-kept"})
        return response


def _told(known: KnownRequest, asked: KeyedRequest, kind: Keyed, *, is_under_way: bool) -> web.Response | None:
    """The answer of before; None where the request is to be carried out again."""
    _require_same(known, asked)
    if known.answer is not None:
        return _replayed(known.answer)
    if kind == "run":
        return None
    if is_under_way:
        raise Refusal(Code.CONFLICT, f"a request of this {KEY} is under way", "send it again once that is answered")
    raise Refusal(
        Code.CONFLICT,
        f"what became of an earlier request of this {KEY} is not known",
        "the daemon ended before it was answered: look whether it was done; a new request takes a new key",
    )


def _require_same(known: KnownRequest, asked: KeyedRequest) -> None:
    if known.fingerprint != asked.fingerprint:
        raise BadRequest(
            Misuse.KEY_REUSED,
            f"this {KEY} belongs to another request",
            "each request that is a new one takes a new key",
        )


def _replayed(answer: KeptAnswer) -> web.Response:
    headers = {REPLAYED: "true"} | ({"Location": answer.location} if answer.location else {})
    return web.Response(status=answer.status, body=answer.body, content_type="application/json", headers=headers)


def _kept(response: web.StreamResponse) -> KeptAnswer | None:
    if not isinstance(response, web.Response) or response.content_type != "application/json":
        return None
    assert isinstance(response.body, bytes)
    return KeptAnswer(status=response.status, location=response.headers.get("Location", ""), body=response.body)
