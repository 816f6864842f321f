"""The porter on a real host: uploaded once, asked many things at a time, started again when it has gone."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners.port import HostUnreachable
from chainwright.runners.session_host import boot_id
from chainwright.runners.ssh import tools
from chainwright.runners.ssh.porter_client import HostPorter
from chainwright.runners.ssh.unreached import NoInterpreter, PorterRefused

MakePorter = Callable[..., HostPorter]
MakeSshd = Callable[..., Any]


def uploaded(sshd: Any) -> Path:
    return Path(sshd.settings().root) / "bin" / tools.digest()


async def test_it_says_what_the_host_is(make_sshd: MakeSshd, make_porter: MakePorter) -> None:
    sshd = make_sshd()

    about = await make_porter(sshd).about()

    assert (about.root, about.home) == (sshd.settings().root, f"{sshd.settings().root}/me")
    assert about.boot_id == boot_id()
    assert about.facts["uid"] == os.getuid()
    assert about.facts["terminals"]["max"] > 0
    assert about.facts["disk"]["free"] > 0
    assert os.stat(about.home).st_mode & 0o777 == 0o700  # noqa: PTH116 - one word on a folder


@pytest.mark.parametrize("options", [(), ("Subsystem none /bin/false",)])
async def test_tools_are_uploaded_once_also_without_sftp(
    make_sshd: MakeSshd, make_porter: MakePorter, options: tuple[str, ...]
) -> None:
    sshd = make_sshd(*options)
    await make_porter(sshd).about()
    first = uploaded(sshd).stat()

    await make_porter(sshd).about()

    assert [path.name for path in uploaded(sshd).parent.iterdir()] == [tools.digest()]
    assert uploaded(sshd).stat().st_ino == first.st_ino
    assert list(uploaded(sshd).rglob("*.pyc"))


async def test_half_of_the_tools_is_found_out_and_replaced(make_sshd: MakeSshd, make_porter: MakePorter) -> None:
    sshd = make_sshd()
    await make_porter(sshd).about()
    (uploaded(sshd) / "chainwright" / "runners" / "session_host.py").write_text("")

    assert await make_porter(sshd).call("ids", root=f"{sshd.settings().root}/me/s") == []
    assert (uploaded(sshd) / "chainwright" / "runners" / "session_host.py").read_text() != ""


async def test_many_questions_at_a_time_are_each_answered(shared_sshd: Any, make_porter: MakePorter) -> None:
    porter = make_porter(shared_sshd)
    root = (await porter.about()).home + "/s"

    found = await asyncio.gather(*(porter.call("look", root=root, ids=[f"a{n}"] * n) for n in range(50)))

    assert [len(each) for each in found] == list(range(50))


async def test_bytes_come_as_they_are(shared_sshd: Any, make_porter: MakePorter) -> None:
    porter = make_porter(shared_sshd)
    folder = Path((await porter.about()).home) / "s" / "a1"
    folder.mkdir()
    (folder / "out.log").write_bytes(bytes(range(256)) * 8192)

    data = await porter.call("read", root=str(folder.parent), session_id="a1", file="out.log", offset=1, limit=1 << 30)

    assert data == (bytes(range(256)) * 8192)[1 : 1 + (1 << 20)]


async def test_refusals_say_what_is_wrong(shared_sshd: Any, make_porter: MakePorter) -> None:
    porter = make_porter(shared_sshd)

    for operation, arguments, kind in (
        ("nonesuch", {}, "unknown-operation"),
        ("look", {"root": "/", "ids": ["../x"]}, "no-session"),
        ("ids", {"root": "/etc/hostname"}, "system"),
        ("ids", {"wrong": 1}, "mistake"),
    ):
        with pytest.raises(PorterRefused) as refused:
            await porter.call(operation, **arguments)
        assert refused.value.kind == kind


async def test_a_porter_that_was_killed_is_started_again(shared_sshd: Any, make_porter: MakePorter) -> None:
    porter = make_porter(shared_sshd)
    pid = await porter.call("pid")
    os.kill(pid, signal.SIGKILL)

    with pytest.raises(HostUnreachable):
        while await porter.call("pid") == pid:
            pass

    assert await porter.call("pid") != pid


async def test_what_a_shell_prints_first_is_no_answer(
    make_sshd: MakeSshd, make_porter: MakePorter, tmp_path: Path
) -> None:
    noise = tmp_path / "noise"
    noise.write_text("echo welcome; echo 'to this host' >&2; eval \"$SSH_ORIGINAL_COMMAND\"")
    sshd = make_sshd(f"ForceCommand sh {noise}")

    assert (await make_porter(sshd).about()).home.endswith("/me")


async def test_without_an_interpreter_the_operator_is_told_what_to_do(
    shared_sshd: Any, make_porter: MakePorter
) -> None:
    with pytest.raises(NoInterpreter, match="`python9` is not there"):
        await make_porter(shared_sshd, python="python9").about()


async def test_a_root_that_cannot_be_made_is_told(shared_sshd: Any, make_porter: MakePorter) -> None:
    with pytest.raises(Exception, match="/proc/nonesuch cannot be made"):
        await make_porter(shared_sshd, root="/proc/nonesuch").about()
