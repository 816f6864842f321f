"""The application: every route bound to the use cases, behind one middleware."""

from collections.abc import Callable
from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Actor, AllowAll, Authorizer, Permission
from chainwright.daemon.web import (
    announcements,
    approvals,
    artifacts,
    change_requests,
    definitions,
    hooks,
    hosts,
    logs,
    plans,
    repositories,
    runs,
    schedules,
    secrets,
    service,
    stream,
    terminals,
)
from chainwright.daemon.web.intake import INTAKE, Intake
from chainwright.daemon.web.openapi import description
from chainwright.daemon.web.port import UseCases
from chainwright.daemon.web.problems import answer_problems
from chainwright.daemon.web.route import API, BODY_LIMIT, Call, Gates, Route, answered, bound


async def _openapi(_: Call) -> web.Response:
    return answered(description(ROUTES))


ROUTES: Final[tuple[Route, ...]] = (
    *service.ROUTES,
    *runs.ROUTES,
    *announcements.ROUTES,
    *approvals.ROUTES,
    *artifacts.ROUTES,
    *logs.ROUTES,
    *stream.ROUTES,
    *terminals.ROUTES,
    *definitions.ROUTES,
    *repositories.ROUTES,
    *change_requests.ROUTES,
    *plans.ROUTES,
    *schedules.ROUTES,
    *hosts.ROUTES,
    *hooks.ROUTES,
    *secrets.ROUTES,
    Route(
        method="GET",
        path=f"{API}/openapi.json",
        handler=_openapi,
        permission=Permission.VIEW,
        does="This description.",
    ),
)
"""Everything that can be asked."""


def make_app(
    use_cases: UseCases, actor_of: Callable[[web.Request], Actor], authorizer: Authorizer | None = None
) -> web.Application:
    """The API over ``use_cases``. ``actor_of`` names who asks, or raises a Refusal; ``admission`` has the two that we need."""
    gates = Gates(actor_of=actor_of, authorizer=authorizer or AllowAll())
    app = web.Application(middlewares=[answer_problems], client_max_size=BODY_LIMIT)
    app[INTAKE] = Intake()
    for route in ROUTES:
        app.router.add_route(route.method, route.path, bound(route, use_cases, gates))
    return app
