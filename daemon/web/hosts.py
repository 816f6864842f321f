"""Routes of hosts: the machines that agents run on, and people's hold on them."""

from contextlib import suppress
from typing import Final

from aiohttp import web
from pydantic_core import to_json

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.daemon.web.streaming import begin, while_connected
from chainwright.schemas.host_api import (
    AddHost,
    ClearHost,
    DrainHost,
    HostCheck,
    HostClearing,
    HostDetail,
    HostKeyView,
    HostView,
    RemoveHost,
    TrustHost,
)
from chainwright.schemas.pages import Page, PageQuery

_HOSTS: Final = f"{API}/hosts"
_ONE: Final = f"{_HOSTS}/{{host}}"
_LINES: Final = "application/x-ndjson"
_IDLE_S: Final = 3600.0
"""Each check of a trial has a limit of its own."""


async def _list(call: Call) -> web.Response:
    return answered(page_of(await call.use_cases.hosts(call.actor), call.query, "name"))


async def _show(call: Call) -> web.Response:
    return answered(await call.use_cases.host(call.actor, call.param("host")))


async def _add(call: Call) -> web.Response:
    asked: AddHost = call.body
    added = await call.use_cases.add_host(call.actor, asked.name, asked.settings, replace=asked.replace)
    return answered(added, status=201, headers={"Location": f"{_HOSTS}/{asked.name}"})


async def _trust(call: Call) -> web.Response:
    asked: TrustHost = call.body
    return answered(
        await call.use_cases.trust_host(call.actor, call.param("host"), asked.host_key, replace=asked.replace)
    )


async def _key(call: Call) -> web.Response:
    return answered(await call.use_cases.shown_host_key(call.actor, call.param("host")))


async def _test(call: Call) -> web.StreamResponse:
    checks = await call.use_cases.test_host(call.actor, call.param("host"))
    response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
    response.content_type = _LINES
    await begin(call.request, response)
    with suppress(ConnectionError):  # whoever asked has gone
        async for check in while_connected(call.request, checks, idle_s=_IDLE_S):
            if check is not None:
                await response.write(to_json(check) + b"\n")
        await response.write_eof()
    return response


async def _drain(call: Call) -> web.Response:
    asked: DrainHost = call.body
    return answered(await call.use_cases.drain_host(call.actor, call.param("host"), asked.reason))


async def _resume(call: Call) -> web.Response:
    return answered(await call.use_cases.resume_host(call.actor, call.param("host")))


async def _clear(call: Call) -> web.Response:
    asked: ClearHost = call.body
    return answered(await call.use_cases.clear_host(call.actor, call.param("host"), dry=asked.dry))


async def _remove(call: Call) -> web.Response:
    asked: RemoveHost = call.body
    return answered(await call.use_cases.remove_host(call.actor, call.param("host"), force=asked.force))


ROUTES: Final = (
    Route(
        method="GET",
        path=_HOSTS,
        handler=_list,
        permission=Permission.VIEW,
        does="The machines that agents run on, the daemon's own first.",
        query=PageQuery,
        answer=Page[HostView],
    ),
    Route(
        method="POST",
        path=_HOSTS,
        handler=_add,
        permission=Permission.ADMINISTER,
        does="Add a host, or give one that was added other settings.",
        body=AddHost,
        answer=HostDetail,
        status=201,
        keyed="answer",
    ),
    Route(
        method="GET",
        path=_ONE,
        handler=_show,
        permission=Permission.VIEW,
        does="A host with its settings and what was done to it.",
        answer=HostDetail,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/trust",
        handler=_trust,
        permission=Permission.ADMINISTER,
        does="Pin the key by which a host is known from now on.",
        body=TrustHost,
        answer=HostDetail,
        keyed="answer",
    ),
    Route(
        method="GET",
        path=f"{_ONE}/key",
        handler=_key,
        permission=Permission.ADMINISTER,
        does="The key that a host shows now, beside the one that is pinned.",
        answer=HostKeyView,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/test",
        handler=_test,
        permission=Permission.ADMINISTER,
        does="Try everything that agents will need on a host: an object a line, each as it is found.",
        answer=HostCheck,
        media=_LINES,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/drain",
        handler=_drain,
        permission=Permission.ADMINISTER,
        does="Let no new session go to a host; those that run there go on.",
        body=DrainHost,
        answer=HostDetail,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{_ONE}/resume",
        handler=_resume,
        permission=Permission.ADMINISTER,
        does="Let sessions go to a host again.",
        answer=HostDetail,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{_ONE}/clear",
        handler=_clear,
        permission=Permission.ADMINISTER,
        does="Remove what nobody needs on a host any more, as it is done every hour; or only tell what would go.",
        body=ClearHost,
        answer=HostClearing,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{_ONE}/remove",
        handler=_remove,
        permission=Permission.ADMINISTER,
        does="Forget a host that was added.",
        body=RemoveHost,
        answer=HostDetail,
        keyed="answer",
    ),
)
