"""Routes of the daemon itself: is it alive, is it ready, what does it hold, is all well, end it."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.api import DaemonStatus, DoctorCheck, Well
from chainwright.schemas.pages import Page, PageQuery


async def _alive(_: Call) -> web.Response:
    return answered({"ok": True})


async def _ready(call: Call) -> web.Response:
    call.use_cases.require_ready()
    return answered({"ok": True})


async def _status(call: Call) -> web.Response:
    return answered(await call.use_cases.status(call.actor))


async def _doctor(call: Call) -> web.Response:
    return answered(page_of(await call.use_cases.doctor(call.actor), call.query, "check", "detail"))


async def _shut_down(call: Call) -> web.Response:
    await call.use_cases.shut_down(call.actor)
    return answered({"ok": True}, status=202)


ROUTES: Final = (
    Route(
        method="GET",
        path="/healthz",
        handler=_alive,
        permission=Permission.VIEW,
        is_open=True,
        does="The process answers; anybody may ask.",
        answer=Well,
    ),
    Route(
        method="GET",
        path="/readyz",
        handler=_ready,
        permission=Permission.VIEW,
        is_open=True,
        does="The daemon takes commands; anybody may ask.",
        answer=Well,
    ),
    Route(
        method="GET",
        path=f"{API}/status",
        handler=_status,
        permission=Permission.VIEW,
        does="The daemon and its load.",
        answer=DaemonStatus,
    ),
    Route(
        method="GET",
        path=f"{API}/doctor",
        handler=_doctor,
        permission=Permission.VIEW,
        does="Everything that an operator should know.",
        query=PageQuery,
        answer=Page[DoctorCheck],
    ),
    Route(
        method="POST",
        path=f"{API}/shutdown",
        handler=_shut_down,
        permission=Permission.ADMINISTER,
        does="Begin an orderly end; sessions go on.",
        answer=Well,
        status=202,
    ),
)
