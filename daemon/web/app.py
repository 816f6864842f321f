"""The application: every route bound to the use cases, behind one middleware."""

import time
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
    log_lines,
    logs,
    metrics,
    overviews,
    plans,
    repositories,
    runs,
    schedules,
    secrets,
    service,
    signals,
    signing_in,
    stream,
    terminals,
)
from chainwright.daemon.web.headers import protect
from chainwright.daemon.web.idempotency import KeyedRequests
from chainwright.daemon.web.intake import INTAKE, Intake
from chainwright.daemon.web.metrics import REQUESTS, Requests
from chainwright.daemon.web.openapi import description
from chainwright.daemon.web.origin import PUBLIC_ORIGIN
from chainwright.daemon.web.pages import Pages
from chainwright.daemon.web.port import UseCases
from chainwright.daemon.web.problems import answer_problems
from chainwright.daemon.web.route import API, BODY_LIMIT, Call, Gates, Route, answered, bound
from chainwright.daemon.web.sign_ins import SignIns
from chainwright.daemon.web.signing_in import DOORWAY, Doorway
from chainwright.daemon.web.stream import TEXTS, Texts
from chainwright.daemon.web.terminal_tickets import TICKETS, TerminalTickets


async def _openapi(_: Call) -> web.Response:
    return answered(description(ROUTES))


ROUTES: Final[tuple[Route, ...]] = (
    *service.ROUTES,
    *signing_in.ROUTES,
    *metrics.ROUTES,
    *runs.ROUTES,
    *announcements.ROUTES,
    *approvals.ROUTES,
    *artifacts.ROUTES,
    *logs.ROUTES,
    *log_lines.ROUTES,
    *overviews.ROUTES,
    *stream.ROUTES,
    *terminals.ROUTES,
    *signals.ROUTES,
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
    use_cases: UseCases,
    actor_of: Callable[[web.Request], Actor],
    authorizer: Authorizer | None = None,
    *,
    doorway: Doorway | None = None,
    pages: Pages | None = None,
    requests: Requests | None = None,
    keyed: KeyedRequests | None = None,
    tickets: TerminalTickets | None = None,
    public_origin: str = "",
) -> web.Application:
    """The API over ``use_cases``, with ``pages`` beside it where browsers come.

    ``actor_of`` names who asks, or raises a Refusal; ``admission`` has those that we need. Without a ``doorway`` nobody signs in.
    Applications over the same use cases share ``requests``, ``keyed`` and ``tickets``.
    """
    gates = Gates(actor_of=actor_of, authorizer=authorizer or AllowAll(), keyed=keyed or KeyedRequests(use_cases))
    requests = requests or Requests()
    app = web.Application(middlewares=[requests.middleware(), answer_problems], client_max_size=BODY_LIMIT)
    app[REQUESTS] = requests
    app[INTAKE] = Intake()
    app[TEXTS] = Texts()
    app[TICKETS] = tickets or TerminalTickets(time.time)
    app[DOORWAY] = doorway or Doorway(sign_ins=SignIns(None, time.time), address=None)
    app[PUBLIC_ORIGIN] = public_origin
    app.on_response_prepare.append(protect)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, bound(route, use_cases, gates))
    if pages is not None:
        pages.add_to(app)
    return app
