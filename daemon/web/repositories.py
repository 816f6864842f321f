"""Routes of the repositories that chains come from, and of the hooks of those that are hosted here."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.pages import Page, PageQuery
from chainwright.schemas.repositories import (
    FetchHint,
    HostRepository,
    MovePage,
    MovesQuery,
    PushedRefs,
    PushVerdict,
    Reconciled,
    RepositoryView,
)


async def _repositories(call: Call) -> web.Response:
    return answered(page_of(await call.use_cases.repositories(call.actor), call.query, "name"))


async def _host(call: Call) -> web.Response:
    asked: HostRepository = call.body
    return answered(await call.use_cases.host_repository(call.actor, asked.name))


async def _judge(call: Call) -> web.Response:
    pushed: PushedRefs = call.body
    return answered(await call.use_cases.judge_push(call.actor, call.param("repository"), pushed.model_dump()))


async def _reconcile(call: Call) -> web.Response:
    return answered(await call.use_cases.reconcile_repository(call.actor, call.param("repository")))


async def _fetch(call: Call) -> web.Response:
    """What is sent is not read: a hint is only that something may be new."""
    call.use_cases.fetch_soon(call.param("repository"))
    return answered({"repository": call.param("repository")}, status=202)


async def _moves(call: Call) -> web.Response:
    asked: MovesQuery = call.query
    return answered(await call.use_cases.moves(call.actor, **asked.model_dump()))


ROUTES: Final = (
    Route(
        method="POST",
        path="/hooks/fetch/{repository}",
        handler=_fetch,
        permission=Permission.VIEW,
        is_open=True,
        does="Have a mirror fetched within seconds: for the webhook of its forge. What is sent is not read, and proves nothing.",
        answer=FetchHint,
        status=202,
    ),
    Route(
        method="GET",
        path=f"{API}/pushes",
        handler=_moves,
        permission=Permission.VIEW,
        does="What has moved in repositories and which chains heard of it, and pushes that were refused.",
        query=MovesQuery,
        answer=MovePage,
    ),
    Route(
        method="GET",
        path=f"{API}/repositories",
        handler=_repositories,
        permission=Permission.VIEW,
        does="The repositories that are followed.",
        query=PageQuery,
        answer=Page[RepositoryView],
    ),
    Route(
        method="POST",
        path=f"{API}/repositories",
        handler=_host,
        permission=Permission.ADMINISTER,
        does="Host a repository that people push to.",
        body=HostRepository,
        answer=RepositoryView,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{API}/repositories/{{repository}}/pushes",
        handler=_judge,
        permission=Permission.DEPLOY,
        does="The verdict on a push, before any ref has moved: asked by the repository's hook.",
        body=PushedRefs,
        answer=PushVerdict,
    ),
    Route(
        method="POST",
        path=f"{API}/repositories/{{repository}}/reconcile",
        handler=_reconcile,
        permission=Permission.DEPLOY,
        does="Look at a repository now, and deploy what is new: asked by hooks after a push.",
        answer=Reconciled,
    ),
)
