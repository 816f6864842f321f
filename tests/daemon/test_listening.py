"""The TCP address: had before anybody is served, and named to people."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon import config
from chainwright.daemon.listening import address_of, listen, public_address
from chainwright.daemon.web.server import AddressTaken


@pytest.fixture
def configured(tmp_path: Path) -> Any:
    """The configuration in which `listen` says this."""
    environ = {"CHAINWRIGHT_HOME": str(tmp_path)}
    return lambda **told: config.load({"listen": told}, environ=environ, system_folder=tmp_path / "none")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens at."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_no_port_is_no_address(configured: Any, tmp_path: Path) -> None:
    none = configured(port=None)

    assert listen(none) is None
    assert public_address(none, None) == f"unix://{tmp_path}/daemon.sock"


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_the_port_that_was_had_is_named(configured: Any, host: str, shown: str) -> None:
    listener = listen(configured(host=host, port=0))
    assert listener is not None
    with listener:
        port = listener.getsockname()[1]
        address = address_of(listener, host)

    assert address == f"http://{shown}:{port}"
    assert public_address(configured(), address) == address


def test_a_port_that_was_asked_for_has_to_be_had(configured: Any, taken: int) -> None:
    with pytest.raises(AddressTaken, match=f"127.0.0.1:{taken}"):
        listen(configured(port=taken))


def test_people_are_told_the_public_address(configured: Any) -> None:
    told = configured(public_url="https://chains.example.org/ours/")

    assert public_address(told, "http://127.0.0.1:1") == "https://chains.example.org/ours"


@pytest.mark.parametrize("url", ["chains.example.org", "ftp://chains.example.org", "https://", "https://a/?b=c"])
def test_a_public_address_is_one(configured: Any, url: str) -> None:
    with pytest.raises(config.BadConfig, match=r"listen\.public_url"):
        configured(public_url=url)
