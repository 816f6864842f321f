"""Routes of sessions: the list, and a person's terminal over a WebSocket.

Binary frames are the terminal's bytes, both ways; text frames are JSON: ``resize`` from the client, ``notice``, ``refused`` and ``exit``
to it. What else there is has to be asked for:

- ``hello=true``: first ``{type: hello, offset, rows, cols, typist}``, where ``offset`` is that of the first byte.
- ``acks=true``: ``typed`` with a number: at first that of the last stored input, then that of each binary frame once it is durable; so a
  program whose connection breaks learns, from the next one, whether its last frame is to be sent again.
- ``flow=true``: the client sends ``{type: ack, offset}`` for what it has shown, and no more than :data:`WINDOW` bytes are sent beyond that.
- ``live=true``: of what comes faster than anybody reads the middle is left out, with a notice ``gap: {from, to}``.

Notices: ``taken_over_by``, ``released_by``, ``resized: {rows, cols}``, ``gap``, ``disk_full``, ``truncated``. A slow viewer slows only itself: the
session's log is the buffer, and nothing is read from it that was not sent.
"""

import asyncio
import json
from typing import Any, Final

from aiohttp import WSMsgType, web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chainwright.daemon.core.access import Permission
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.codes import Misuse
from chainwright.daemon.web.origin import refuse_foreign
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.port import TerminalLink
from chainwright.daemon.web.problems import BadRequest
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.daemon.web.streaming import begin
from chainwright.daemon.web.terminal_tickets import TICKETS
from chainwright.schemas.api import SessionListing, SessionsQuery, TerminalQuery, TerminalTicketView

LAST_KEYS_S: Final = 5.0
"""How long a person who has left is still listened to: what they typed is on its way."""
MESSAGE_LIMIT: Final = 64 * 1024
"""Of what a client may send at once: more than any paste that a person means."""
HEARTBEAT_S: Final = 15.0
WINDOW: Final = 256 << 10
"""Bytes that may be on their way to a client that acknowledges."""
_NEWEST: Final = 2**53


class Resize(BaseModel):
    """The client's window has another size."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str = Field(pattern="^resize$")
    rows: int = Field(ge=1, le=1000)
    cols: int = Field(ge=1, le=1000)


class Ack(BaseModel):
    """The client has shown everything before this byte."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str = Field(pattern="^ack$")
    offset: int = Field(ge=0, le=_NEWEST)


class Window:
    """How far a client that acknowledges may be sent ahead."""

    def __init__(self, offset: int) -> None:
        self._shown = offset
        self._moved = asyncio.Event()

    def acknowledge(self, offset: int) -> None:
        """The client has come so far."""
        self._shown = max(self._shown, offset)
        self._moved.set()

    async def room(self, offset: int) -> None:
        """Return once bytes up to this one may be sent."""
        while offset - self._shown > WINDOW:
            self._moved.clear()
            await self._moved.wait()


async def _list(call: Call) -> web.Response:
    asked: SessionsQuery = call.query
    found = await call.use_cases.sessions(call.actor, everything=asked.all)
    return answered(found | page_of(found["items"], asked, "host", "id"))


async def _open(call: Call) -> web.StreamResponse:
    _check_origin(call.request)
    asked: TerminalQuery = call.query
    which = asked.model_dump(include={"offset", "take_over", "tail", "live"})
    # Refusals come first: a client whose handshake fails is not shown why, and asks again without one to read it.
    link = await call.use_cases.terminal(call.actor, call.param("session"), **which)
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_LIMIT, timeout=5.0)
    try:
        if not socket.can_prepare(call.request):
            raise BadRequest(Misuse.BAD_REQUEST, "a terminal is a WebSocket", "open it with Upgrade: websocket")
        await begin(call.request, socket)
        if asked.hello:
            rows, cols = link.size
            about = {"offset": link.offset, "rows": rows, "cols": cols, "typist": link.typist}
            await _tell(socket, "hello", about)
        if asked.acks:
            await _tell(socket, "typed", {"seq": link.input_seq})
        await _converse(link, socket, Window(link.offset) if asked.flow else None, acks=asked.acks)
    finally:
        await link.close()
        if socket.prepared:
            await socket.close()
    return socket


