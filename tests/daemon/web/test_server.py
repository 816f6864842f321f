"""Listening: modes, long paths, stale sockets, peers and tokens."""

import os
import socket
import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chainwright.daemon.config import Home
from chainwright.daemon.web import admission
from chainwright.daemon.web.address import usable
from chainwright.daemon.web.app import make_app
from chainwright.daemon.web.server import AddressTaken, serve_tcp, serve_unix, tcp_listener


@pytest.fixture
def app(use_cases: Any) -> Any:
    return make_app(use_cases, admission.peer_of)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def alive(name: str) -> int:
    """How the status is answered at a socket."""
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(name)) as client,
        client.get("http://daemon/api/v1/status") as answer,
    ):
        return answer.status


async def test_the_socket_is_its_owners_alone_and_goes_with_the_server(app: Any, home: Home) -> None:
    server = await serve_unix(app, home.socket)

    assert stat.S_IMODE(home.socket.stat().st_mode) == 0o600
    await server.close()
    await server.close()
    assert not home.socket.exists()


async def test_a_path_longer_than_the_kernel_takes_is_served(app: Any, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / "daemon.sock"
    deep.parent.mkdir()
    before = descriptors()

    server = await serve_unix(app, deep)
    with usable(deep) as name:
        status = await alive(name)
    await server.close()

    assert status == 200
    assert descriptors() == before


async def test_a_socket_that_nobody_answers_is_replaced(app: Any, home: Home) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(home.socket))

    server = await serve_unix(app, home.socket)

    assert await alive(str(home.socket)) == 200
    await server.close()


async def test_a_socket_that_is_answered_is_left_alone(app: Any, home: Home, use_cases: Any) -> None:
    first = await serve_unix(app, home.socket)

    with pytest.raises(AddressTaken):
        await serve_unix(make_app(use_cases, admission.peer_of), home.socket)

    assert await alive(str(home.socket)) == 200
    await first.close()


async def test_a_folder_that_is_missing_is_an_error(app: Any, home: Home) -> None:
    with pytest.raises(OSError, match="No such file"):
        await serve_unix(app, home.root / "none" / "daemon.sock")


async def test_another_user_is_denied(app: Any, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "_peer_uid", lambda _: os.geteuid() + 1)
    server = await serve_unix(app, home.socket)

    assert await alive(str(home.socket)) == 403
    await server.close()


@pytest.mark.parametrize(
    ("given", "status"), [("Bearer right", 200), ("Bearer wrong", 401), ("right", 401), (None, 401)]
)
async def test_over_tcp_the_token_lets_in(use_cases: Any, given: str | None, status: int) -> None:
    server = await serve_tcp(make_app(use_cases, admission.holder_of("right")), tcp_listener("127.0.0.1", 0))
    headers = {"Authorization": given} if given else {}
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{server.port}/api/v1/status", headers=headers) as answer,
    ):
        seen = answer.status
    await server.close()

    assert seen == status


async def test_an_actor_of_tcp_is_never_taken_from_a_peer(use_cases: Any) -> None:
    """An application made for the unix socket, served over TCP by mistake, lets nobody in."""
    server = await serve_tcp(make_app(use_cases, admission.peer_of), tcp_listener("127.0.0.1", 0))
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{server.port}/api/v1/status") as answer,
    ):
        seen = answer.status
    await server.close()

    assert seen == 403
