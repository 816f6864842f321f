"""Routes of terminal output line by line: a part of a log however long it is, and where in it something stands."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.log_api import LogLines, LogLinesQuery, LogMatches, LogMatchesQuery


async def _lines(call: Call) -> web.Response:
    asked: LogLinesQuery = call.query
    return answered(await call.use_cases.log_lines(call.actor, call.param("run"), asked))


async def _matches(call: Call) -> web.Response:
    asked: LogMatchesQuery = call.query
    return answered(await call.use_cases.log_matches(call.actor, call.param("run"), asked))


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/runs/{{run}}/log/lines",
        handler=_lines,
        permission=Permission.VIEW,
        does="Numbered lines of what an agent wrote, with their times.",
        query=LogLinesQuery,
        answer=LogLines,
    ),
    Route(
        method="GET",
        path=f"{API}/runs/{{run}}/log/matches",
        handler=_matches,
        permission=Permission.VIEW,
        does="The lines of what an agent wrote that hold a text.",
        query=LogMatchesQuery,
        answer=LogMatches,
    ),
)
