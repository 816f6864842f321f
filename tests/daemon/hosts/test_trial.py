"""A trial says of each thing what it found and how to mend it, in order, and ends where nothing more can be known."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.core.hosts import KnownHost, fingerprint
from chainwright.daemon.hosts.trial import trial

ALL = [
    "name",
    "port",
    "host key",
    "login",
    "shell",
    "python",
    "root",
    "file system",
    "git",
    "room",
    "terminals",
    "clock",
    "tools",
    "streams",
    "channels",
    "session",
    "labels",
]


def ends(found: dict[str, Any], check: str, verdict: str = "failed") -> dict[str, Any]:
    """The check after which nothing but labels was looked at."""
    assert list(found) == [*ALL[: ALL.index(check) + 1], "labels"]
    assert found[check]["verdict"] == verdict
    assert found[check]["hint"]
    told: dict[str, Any] = found[check]
    return told


async def test_a_host_that_has_everything_passes_and_nothing_of_the_trial_is_left(
    make_sshd: Callable[..., Any], try_host: Any, eventually: Any
) -> None:
    """Also where its key is good for nothing else, as docs/hosts.md says."""
    sshd = make_sshd()
    authorized = sshd.folder / "authorized_keys"
    authorized.write_text(f"restrict,pty,port-forwarding {authorized.read_text()}")
    found = await try_host(sshd, {frozenset({"gpu"}): ["brief/write"]}, labels=["gpu", "big"])

    assert list(found) == ALL
    assert {name: one for name, one in found.items() if one["verdict"] not in ("ok", "warning")} == {}
    assert found["port"]["detail"].startswith("SSH-2.0-OpenSSH")
    assert fingerprint(sshd.settings().host_key) in found["host key"]["detail"]
    assert found["channels"]["detail"].startswith("10 over one connection")
    assert found["streams"]["detail"] == "over forwarded sockets"
    assert "takes brief/write; nobody asks for big" in found["labels"]["detail"]
    await eventually(lambda: not list((sshd.folder / "r").glob("*/s/*")))  # the porter goes after its connection


async def test_a_host_that_asks_for_care_is_told_where(make_sshd: Callable[..., Any], try_host: Any) -> None:
    """Noise of the shell, few sessions, no forwarding, and a root that others see: nothing of it keeps agents from running."""
    noisy = 'ForceCommand echo "Welcome to far"; exec sh -c "$SSH_ORIGINAL_COMMAND"'
    sshd = make_sshd(noisy, "MaxSessions 3", "AllowStreamLocalForwarding no")
    (sshd.folder / "r").mkdir(mode=0o755)
    found = await try_host(sshd)

    assert list(found) == ALL
    assert {name for name, one in found.items() if one["verdict"] == "failed"} == set()
    assert found["shell"]["detail"] == 'prints "Welcome to far" before every command'
    assert "chmod 700" in found["root"]["hint"]
    assert "AllowStreamLocalForwarding" in found["streams"]["hint"]
    assert (found["channels"]["verdict"], found["channels"]["detail"]) == ("warning", "3 over one connection")
    assert found["labels"]["verdict"] == "warning"


# where it ends


async def test_a_name_that_leads_nowhere(shared_sshd: Any, try_host: Any) -> None:
    assert "a..b is not known" in ends(await try_host(shared_sshd, address="a..b"), "name")["detail"]


async def test_a_port_at_which_nothing_listens(make_sshd: Callable[..., Any], try_host: Any) -> None:
    sshd = make_sshd()
    sshd.stop()

    assert "nothing listens" in ends(await try_host(sshd), "port")["detail"]


@pytest.mark.parametrize(
    ("said", "told"),
    [(b"HTTP/1.1 400 Bad Request\r\n", 'is no SSH server: it says "HTTP/1.1 400'), (b"", "without a word")],
)
async def test_a_port_at_which_something_else_listens(shared_sshd: Any, try_host: Any, said: bytes, told: str) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        found = await try_host(shared_sshd, port=port)

    assert told in ends(found, "port")["detail"]


async def test_a_host_whose_key_nobody_has_pinned(shared_sshd: Any, try_host: Any) -> None:
    end = ends(await try_host(shared_sshd, host_key=None), "host key")

    assert fingerprint(shared_sshd.settings().host_key) in end["detail"]
    assert end["hint"] == "chainwright hosts trust far"


async def test_a_host_whose_key_has_changed(make_sshd: Callable[..., Any], try_host: Any) -> None:
    sshd = make_sshd()
    pinned = sshd.settings().host_key
    sshd.stop()
    sshd.change_host_key()
    sshd.start()
    end = ends(await try_host(sshd, host_key=pinned), "host key")

    assert fingerprint(pinned) in end["detail"]
    assert fingerprint(sshd.settings().host_key) in end["detail"]


async def test_a_user_whose_key_is_not_let_in(make_sshd: Callable[..., Any], try_host: Any) -> None:
    sshd = make_sshd()
    (sshd.folder / "authorized_keys").write_text("")
    end = ends(await try_host(sshd), "login")

    assert str(sshd.user_key) in end["detail"]
    assert "authorized_keys" in end["hint"]


async def test_a_key_that_is_not_there(shared_sshd: Any, try_host: Any) -> None:
    """The host's own key was compared before: it is the right host, and nothing to log in with."""
    found = await try_host(shared_sshd, key="nobody-has-this")

    assert "nobody-has-this" in ends(found, "login")["detail"]
    assert found["host key"]["verdict"] == "ok"


async def test_a_user_without_a_shell(make_sshd: Callable[..., Any], try_host: Any) -> None:
    end = ends(await try_host(make_sshd("ForceCommand echo not available; exit 1")), "shell")

    assert end["detail"] == '`true` ends with 1: "not available"'


@pytest.mark.parametrize(("durable", "verdict"), [("required", "failed"), ("preferred", "warning")])
async def test_a_host_without_an_interpreter(shared_sshd: Any, try_host: Any, durable: str, verdict: str) -> None:
    found = await try_host(shared_sshd, python="no-such-python", durable=durable)

    assert "no-such-python is not found" in ends(found, "python", verdict)["detail"]


async def test_a_root_that_cannot_be_had(shared_sshd: Any, try_host: Any) -> None:
    assert "/proc/x cannot be made" in ends(await try_host(shared_sshd, root="/proc/x"), "root")["detail"]


async def test_a_host_that_is_reached_through_another(make_sshd: Callable[..., Any], tmp_path: Path) -> None:
    inner, gate = make_sshd(), make_sshd()
    way = [
        KnownHost(name="inner", settings=inner.settings(jump="gate", python="no-such-python"), origin="added"),
        KnownHost(name="gate", settings=gate.settings(), origin="added"),
    ]
    found = [one async for one in trial(way, home=tmp_path, owner="0123456789ab", asked={})]

    assert [one["verdict"] for one in found[:4]] == ["skipped", "skipped", "ok", "ok"]
    assert "gate" in found[0]["detail"]