async def _ticket(call: Call) -> web.Response:
    ticket = call.request.app[TICKETS].issue(call.actor, call.param("session"))
    told = {"ticket": ticket.secret, "expires_at": ticket.expires_at}
    return answered(told, status=201, headers={"Cache-Control": "no-store"})


def _check_origin(request: web.Request) -> None:
    """A browser names the page that opens a WebSocket, and only ours may, whatever else it sends."""
    origin = request.headers.get("Origin")
    if origin is not None:
        refuse_foreign(request, origin)


async def _converse(link: TerminalLink, socket: web.WebSocketResponse, window: Window | None, *, acks: bool) -> None:
    """Until the session's end has been told, or the client has left."""
    showing = asyncio.create_task(_show(link, socket, window), name="terminal output")
    taking = asyncio.create_task(_take(link, socket, window, acks=acks), name="terminal input")
    both = {showing, taking}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if showing.done() and isinstance(showing.exception(), ConnectionError):
            await asyncio.wait({taking}, timeout=LAST_KEYS_S)  # who types and leaves at once means what was typed
    finally:
        for task in both:
            task.cancel()
        ends = await asyncio.gather(*both, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, ConnectionError):
            raise end


async def _show(link: TerminalLink, socket: web.WebSocketResponse, window: Window | None) -> None:
    async for kind, data in link:
        if kind == "output":
            await _send(socket, window, data, link.offset)
        else:
            await _tell(socket, kind, json.loads(data))


async def _send(socket: web.WebSocketResponse, window: Window | None, data: bytes, end: int) -> None:
    """Bytes of the output up to ``end``; of what an ended session left at once, no more at a time than a window has room for."""
    if window is None:
        await socket.send_bytes(data)
        return
    begin, size = end - len(data), WINDOW // 2
    for start in range(0, len(data), size):
        piece = data[start : start + size]
        await window.room(begin + start + len(piece))
        await socket.send_bytes(piece)


async def _take(link: TerminalLink, socket: web.WebSocketResponse, window: Window | None, *, acks: bool) -> None:
    async for message in socket:
        try:
            seq = await _obey(link, window, message.type, message.data)
            if acks and seq is not None:
                await _tell(socket, "typed", {"seq": seq})
        except Refusal as refusal:
            told = {"code": refusal.code, "title": refusal.title, "detail": refusal.detail}
            await _tell(socket, "refused", told)


async def _obey(link: TerminalLink, window: Window | None, kind: WSMsgType, data: Any) -> int | None:
    """Do what a message asks for; the number of what was typed, if anything was."""
    if kind is WSMsgType.BINARY:
        return await link.type(data)
    if kind is WSMsgType.TEXT:
        match _understood(data):
            case Resize(rows=rows, cols=cols):
                await link.resize(rows, cols)
            case Ack(offset=offset) if window is not None:
                window.acknowledge(offset)
    return None


def _understood(text: str) -> Resize | Ack:
    try:
        return _MESSAGE.validate_json(text)
    except ValidationError as fault:
        raise Refusal(Code.INVALID_INPUT, "the message does not fit", fault.errors()[0]["msg"]) from None


_MESSAGE: Final[TypeAdapter[Resize | Ack]] = TypeAdapter(Resize | Ack)


async def _tell(socket: web.WebSocketResponse, kind: str, body: dict[str, Any]) -> None:
    await socket.send_str(json.dumps({"type": kind, **body}))


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/sessions",
        handler=_list,
        permission=Permission.VIEW,
        does="Running sessions of every host, or all.",
        query=SessionsQuery,
        answer=SessionListing,
    ),
    Route(
        method="POST",
        path=f"{API}/sessions/{{session}}/tickets",
        handler=_ticket,
        permission=Permission.VIEW,
        does="A ticket that opens the session's terminal once, within a minute: for who cannot send a token with a WebSocket.",
        answer=TerminalTicketView,
        status=201,
    ),
    Route(
        method="GET",
        path=f"{API}/sessions/{{session}}/terminal",
        handler=_open,
        permission=Permission.VIEW,
        does="A WebSocket to a session's terminal; typing into it takes the permission to type.",
        query=TerminalQuery,
        takes_ticket=True,
        status=101,
        media="application/octet-stream",
    ),
)
