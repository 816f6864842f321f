"""The TCP address: had where it was asked for, done without where nobody named it; and the token, made once."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from chainwright.daemon import config
from chainwright.daemon.listening import address_of, listen, token_of
from chainwright.daemon.web.server import AddressTaken


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def settings(home: Path, **told: object) -> config.Config:
    return config.load({"listen": told}, environ={"CHAINWRIGHT_HOME": str(home)}, system_folder=home / "etc")


async def test_it_listens_and_says_where(tmp_path: Path) -> None:
    server = await listen(web.Application(), settings(tmp_path, port=0))
    assert server is not None
    try:
        assert address_of(server, "127.0.0.1") == f"http://127.0.0.1:{server.port}"
        assert address_of(server, "::1") == f"http://[::1]:{server.port}"
        socket.create_connection(("127.0.0.1", server.port or 0), timeout=5).close()
    finally:
        await server.close()


async def test_without_a_port_there_is_no_tcp(tmp_path: Path) -> None:
    assert await listen(web.Application(), settings(tmp_path, port=None)) is None
    assert address_of(None, "127.0.0.1") is None


async def test_a_port_that_was_asked_for_has_to_be_had(tmp_path: Path, taken: int) -> None:
    with pytest.raises(AddressTaken, match=str(taken)):
        await listen(web.Application(), settings(tmp_path, port=taken))


async def test_a_port_that_nobody_named_may_be_anothers(tmp_path: Path, taken: int) -> None:
    nobody = replace(settings(tmp_path, port=taken), origins={})

    assert await listen(web.Application(), nobody) is None


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "token"
    token = token_of(path)

    assert len(token) >= 32
    assert token_of(path) == token
    assert path.stat().st_mode & 0o777 == 0o600
