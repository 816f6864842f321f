"""The TCP address: had where it was asked for, done without where nobody named it, and named to people; and the token, made once."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chainwright.daemon import config
from chainwright.daemon.listening import address_of, listen, public_address, token_of
from chainwright.daemon.web.server import AddressTaken


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def settings(home: Path, **told: object) -> config.Config:
    return config.load({"listen": told}, environ={"CHAINWRIGHT_HOME": str(home)}, system_folder=home / "etc")


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_it_listens_and_says_where(tmp_path: Path, host: str, shown: str) -> None:
    listener = listen(settings(tmp_path, host=host, port=0))
    assert listener is not None
    with listener:
        port = listener.getsockname()[1]
        socket.create_connection((host, port), timeout=5).close()

        assert address_of(listener, host) == f"http://{shown}:{port}"


def test_without_a_port_there_is_no_tcp(tmp_path: Path) -> None:
    assert listen(settings(tmp_path, port=None)) is None
    assert address_of(None, "127.0.0.1") is None


def test_a_port_that_was_asked_for_has_to_be_had(tmp_path: Path, taken: int) -> None:
    with pytest.raises(AddressTaken, match=str(taken)):
        listen(settings(tmp_path, port=taken))


def test_a_port_that_nobody_named_may_be_anothers(tmp_path: Path, taken: int) -> None:
    assert listen(replace(settings(tmp_path, port=taken), origins={})) is None


def test_people_are_told_the_public_address_before_any_other(tmp_path: Path) -> None:
    told = settings(tmp_path, public_url="https://chains.example.org/ours/")

    assert public_address(told, "http://127.0.0.1:1") == "https://chains.example.org/ours"
    assert public_address(settings(tmp_path), "http://127.0.0.1:1") == "http://127.0.0.1:1"
    assert public_address(settings(tmp_path), None) == f"unix://{tmp_path}/daemon.sock"


@pytest.mark.parametrize("url", ["chains.example.org", "ftp://chains.example.org", "https://", "https://a/?b=c"])
def test_a_public_address_is_one(tmp_path: Path, url: str) -> None:
    with pytest.raises(config.BadConfig, match=r"listen\.public_url"):
        settings(tmp_path, public_url=url)


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "token"
    token = token_of(path)

    assert len(token) >= 32
    assert token_of(path) == token
    assert path.stat().st_mode & 0o777 == 0o600
