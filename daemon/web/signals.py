"""Route of signals to the processes of a session."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.session_api import SendSignal, SentSignal


async def _send(call: Call) -> web.Response:
    asked: SendSignal = call.body
    return answered(await call.use_cases.signal_session(call.actor, call.param("session"), asked.signal), status=202)


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/sessions/{{session}}/signal",
        handler=_send,
        permission=Permission.TYPE,
        does="Send a signal to the processes of a running session; who types there goes on typing.",
        body=SendSignal,
        answer=SentSignal,
        status=202,
    ),
)
