"""Route of live changes as server-sent events.

Of ``run:<id>`` alone, ``id`` is the journal's number, so a reader that begins with ``Last-Event-ID: 0`` gets the whole run, and ``end`` tells
that nothing more will come, because an EventSource would otherwise connect again for ever. Of anything else ``id`` is the number of
a commit: ``open`` says where the stream begins, heartbeats say how far it is, and whoever comes back with the last one misses nothing,
also after a restart of the daemon. Who has been away for longer than the feed is kept is told ``reset``: it reads anew what it shows.

A reader costs nothing but its place in the feed, so one that is slow only lags. One that takes nothing for :data:`PATIENCE_S` is cut off.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from itertools import chain
from typing import Final

from aiohttp import web
from pydantic_core import to_json

from chainwright.daemon.core.access import Permission
from chainwright.daemon.core.live_changes import Change, FeedLost, Step
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.problems import BadRequest, broken_off
from chainwright.daemon.web.route import API, Call, Route
from chainwright.daemon.web.streaming import begin, while_connected
from chainwright.schemas.api import StreamQuery

HEARTBEAT_S: Final = 15.0
PATIENCE_S: Final = 60.0
STEPS: Final = 50
"""Of the feed in one piece of text."""
LARGE: Final = 64 << 10
"""A text that is not kept for other readers."""
MOST_TEXTS: Final = 64
ROOM: Final = 16 << 10
"""Bytes that a transport takes before a writer has to wait for its reader."""

_HEADERS: Final = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_BEAT: Final = b": beat\n\n"
_END: Final = b"event: end\ndata: {}\n\n"
_NEWEST: Final = 2**53


async def _watch(call: Call) -> web.StreamResponse:
    asked: StreamQuery = call.query
    topics = await _topics(call, asked.topics)
    after = _last_seen(call.request)
    run = next(iter(topics)).removeprefix("run:") if len(topics) == 1 and asked.topics.startswith("run:") else None
    response = web.StreamResponse(headers=_HEADERS)
    await begin(call.request, response)
    try:
        async with asyncio.timeout(None) as patience:
            reader = _Reader(call.request, response, patience)
            if run is None:
                await _feed(call, reader, topics, after)
            else:
                await _life(call, reader, run, after or 0)
    except ConnectionError:
        pass
    except TimeoutError:
        broken_off(call.request)
    except Refusal as refusal:
        await response.write(_problem(refusal))
    return response


class _Reader:
    """Who reads a stream, and must go on taking what is written."""

    def __init__(self, request: web.Request, response: web.StreamResponse, patience: asyncio.Timeout) -> None:
        self._request = request
        self._response = response
        self._patience = patience

    async def write(self, data: bytes) -> None:
        """Raises ConnectionError; ends the stream when the reader takes nothing for too long."""
        if self._has_room(len(data)):  # nobody waits, so there is no time to be measured
            await self._response.write(data)
            return
        self._patience.reschedule(asyncio.get_running_loop().time() + PATIENCE_S)
        await self._response.write(data)
        self._patience.reschedule(None)

    def _has_room(self, size: int) -> bool:
        transport = self._request.transport
        return transport is not None and transport.get_write_buffer_size() + size < ROOM


async def _life(call: Call, reader: _Reader, run: str, after: int) -> None:
    """A run from a number of its journal on, up to its end."""
    await reader.write(_BEAT)
    changes = call.use_cases.changes(call.actor, run, after=after)
    async for change in while_connected(call.request, changes, idle_s=HEARTBEAT_S):
        await reader.write(_event(change, change.seq) if change else _BEAT)
    await reader.write(_END)


async def _feed(call: Call, reader: _Reader, topics: frozenset[str], after: int | None) -> None:
    """What changes of some topics, from a number on or from now on."""
    try:
        await _follow(call.request, reader, call.use_cases.feed(call.actor, after=after), topics)
    except FeedLost:
        await reader.write(b"event: reset\ndata: {}\n\n")
        await _follow(call.request, reader, call.use_cases.feed(call.actor, after=None), topics)


async def _follow(
    request: web.Request, reader: _Reader, parts: AsyncGenerator[Sequence[Step], None], topics: frozenset[str]
) -> None:
    seen, texts = None, request.app[TEXTS]
    pieces: Iterable[bytes]
    clock = asyncio.get_running_loop().time
    beat_at = clock() + HEARTBEAT_S
    async with aclosing(parts):
        async for part in parts:
            if request.transport is None:
                return
            pieces = [_opening(part[0])] if seen is None else texts.of(part, topics)
            seen = part[-1].seq if part else seen
            if clock() >= beat_at:
                pieces = chain(pieces, [b"id: %d\n%b" % (seen or 0, _BEAT)])
            for piece in pieces:
                await reader.write(piece)
                beat_at = clock() + HEARTBEAT_S


class Texts:
    """What the newest parts of the feed are as text, for each choice of topics: made once, however many readers are told."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, frozenset[str]], bytes] = {}

    def of(self, part: Sequence[Step], topics: frozenset[str]) -> Iterator[bytes]:
        """The events of a part, in pieces: one that lags is not given a text of all that it missed."""
        for start in range(0, len(part), STEPS):
            if text := self._text(part[start : start + STEPS], topics):
                yield text

    def _text(self, steps: Sequence[Step], topics: frozenset[str]) -> bytes:
        """Steps are told apart by their numbers: they never change."""
        key = (steps[0].seq, steps[-1].seq, topics)
        if (known := self._known.get(key)) is not None:
            return known
        told = b"".join(_told(steps, topics))
        if len(told) <= LARGE:
            while len(self._known) >= MOST_TEXTS:
                del self._known[next(iter(self._known))]
            self._known[key] = told
        return told


