"""Routes of schedules: what is due, what became of it, and people's hold on them."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.api import RunSummary
from chainwright.schemas.pages import Listing, Page
from chainwright.schemas.schedules import (
    FirePage,
    FiresQuery,
    PauseSchedules,
    ResumeSchedules,
    RunSchedule,
    ScheduleDetail,
    SchedulesQuery,
)

_SCHEDULES: Final = f"{API}/schedules"


async def _list(call: Call) -> web.Response:
    asked: SchedulesQuery = call.query
    return answered(page_of(await call.use_cases.schedules(call.actor, chain=asked.chain), asked, "id"))


async def _fires(call: Call) -> web.Response:
    asked: FiresQuery = call.query
    return answered(await call.use_cases.schedule_fires(call.actor, call.param("schedule"), **asked.model_dump()))


async def _pause(call: Call) -> web.Response:
    asked: PauseSchedules = call.body
    return answered({"items": await call.use_cases.pause_schedules(call.actor, asked.chain, until=asked.until)})


async def _resume(call: Call) -> web.Response:
    asked: ResumeSchedules = call.body
    return answered({"items": await call.use_cases.resume_schedules(call.actor, asked.chain)})


async def _run(call: Call) -> web.Response:
    asked: RunSchedule = call.body
    run = await call.use_cases.run_schedule(call.actor, asked.chain, schedule=asked.schedule, idempotency_key=call.key)
    return answered(run, status=201, headers={"Location": f"{API}/runs/{run['id']}"})


ROUTES: Final = (
    Route(
        method="GET",
        path=_SCHEDULES,
        handler=_list,
        permission=Permission.VIEW,
        does="The schedules in force, with their next due times.",
        query=SchedulesQuery,
        answer=Page[ScheduleDetail],
    ),
    Route(
        method="GET",
        path=f"{_SCHEDULES}/{{schedule}}/fires",
        handler=_fires,
        permission=Permission.VIEW,
        does="What became of the due times of a schedule, newest first.",
        query=FiresQuery,
        answer=FirePage,
    ),
    Route(
        method="POST",
        path=f"{_SCHEDULES}/pause",
        handler=_pause,
        permission=Permission.DEPLOY,
        does="Keep the schedules of a chain from starting runs.",
        body=PauseSchedules,
        answer=Listing[ScheduleDetail],
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{_SCHEDULES}/resume",
        handler=_resume,
        permission=Permission.DEPLOY,
        does="Let the schedules of a chain start runs again.",
        body=ResumeSchedules,
        answer=Listing[ScheduleDetail],
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{_SCHEDULES}/run",
        handler=_run,
        permission=Permission.RUN,
        does="Start a run of a schedule now, with its inputs; its due times stay as they are.",
        body=RunSchedule,
        answer=RunSummary,
        status=201,
        keyed="run",
    ),
)
