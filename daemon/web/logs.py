"""Route of terminal output as a stream of bytes: what has been written, and on request what comes."""

import logging
from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.core.refusals import Refusal
from chainwright.daemon.web.port import Log
from chainwright.daemon.web.problems import broken_off
from chainwright.daemon.web.route import API, Call, Route
from chainwright.daemon.web.streaming import begin, while_connected
from chainwright.schemas.api import LogQuery
from chainwright.schemas.log_api import AttemptQuery

ATTEMPT_HEADER: Final = "X-Attempt-Id"

_MEDIA: Final = {True: "application/octet-stream", False: "text/plain"}
_IDLE_S: Final = 3600.0
"""A log has no heartbeat: nothing may stand in it that the agent did not write."""

_log = logging.getLogger(__name__)


async def _read(call: Call) -> web.StreamResponse:
    asked: LogQuery = call.query
    log = await call.use_cases.log(call.actor, call.param("run"), asked)
    response = web.StreamResponse(headers={ATTEMPT_HEADER: log.attempt_id, "X-Accel-Buffering": "no"})
    response.content_type = _MEDIA[asked.raw]
    await begin(call.request, response)
    await _copy(call.request, log, response)
    return response


async def _recording(call: Call) -> web.StreamResponse:
    asked: AttemptQuery = call.query
    cast = await call.use_cases.recording(call.actor, call.param("run"), asked)
    response = web.StreamResponse(headers={ATTEMPT_HEADER: cast.attempt_id})
    response.content_type = CAST
    await begin(call.request, response)
    await _copy(call.request, cast, response)
    return response


async def _copy(request: web.Request, log: Log, response: web.StreamResponse) -> None:
    try:
        async for chunk in while_connected(request, log.chunks, idle_s=_IDLE_S):
            if chunk:
                await response.write(chunk)
        await response.write_eof()
    except ConnectionError:
        return
    except Refusal as refusal:
        _log.warning("a log broke off: %s", refusal, extra={"action": "log-broken", "attempt": log.attempt_id})
        broken_off(request)


CAST: Final = "application/x-asciicast"

ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/runs/{{run}}/recording",
        handler=_recording,
        permission=Permission.VIEW,
        does="What an agent's terminal showed and when, as an asciicast of version 3; X-Attempt-Id names the attempt.",
        query=AttemptQuery,
        media=CAST,
    ),
    Route(
        method="GET",
        path=f"{API}/runs/{{run}}/log",
        handler=_read,
        permission=Permission.VIEW,
        does="What an agent wrote; X-Attempt-Id names the attempt.",
        query=LogQuery,
        media="application/octet-stream",
        also_media=("text/plain",),
    ),
)