TEXTS: Final = web.AppKey("TEXTS", Texts)
"""Under this key an application carries them."""


def _opening(begins: Step) -> bytes:
    return b"id: %d\nevent: open\ndata: {}\n\n" % begins.seq


def _told(part: Sequence[Step], topics: frozenset[str]) -> Iterator[bytes]:
    """Of each step only the last event carries its number: who leaves in between comes back to all of them."""
    for step in part:
        told = [change for change in step.changes if change.is_of(topics)]
        for place, change in enumerate(told, 1):
            yield _event(change, step.seq if place == len(told) else None)


async def _topics(call: Call, told: str) -> frozenset[str]:
    """With whole ids, asked for before the stream begins: an unknown run is a 404, not an empty stream."""
    found = set()
    for topic in told.split(","):
        name = topic.removeprefix("run:")
        found.add(topic if name == topic else f"run:{(await call.use_cases.run(call.actor, name))['id']}")
    return frozenset(found)


def _last_seen(request: web.Request) -> int | None:
    last = request.headers.get("Last-Event-ID")
    if last is None:
        return None
    if not (last.isascii() and last.isdecimal() and int(last) < _NEWEST):
        raise BadRequest(
            Code.INVALID_INPUT, "the Last-Event-ID does not fit", "the id of an event of this stream is taken"
        )
    return int(last)


def _event(change: Change, number: int | None) -> bytes:
    told = b"id: %d\n" % number if number is not None else b""
    return b"%bevent: change\ndata: %b\n\n" % (told, change.json)


def _problem(refusal: Refusal) -> bytes:
    told = {"code": refusal.code, "title": refusal.title, "detail": refusal.detail}
    return b"event: problem\ndata: %b\n\n" % to_json(told)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/stream",
        handler=_watch,
        permission=Permission.VIEW,
        does="Changes as they happen, from Last-Event-ID on: of one run from its beginning, else from now on.",
        query=StreamQuery,
        media="text/event-stream",
        headers=("Last-Event-ID",),
    ),
)
