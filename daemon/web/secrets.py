"""The route of secrets: names and whereabouts. No route tells a value."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.api import SecretView
from chainwright.schemas.pages import Page, PageQuery


async def _secrets(call: Call) -> web.Response:
    return answered(page_of(await call.use_cases.secrets(call.actor), call.query, "name"))


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/secrets",
        handler=_secrets,
        permission=Permission.ADMINISTER,
        does="The secrets that chains in force ask for, and who has them; never a value.",
        query=PageQuery,
        answer=Page[SecretView],
    ),
)
