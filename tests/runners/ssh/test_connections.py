"""Connections to a real sshd: pinned keys, reasons, and how many there are."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.unreached import ChannelRefused, Unreached

Connect = Callable[..., HostConnections]
MakeSshd = Callable[..., Any]


async def kind_of(connections: HostConnections) -> tuple[str, str]:
    """How it fails to connect."""
    with pytest.raises(Unreached) as unreached:
        await connections.connect()
    return unreached.value.kind, str(unreached.value)


async def test_a_command_runs_and_its_end_is_told(shared_sshd: Any, connect: Connect) -> None:
    ran = await connect(shared_sshd).command("cat; echo bad >&2; exit 3", stdin=b"\0\xff", within_s=20)

    assert (ran.code, ran.out, ran.err) == (3, b"\0\xff", "bad")


async def test_a_host_without_a_pin_is_refused_before_anything_is_sent(connect: Connect, shared_sshd: Any) -> None:
    connections = connect(shared_sshd, host_key=None)
    kind, why = await kind_of(connections)

    assert kind == "no-pin"
    assert "chainwright hosts trust far" in why
    assert await kind_of(connections) == (kind, why), "no wait is promised, for none would change it"


async def test_a_changed_host_key_is_told_and_nothing_is_offered(connect: Connect, make_sshd: MakeSshd) -> None:
    sshd = make_sshd("LogLevel DEBUG1")
    before = sshd.settings().host_key
    sshd.stop()
    sshd.change_host_key()
    sshd.start()

    kind, why = await kind_of(connect(sshd, host_key=before))

    assert kind == "host-key"
    assert "expected ssh-ed25519 SHA256:" in why
    assert "shown ssh-ed25519 SHA256:" in why
    assert "userauth-request" not in (sshd.folder / "sshd.log").read_text()


async def test_a_host_key_of_another_kind_is_told_too(connect: Connect, shared_sshd: Any, tmp_path: Path) -> None:
    sshd = shared_sshd
    rsa = tmp_path / "other"
    await connect(sshd).command(f"ssh-keygen -q -t ecdsa -N '' -C '' -f {rsa}", within_s=20)
    pin = " ".join(rsa.with_suffix(".pub").read_text().split()[:2])

    kind, why = await kind_of(connect(sshd, host_key=pin))

    assert kind == "host-key"
    assert "expected ecdsa-sha2-nistp256" in why
    assert "shown ssh-ed25519" in why


async def test_the_key_that_a_host_shows_is_told_without_a_login(connect: Connect, shared_sshd: Any) -> None:
    sshd = shared_sshd

    assert await connect(sshd, host_key=None, key="nonesuch").shown_host_key() == sshd.settings().host_key


async def test_of_several_keys_the_one_of_the_pinned_kind_is_shown(connect: Connect, make_sshd: MakeSshd) -> None:
    sshd = make_sshd()
    sshd.stop()
    ecdsa = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    ecdsa.write_private_key(sshd.folder / "ecdsa_key")
    (sshd.folder / "ecdsa_key").chmod(0o600)
    sshd.set_options(f"HostKey {sshd.folder / 'ecdsa_key'}")
    sshd.start()
    shown = ecdsa.export_public_key().decode().strip()

    assert await connect(sshd, host_key=shown).shown_host_key() == shown
    assert await connect(sshd).shown_host_key() == sshd.settings().host_key


async def test_who_is_not_let_in_learns_which_keys_were_offered(connect: Connect, make_sshd: MakeSshd) -> None:
    sshd = make_sshd()
    (sshd.folder / "authorized_keys").write_text("")

    kind, why = await kind_of(connect(sshd))

    assert kind == "denied"
    assert f"does not let {sshd.user} in; offered were: {sshd.user_key} (SHA256:" in why


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"address": "nonesuch.invalid"}, ("name", "the address is not known")),
        ({"port": 1}, ("refused", "nothing listens there")),
        ({"key": "nonesuch"}, ("no-key", "No such file")),
        ({"key": None}, ("no-key", "SSH_AUTH_SOCK is not set")),
    ],
)
async def test_the_reason_names_what_is_wrong(
    connect: Connect,
    shared_sshd: Any,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    told: tuple[str, str],
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)

    found, why = await kind_of(connect(shared_sshd, **changes))

    assert (found, told[1] in why) == (told[0], True)


async def test_a_key_with_a_passphrase_is_for_an_agent(connect: Connect, shared_sshd: Any, tmp_path: Path) -> None:
    sshd = shared_sshd
    key = tmp_path / "locked"
    await connect(sshd).command(f"ssh-keygen -q -t ed25519 -N secret -f {key}", within_s=20)

    kind, why = await kind_of(connect(sshd, key=str(key)))

    assert (kind, "add it to an ssh agent" in why) == ("no-key", True)


async def test_the_eleventh_command_opens_another_connection(connect: Connect, make_sshd: MakeSshd) -> None:
    connections = connect(make_sshd("MaxSessions 10", "MaxStartups 10:30:100"))

    opened = await asyncio.gather(*(connections.open("cat") for _ in range(40)))

    assert 4 <= len(connections) <= 6
    for channel in opened:
        channel.writer.write(b"x")
        assert await channel.reader.read(1) == b"x"
        channel.close()


async def test_after_a_failure_nobody_tries_before_it_is_time(
    connect: Connect, make_sshd: MakeSshd, tmp_path: Path
) -> None:
    sshd = make_sshd()
    now = [0.0]
    connections = HostConnections("far", sshd.settings(), home=tmp_path, clock=lambda: now[0])
    sshd.stop()
    assert (await kind_of(connections))[0] == "refused"
    sshd.start()

    assert "tried again in" in (await kind_of(connections))[1]
    now[0] = 1.0
    await connections.connect()
    await connections.close()


async def test_a_lost_connection_ends_what_is_open_and_the_next_question_has_a_new_one(
    connect: Connect, make_sshd: MakeSshd
) -> None:
    sshd = make_sshd()
    connections = connect(sshd)
    channel = await connections.open("cat")
    sshd.cut()

    with pytest.raises(OSError):
        while await channel.reader.read(1):
            pass
    assert (await connections.command("echo again", within_s=20)).out == b"again\n"


async def test_a_host_is_reached_through_another(connect: Connect, make_sshd: MakeSshd) -> None:
    near, far = make_sshd(), make_sshd()

    through = connect(far, jump=connect(near))

    assert (await through.command('echo "$SSH_CONNECTION"', within_s=20)).out.startswith(b"127.0.0.1")
    assert len(near.logins()) > 0


async def test_a_file_of_ssh_settings_is_read_only_when_it_is_named(
    connect: Connect, shared_sshd: Any, tmp_path: Path
) -> None:
    sshd = shared_sshd
    config = tmp_path / "config"
    config.write_text(f"Host alias\n  HostName {sshd.address}\n  Port {sshd.port}\n  IdentityFile {sshd.user_key}\n")
    settings = sshd.settings().model_dump(exclude={"port", "key"}) | {"address": "alias", "ssh_config": "config"}
    connections = HostConnections("far", type(sshd.settings())(**settings), home=tmp_path)

    assert (await connections.command("echo in", within_s=20)).out == b"in\n"
    await connections.close()


async def test_a_socket_that_nobody_listens_on_is_refused(connect: Connect, shared_sshd: Any) -> None:
    with pytest.raises(ChannelRefused):
        await connect(shared_sshd).socket("/tmp/nonesuch.sock")


async def test_a_server_that_says_nothing_is_given_up(
    shared_sshd: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chainwright.runners.ssh.connections.CONNECT_WITHIN_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as quiet:  # accepts in the kernel, and never says a word
        settings = shared_sshd.settings(port=quiet.getsockname()[1])
        kind, why = await kind_of(HostConnections("far", settings, home=tmp_path))

    assert (kind, "gives no answer" in why) == ("silent", True)
