"""Route of live changes as server-sent events.

``id`` is the journal's number, so a reader that comes back with ``Last-Event-ID`` misses nothing of its run. ``runs`` begins now and
has no ids: it says that a list should be read again, and a list has no journal. ``end`` tells that nothing more will come, because
an EventSource would otherwise connect again for ever.
"""

from typing import Final

from aiohttp import web
from pydantic_core import to_json

from chainwright.daemon.core.access import Permission
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.port import Change
from chainwright.daemon.web.problems import BadRequest
from chainwright.daemon.web.route import API, Call, Route
from chainwright.daemon.web.streaming import begin, while_connected
from chainwright.schemas.api import StreamQuery

HEARTBEAT_S: Final = 15.0

_HEADERS: Final = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_BEAT: Final = b": beat\n\n"
_END: Final = b"event: end\ndata: {}\n\n"


async def _watch(call: Call) -> web.StreamResponse:
    asked: StreamQuery = call.query
    run = await _run_id(call, asked.topics)
    changes = call.use_cases.changes(call.actor, run=run, after=_last_seen(call.request))
    response = web.StreamResponse(headers=_HEADERS)
    await begin(call.request, response)
    try:
        await response.write(_BEAT)
        async for change in while_connected(call.request, changes, idle_s=HEARTBEAT_S):
            await response.write(_event(change, numbered=run is not None) if change else _BEAT)
        await response.write(_END)
    except ConnectionError:
        pass
    except Refusal as refusal:
        await response.write(_problem(refusal))
    return response


async def _run_id(call: Call, topic: str) -> str | None:
    """The whole id, asked for before the stream begins: an unknown run is a 404, not an empty stream."""
    name = topic.removeprefix("run:")
    if name == topic:
        return None
    run: str = (await call.use_cases.run(call.actor, name))["id"]
    return run


def _last_seen(request: web.Request) -> int:
    last = request.headers.get("Last-Event-ID", "0")
    if not last.isdecimal():
        raise BadRequest(
            Code.INVALID_INPUT, "the Last-Event-ID does not fit", "the id of an event of this stream is taken"
        )
    return int(last)


def _event(change: Change, *, numbered: bool) -> bytes:
    number = b"id: %d\n" % change.seq if numbered else b""
    return b"%bevent: change\ndata: %b\n\n" % (number, to_json(change))


def _problem(refusal: Refusal) -> bytes:
    told = {"code": refusal.code, "title": refusal.title, "detail": refusal.detail}
    return b"event: problem\ndata: %b\n\n" % to_json(told)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/stream",
        handler=_watch,
        permission=Permission.VIEW,
        does="Changes as they happen: of one run from Last-Event-ID on, or of all runs from now on.",
        query=StreamQuery,
        media="text/event-stream",
        headers=("Last-Event-ID",),
    ),
)
