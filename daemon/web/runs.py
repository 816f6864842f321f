"""Routes of runs: start, list, look, cancel, retry, and the events and journal of one."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.api import (
    EventView,
    Explanation,
    JournalEntry,
    RetryRun,
    RunDetail,
    RunPage,
    RunsQuery,
    RunSummary,
    SendEvent,
    StartRun,
)
from chainwright.schemas.overview_api import JournalQuery
from chainwright.schemas.pages import Page, PageQuery
from chainwright.schemas.run_pictures_api import RunGraph, RunTimeline


async def _start(call: Call) -> web.Response:
    asked: StartRun = call.body
    run = await call.use_cases.start_run(
        call.actor,
        asked.chain,
        asked.inputs,
        ref=asked.ref,
        environment=asked.environment,
        idempotency_key=call.key,
    )
    return _created(run)


def _created(run: dict[str, object]) -> web.Response:
    return answered(run, status=201, headers={"Location": f"{API}/runs/{run['id']}"})


async def _list(call: Call) -> web.Response:
    asked: RunsQuery = call.query
    wanted = asked.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    return answered(await call.use_cases.runs(call.actor, wanted, limit=asked.limit, cursor=asked.cursor))


async def _show(call: Call) -> web.Response:
    return answered(await call.use_cases.run(call.actor, call.param("run")))


async def _cancel(call: Call) -> web.Response:
    return answered(await call.use_cases.cancel_run(call.actor, call.param("run")))


async def _retry(call: Call) -> web.Response:
    asked: RetryRun = call.body
    options = asked.model_dump()
    return _created(await call.use_cases.retry_run(call.actor, call.param("run"), idempotency_key=call.key, **options))


async def _send_event(call: Call) -> web.Response:
    event: SendEvent = call.body
    taken = await call.use_cases.inject_event(call.actor, call.param("run"), event.name, event.data, event.key)
    return answered(taken, status=202)


async def _events(call: Call) -> web.Response:
    return answered(page_of(await call.use_cases.run_events(call.actor, call.param("run")), call.query, "number"))


async def _journal(call: Call) -> web.Response:
    asked: JournalQuery = call.query
    enough = asked.limit + 1 if asked.limit is not None and asked.cursor is None else None
    found = await call.use_cases.journal(call.actor, call.param("run"), after=asked.after, limit=enough)
    return answered(page_of(found, asked, "seq"))


async def _graph(call: Call) -> web.Response:
    return answered(await call.use_cases.run_graph(call.actor, call.param("run")))


async def _timeline(call: Call) -> web.Response:
    return answered(await call.use_cases.run_timeline(call.actor, call.param("run")))


async def _explain(call: Call) -> web.Response:
    return answered(await call.use_cases.explain(call.actor, call.param("run"), call.param("agent")))


_RUNS: Final = f"{API}/runs"
_RUN: Final = f"{API}/runs/{{run}}"

ROUTES: Final = (
    Route(
        method="POST",
        path=_RUNS,
        handler=_start,
        permission=Permission.RUN,
        does="Start a run.",
        body=StartRun,
        answer=RunSummary,
        status=201,
        keyed="run",
    ),
    Route(
        method="GET",
        path=_RUNS,
        handler=_list,
        permission=Permission.VIEW,
        does="Runs, newest first.",
        query=RunsQuery,
        answer=RunPage,
    ),
    Route(
        method="GET",
        path=_RUN,
        handler=_show,
        permission=Permission.VIEW,
        does="A run with its agents, turns and attempts.",
        answer=RunDetail,
    ),
    Route(
        method="POST",
        path=f"{_RUN}/cancel",
        handler=_cancel,
        permission=Permission.CANCEL,
        does="End a run; a second time ends its cleaning agents too.",
        answer=RunSummary,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{_RUN}/retry",
        handler=_retry,
        permission=Permission.RUN,
        does="A new run of the same commit with the same inputs, linked to this one; it may keep what need not be done again.",
        body=RetryRun,
        answer=RunSummary,
        status=201,
        keyed="run",
    ),
    Route(
        method="POST",
        path=f"{_RUN}/events",
        handler=_send_event,
        permission=Permission.EMIT,
        does="Send an event that the chain knows into a live run.",
        body=SendEvent,
        answer=EventView,
        status=202,
        keyed="answer",
    ),
    Route(
        method="GET",
        path=f"{_RUN}/events",
        handler=_events,
        permission=Permission.VIEW,
        does="The run's events in their order, and what became of each.",
        query=PageQuery,
        answer=Page[EventView],
    ),
    Route(
        method="GET",
        path=f"{_RUN}/journal",
        handler=_journal,
        permission=Permission.VIEW,
        does="Every fact and decision of the run, or a part of them.",
        query=JournalQuery,
        answer=Page[JournalEntry],
    ),
    Route(
        method="GET",
        path=f"{_RUN}/graph",
        handler=_graph,
        permission=Permission.VIEW,
        does="The run as nodes and arrows: how each agent stands, and what has gone from one to another.",
        answer=RunGraph,
    ),
    Route(
        method="GET",
        path=f"{_RUN}/timeline",
        handler=_timeline,
        permission=Permission.VIEW,
        does="The run as lanes of time: what each agent waited, its attempts, its events.",
        answer=RunTimeline,
    ),
    Route(
        method="GET",
        path=f"{_RUN}/agents/{{agent}}/explanation",
        handler=_explain,
        permission=Permission.VIEW,
        does="Why an agent is where it is.",
        answer=Explanation,
    ),
)
