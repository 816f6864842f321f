"""Routes of what is deployed: chains and deployments. A chain's id holds slashes and ends the path."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.api import ChainQuery, ChainSummary
from chainwright.schemas.deployments import (
    DeploymentView,
    HistoryPage,
    HistoryQuery,
    Promotion,
    RefusalPage,
    Rollback,
)
from chainwright.schemas.overview_api import ChainSource, ChainVersion, VersionsQuery
from chainwright.schemas.pages import Listing, Page, PageQuery
from chainwright.schemas.statistics_api import ChainStatistics, StatisticsQuery

MOST_VERSIONS: Final = 1_000
"""Of a chain, in all pages: git walks its history anew for each."""


async def _chains(call: Call) -> web.Response:
    return answered(page_of(await call.use_cases.chains(call.actor), call.query, "repository", "environment", "id"))


async def _chain(call: Call) -> web.Response:
    asked: ChainQuery = call.query
    return answered(await call.use_cases.chain(call.actor, call.param("chain"), ref=asked.ref))


async def _inputs(call: Call) -> web.Response:
    asked: ChainQuery = call.query
    return answered(await call.use_cases.chain_inputs(call.actor, call.param("chain"), ref=asked.ref))


async def _source(call: Call) -> web.Response:
    asked: ChainQuery = call.query
    return answered(await call.use_cases.chain_source(call.actor, call.param("chain"), ref=asked.ref))


async def _versions(call: Call) -> web.Response:
    asked: VersionsQuery = call.query
    wanted = MOST_VERSIONS if asked.cursor else asked.limit + 1
    found = await call.use_cases.chain_versions(call.actor, call.param("chain"), limit=wanted)
    return answered(page_of(found, asked, "commit"))


async def _statistics(call: Call) -> web.Response:
    asked: StatisticsQuery = call.query
    return answered(await call.use_cases.chain_statistics(call.actor, call.param("chain"), last=asked.last))


async def _deployments(call: Call) -> web.Response:
    return answered(page_of(await call.use_cases.deployments(call.actor), call.query, "repository", "environment"))


async def _reconcile(call: Call) -> web.Response:
    return answered({"items": await call.use_cases.reconcile(call.actor)})


async def _history(call: Call) -> web.Response:
    asked: HistoryQuery = call.query
    return answered(await call.use_cases.deployment_history(call.actor, **asked.model_dump()))


async def _refusals(call: Call) -> web.Response:
    asked: HistoryQuery = call.query
    return answered(await call.use_cases.deployment_refusals(call.actor, **asked.model_dump()))


async def _rollback(call: Call) -> web.Response:
    asked: Rollback = call.body
    return answered(await call.use_cases.rollback(call.actor, **asked.model_dump()))


async def _promote(call: Call) -> web.Response:
    asked: Promotion = call.body
    told = await call.use_cases.promote(
        call.actor, repository=asked.repository, source=asked.origin, target=asked.to, message=asked.message
    )
    return answered(told)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/chains",
        handler=_chains,
        permission=Permission.VIEW,
        does="The chains in force, with their next fire times.",
        query=PageQuery,
        answer=Page[ChainSummary],
    ),
    Route(
        method="GET",
        path=f"{API}/chains/{{chain:.+}}",
        handler=_chain,
        permission=Permission.VIEW,
        does="A chain in its compiled form.",
        query=ChainQuery,
    ),
    Route(
        method="GET",
        path=f"{API}/inputs/{{chain:.+}}",
        handler=_inputs,
        permission=Permission.VIEW,
        does="The JSON Schema of a chain's inputs, as in force or at a commit: what a form is made of.",
        query=ChainQuery,
    ),
    Route(
        method="GET",
        path=f"{API}/sources/{{chain:.+}}",
        handler=_source,
        permission=Permission.VIEW,
        does="The file of a chain, as in force or at a commit.",
        query=ChainQuery,
        answer=ChainSource,
    ),
    Route(
        method="GET",
        path=f"{API}/versions/{{chain:.+}}",
        handler=_versions,
        permission=Permission.VIEW,
        does="The commits that changed the file of a chain, newest first.",
        query=VersionsQuery,
        answer=Page[ChainVersion],
    ),
    Route(
        method="GET",
        path=f"{API}/statistics/{{chain:.+}}",
        handler=_statistics,
        permission=Permission.VIEW,
        does="How the last runs of a chain went, how long they and their agents took, and what failed.",
        query=StatisticsQuery,
        answer=ChainStatistics,
    ),
    Route(
        method="GET",
        path=f"{API}/deployments",
        handler=_deployments,
        permission=Permission.VIEW,
        does="The commits in force, and what was refused since.",
        query=PageQuery,
        answer=Page[DeploymentView],
    ),
    Route(
        method="POST",
        path=f"{API}/deployments/reconcile",
        handler=_reconcile,
        permission=Permission.DEPLOY,
        does="Look at the repositories now.",
        answer=Listing[DeploymentView],
    ),
    Route(
        method="GET",
        path=f"{API}/deployments/history",
        handler=_history,
        permission=Permission.VIEW,
        does="What was in force in an environment, newest first.",
        query=HistoryQuery,
        answer=HistoryPage,
    ),
    Route(
        method="GET",
        path=f"{API}/deployments/refusals",
        handler=_refusals,
        permission=Permission.VIEW,
        does="Commits that did not load in an environment, newest first.",
        query=HistoryQuery,
        answer=RefusalPage,
    ),
    Route(
        method="POST",
        path=f"{API}/deployments/rollback",
        handler=_rollback,
        permission=Permission.DEPLOY,
        does="Put an earlier commit in force until the branch moves on.",
        body=Rollback,
        answer=DeploymentView,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{API}/deployments/promote",
        handler=_promote,
        permission=Permission.DEPLOY,
        does="Put what one environment has in force in another.",
        body=Promotion,
        answer=DeploymentView,
        keyed="answer",
    ),
)
