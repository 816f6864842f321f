"""Routes that show the whole: how things stand, what waits for people, events of all runs, due times, settings."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.inbox_api import InboxItem
from chainwright.schemas.overview_api import Calendar, CalendarQuery, EventsPage, EventsQuery, Overview, SettingView
from chainwright.schemas.pages import Page, PageQuery


async def _overview(call: Call) -> web.Response:
    return answered(await call.use_cases.overview(call.actor))


async def _inbox(call: Call) -> web.Response:
    return answered(
        page_of(
            await call.use_cases.inbox(call.actor),
            call.query,
            "kind",
            "run_id",
            "agent",
            "turn",
            "attempt_id",
            "reason",
        )
    )


async def _events(call: Call) -> web.Response:
    asked: EventsQuery = call.query
    return answered(await call.use_cases.all_events(call.actor, **asked.model_dump()))


async def _calendar(call: Call) -> web.Response:
    asked: CalendarQuery = call.query
    return answered(await call.use_cases.calendar(call.actor, since=asked.since, until=asked.until))


async def _settings(call: Call) -> web.Response:
    return answered(page_of(await call.use_cases.settings(call.actor), call.query, "name"))


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/overview",
        handler=_overview,
        permission=Permission.VIEW,
        does="How things stand: what runs, what waits for people, what ended since yesterday, what is due next.",
        answer=Overview,
    ),
    Route(
        method="GET",
        path=f"{API}/inbox",
        handler=_inbox,
        permission=Permission.VIEW,
        does="Everything that waits for people, the longest waiting first.",
        query=PageQuery,
        answer=Page[InboxItem],
    ),
    Route(
        method="GET",
        path=f"{API}/events",
        handler=_events,
        permission=Permission.VIEW,
        does="Events of all runs, those of the newest run first.",
        query=EventsQuery,
        answer=EventsPage,
    ),
    Route(
        method="GET",
        path=f"{API}/schedules/calendar",
        handler=_calendar,
        permission=Permission.VIEW,
        does="When the schedules in force start runs, within a time.",
        query=CalendarQuery,
        answer=Calendar,
    ),
    Route(
        method="GET",
        path=f"{API}/settings",
        handler=_settings,
        permission=Permission.ADMINISTER,
        does="Every setting in force, and where it was set.",
        query=PageQuery,
        answer=Page[SettingView],
    ),
)
