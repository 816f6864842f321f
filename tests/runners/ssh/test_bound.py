"""Agents on a host without Python: refused, or bound to the connection and said to be."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chainwright.runners.port import CannotStart, Exited, Lost, NeverRan, Output, Running
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import HostPorter
from chainwright.runners.ssh.runner import SshRunner
from chainwright.schemas.session import SessionLimits, SessionSpec

LIMIT_S = 120.0
WAY: dict[str, Any] = {"token": "token", "epoch": 1}
MakeRunner = Callable[..., SshRunner]


@pytest.fixture
async def make_bare(tmp_path: Path, sweep: Callable[[Path], None]) -> AsyncIterator[MakeRunner]:
    """Makes runners of an sshd whose host has no Python, as far as it is told."""
    made: list[SshRunner] = []

    def make(sshd: Any, **changes: Any) -> SshRunner:
        settings = sshd.settings(**{"python": "python9", "durable": "preferred", **changes})
        connections = HostConnections("bare", settings, home=tmp_path, chance=Random(1))
        made.append(SshRunner(connections, HostPorter(connections, owner="bare"), here=tmp_path / "h"))
        return made[-1]

    yield make
    for runner in made:
        await runner.close()
    sweep(tmp_path / "h")


def a_spec(script: str, session_id: str, **changes: Any) -> SessionSpec:
    given: dict[str, Any] = {
        "id": session_id,
        "interpreters": (("nonesuch",), ("sh", "-e")),
        "script": script,
        "env": {"PATH": os.environ["PATH"], "TERM": "xterm", "A": "it's"},
        "path_env": {"CHAINWRIGHT_EVENTS": "events", "OUTPUT": "files/output"},
        "limits": SessionLimits(linger_s=60.0, grace_s=2.0),
        **WAY,
    }
    return SessionSpec(**{**given, **changes})


async def end_of(runner: SshRunner, session_id: str) -> list[Any]:
    async with asyncio.timeout(LIMIT_S):
        return [fact async for fact in runner.follow(session_id, events_from=0, **WAY)]


async def shown(runner: SshRunner, session_id: str, text: bytes) -> bytes:
    """What a viewer sees, until it has the text."""
    terminal = await runner.attach(session_id, role="viewer", offset=0, **WAY)
    data = b""
    async with asyncio.timeout(LIMIT_S):
        async for each in terminal:
            data += each.data if isinstance(each, Output) else b""
            if text in data:
                break
    await terminal.close()
    return data


async def test_where_sessions_must_be_durable_the_start_says_what_to_do(
    shared_sshd: Any, make_bare: MakeRunner
) -> None:
    runner = make_bare(shared_sshd, durable="required")

    with pytest.raises(CannotStart, match="Install Python 3 there, or say with `python:` where it is"):
        await runner.start(a_spec("true", "refused"))


async def test_output_events_files_and_code_come_back(shared_sshd: Any, make_bare: MakeRunner) -> None:
    runner = make_bare(shared_sshd)
    assert await runner.poll("whole") == NeverRan()
    script = (
        'echo "$A s3cret"; env >&2 | cat; echo a=1 >$OUTPUT; echo \'{"n": 1}\' >$CHAINWRIGHT_EVENTS/tmp/e; '
        "mv $CHAINWRIGHT_EVENTS/tmp/e $CHAINWRIGHT_EVENTS/new/draft; cat ../../$0 >/dev/null 2>&1 || :; exit 3"
    )
    spec = a_spec(script, "whole", masks=("s3cret",))

    child = await runner.start(spec)
    told = await end_of(runner, "whole")

    assert child.durable is False
    assert told[0].line.content == '{"n": 1}\n'
    assert isinstance(told[-1], Exited)
    assert (told[-1].exit.code, told[-1].child and told[-1].child.durable) == (3, False)
    assert (await runner.read("whole", "out.log")).startswith(b"it's ***\r\n")
    assert await runner.read("whole", "files/output") == b"a=1\n"
    await runner.forget("whole", **WAY)
    await runner.remove("whole")
    assert await runner.sessions() == []


async def test_its_environment_is_exactly_what_was_specified(shared_sshd: Any, make_bare: MakeRunner) -> None:
    runner = make_bare(shared_sshd)
    await runner.start(a_spec("env; tty", "env"))
    await end_of(runner, "env")

    lines = (await runner.read("env", "out.log")).decode().splitlines()
    seen = dict(line.split("=", 1) for line in lines[:-1])
    for made_by_the_shell in ("_", "PWD", "OLDPWD", "SHLVL"):
        seen.pop(made_by_the_shell, None)
    assert lines[-1].startswith("/dev/pts/")
    assert sorted(seen) == ["A", "CHAINWRIGHT_EVENTS", "OUTPUT", "PATH", "TERM"]


async def test_it_is_typed_into_resized_and_stopped(shared_sshd: Any, make_bare: MakeRunner) -> None:
    runner = make_bare(shared_sshd)
    script = "stty size; trap 'stty size' WINCH; read -r x; echo got $x; while :; do sleep 0.1; done"
    await runner.start(a_spec(script, "keys", rows=31, cols=99))
    assert b"31 99" in await shown(runner, "keys", b"31 99")
    terminal = await runner.attach("keys", role="typist", offset=0, **WAY)
    await terminal.send(1, b"hello\r")
    await shown(runner, "keys", b"got hello")
    await terminal.resize(12, 34)
    await shown(runner, "keys", b"12 34")
    await terminal.close()

    await runner.stop("keys", grace_s=60.0, **WAY)

    end = (await end_of(runner, "keys"))[-1].exit
    assert (end.ended_by, end.code) == ("stop", 143)


async def test_a_lost_link_is_a_lost_session_of_which_nothing_is_known(make_sshd: Any, make_bare: MakeRunner) -> None:
    sshd = make_sshd()
    runner = make_bare(sshd)
    await runner.start(a_spec("echo ready; exec sleep 600", "lost"))
    await shown(runner, "lost", b"ready")
    assert isinstance(await runner.poll("lost"), Running)
    sshd.cut()

    end = (await end_of(runner, "lost"))[-1]

    assert isinstance(end, Lost)
    assert not end.group_gone
    assert "was lost" in end.detail


async def test_a_daemon_that_goes_loses_it_too(shared_sshd: Any, make_bare: MakeRunner) -> None:
    first = make_bare(shared_sshd)
    await first.start(a_spec("echo ready; exec sleep 600", "gone"))
    await shown(first, "gone", b"ready")
    await first.close()

    end = (await end_of(make_bare(shared_sshd), "gone"))[-1]

    assert isinstance(end, Lost)
    assert not end.group_gone


async def test_steps_are_refused(shared_sshd: Any, make_bare: MakeRunner) -> None:
    with pytest.raises(CannotStart, match="steps need Python"):
        await make_bare(shared_sshd).start(a_spec("", "steps", steps=True))
