"""Routes of webhooks: the addresses at which deliveries arrive, and the deliveries that have.

An address needs no token and no user: what is sent there proves itself, or is refused.
"""

import re
from typing import Any, Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.codes import Misuse
from chainwright.daemon.web.intake import INTAKE
from chainwright.daemon.web.port import Delivered
from chainwright.daemon.web.problems import BadRequest
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.webhook_api import DeliveriesQuery, DeliveryDetail, DeliveryPage, HookAnswer

_STATUS: Final = {"accepted": 202, "duplicate": 202, "filtered": 200}
_PRINTABLE: Final = re.compile(r"[^\x20-\x7e]")


async def _receive(call: Call) -> web.Response:
    organization, environment, hook = (call.param(part) for part in ("organization", "environment", "hook"))
    call.use_cases.require_hook(organization, environment, hook)
    intake = call.request.app[INTAKE]
    with intake.place() as reading:
        delivered = Delivered(
            organization=organization,
            environment=environment,
            hook=hook,
            headers=list(call.request.headers.items()),
            body=await intake.body(call.request, reading),
            remote=call.request.remote or "unix",
        )
        return _told(await call.use_cases.receive_delivery(delivered))


def _told(answer: dict[str, Any]) -> web.Response:
    fate, run_id = answer["fate"], answer["run_id"]
    if fate == "challenge":
        return web.Response(text=_PRINTABLE.sub("", answer["reason"]), content_type="text/plain")
    if fate == "refused":
        raise BadRequest(Misuse.UNAUTHORIZED, "the sender is not proven", answer["reason"])
    if fate == "unfit":
        raise BadRequest(
            Misuse.UNFIT, "the payload does not fit", f"{answer['reason']}; it is kept as delivery {answer['delivery']}"
        )
    url = f"{API}/runs/{run_id}" if run_id else None
    return answered({**answer, "url": url}, status=_STATUS[fate], headers={"Location": url} if url else None)


async def _list(call: Call) -> web.Response:
    asked: DeliveriesQuery = call.query
    return answered(await call.use_cases.deliveries(call.actor, **asked.model_dump()))


async def _one(call: Call) -> web.Response:
    return answered(await call.use_cases.delivery(call.actor, call.param("delivery")))


async def _replay(call: Call) -> web.Response:
    return _told(await call.use_cases.replay_delivery(call.actor, call.param("delivery")))


ROUTES: Final = (
    Route(
        method="POST",
        path="/hooks/{organization}/{environment}/{hook}",
        handler=_receive,
        permission=Permission.RUN,
        is_open=True,
        does="Deliver to a webhook; the request proves its sender by its own signature.",
        answer=HookAnswer,
        status=202,
        also_status=(200,),
        also_media=("text/plain",),
    ),
    Route(
        method="GET",
        path=f"{API}/deliveries",
        handler=_list,
        permission=Permission.VIEW,
        does="Deliveries of webhooks, newest first.",
        query=DeliveriesQuery,
        answer=DeliveryPage,
    ),
    Route(
        method="GET",
        path=f"{API}/deliveries/{{delivery}}",
        handler=_one,
        permission=Permission.VIEW,
        does="A delivery, with what was sent while that is kept.",
        answer=DeliveryDetail,
    ),
    Route(
        method="POST",
        path=f"{API}/deliveries/{{delivery}}/replay",
        handler=_replay,
        permission=Permission.RUN,
        does="Decide anew on what was sent, by the chain in force now.",
        answer=HookAnswer,
        status=202,
        also_status=(200,),
        also_media=("text/plain",),
        keyed="answer",
    ),
)
