"""The route by which people and programs send events to the chains that start with them."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.announcement_api import AnnounceEvent, AnnouncementView
from chainwright.schemas.pages import Listing


async def _send(call: Call) -> web.Response:
    event: AnnounceEvent = call.body
    told = await call.use_cases.send_event(
        call.actor, event.name, event.data, key=event.key, environment=event.environment
    )
    return answered({"items": told}, status=202)


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/events",
        handler=_send,
        permission=Permission.EMIT,
        does="Send an event to every chain that starts with it; it counts once it is answered.",
        body=AnnounceEvent,
        answer=Listing[AnnouncementView],
        status=202,
        keyed="answer",
    ),
)
