"""Routes of the daemon itself, and what every route asks of the authorizer."""

from typing import Any

import aiohttp
from aiohttp import ClientSession

from chainwright.daemon.config import Home
from chainwright.daemon.core.access import Actor, Permission
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.admission import peer_of
from chainwright.daemon.web.app import make_app
from chainwright.daemon.web.server import serve_unix
from chainwright.schemas.api import DaemonStatus, DoctorCheck
from chainwright.schemas.pages import Page


async def test_what_it_is_made_of_is_nobodys_business(api: ClientSession) -> None:
    assert (await api.get("/healthz")).headers["Server"] == "chainwright"


async def test_a_recovering_daemon_is_alive_but_not_ready(api: ClientSession, use_cases: Any) -> None:
    use_cases.refusal = Refusal(Code.UNAVAILABLE, "recovering")

    assert [(await api.get(path)).status for path in ("/healthz", "/readyz")] == [200, 503]


async def test_status_and_doctor_have_their_shapes(api: ClientSession) -> None:
    assert DaemonStatus.model_validate(await (await api.get("/api/v1/status")).json()).epoch == 1
    assert Page[DoctorCheck].model_validate(await (await api.get("/api/v1/doctor")).json()).items[0].ok


async def test_shutdown_is_accepted(api: ClientSession, use_cases: Any) -> None:
    answer = await api.post("/api/v1/shutdown")

    assert (answer.status, use_cases.asked) == (202, [("shut_down",)])


class Nobody:
    """An authorizer that refuses everything and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Permission, str]] = []

    def allows(self, actor: Actor, permission: Permission, subject: str) -> bool:
        self.asked.append((permission, subject))
        return False


async def test_the_authorizer_is_asked_before_the_use_case(use_cases: Any, home: Home) -> None:
    nobody = Nobody()
    server = await serve_unix(make_app(use_cases, peer_of, nobody), home.socket)
    async with aiohttp.ClientSession("http://d", connector=aiohttp.UnixConnector(str(home.socket))) as client:
        statuses = [
            (await client.post("/api/v1/runs/r1/cancel")).status,
            (await client.post("/api/v1/shutdown")).status,
            (await client.get("/api/v1/chains/a/b")).status,
        ]
    await server.close()

    assert statuses == [403] * 3
    assert nobody.asked == [
        (Permission.CANCEL, "run:r1"),
        (Permission.ADMINISTER, "daemon"),
        (Permission.VIEW, "chain:a/b"),
    ]
    assert use_cases.asked == []
