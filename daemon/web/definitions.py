"""Routes of what is deployed: chains and deployments. A chain's id holds slashes and ends the path."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.api import ChainQuery, ChainSummary, DeploymentView, Listing


async def _chains(call: Call) -> web.Response:
    return answered({"items": await call.use_cases.chains(call.actor)})


async def _chain(call: Call) -> web.Response:
    asked: ChainQuery = call.query
    return answered(await call.use_cases.chain(call.actor, call.param("chain"), ref=asked.ref))


async def _deployments(call: Call) -> web.Response:
    return answered({"items": await call.use_cases.deployments(call.actor)})


async def _reconcile(call: Call) -> web.Response:
    return answered({"items": await call.use_cases.reconcile(call.actor)})


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/chains",
        handler=_chains,
        permission=Permission.VIEW,
        does="The chains in force, with their next fire times.",
        answer=Listing[ChainSummary],
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
        path=f"{API}/deployments",
        handler=_deployments,
        permission=Permission.VIEW,
        does="The commits in force, and what was refused since.",
        answer=Listing[DeploymentView],
    ),
    Route(
        method="POST",
        path=f"{API}/deployments/reconcile",
        handler=_reconcile,
        permission=Permission.DEPLOY,
        does="Look at the repositories now.",
        answer=Listing[DeploymentView],
    ),
)
