"""The route of secrets: names and whereabouts. No route tells a value."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.api import Listing, SecretView


async def _secrets(call: Call) -> web.Response:
    return answered({"items": await call.use_cases.secrets(call.actor)})


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/secrets",
        handler=_secrets,
        permission=Permission.ADMINISTER,
        does="The secrets that chains in force ask for, and who has them; never a value.",
        answer=Listing[SecretView],
    ),
)
