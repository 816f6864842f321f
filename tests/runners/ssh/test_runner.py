"""What is particular to the runner of a host: links that are lost, servers that allow little, and a daemon that begins anew."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chainwright.runners import client, session_host
from chainwright.runners.port import EventFound, Exited, HostUnreachable, Output, RunnerError, Running
from chainwright.runners.session_host import descendants, stat_fields
from chainwright.runners.ssh import tools
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import HostPorter
from chainwright.runners.ssh.runner import SshRunner
from chainwright.schemas.session import SessionLimits, SessionSpec

LIMIT_S = 120.0
MakeRunner = Callable[..., SshRunner]
MakeSshd = Callable[..., Any]
WAY: dict[str, Any] = {"token": "token", "epoch": 1}
NUMBERS = b"".join(b"%d\n" % number for number in range(1, 3_000_000))  # 21 MiB


def a_spec(script: str, session_id: str = "a1", **limits: Any) -> SessionSpec:
    return SessionSpec(
        id=session_id,
        interpreters=(("bash", "-e"),),
        script=script,
        env={"PATH": os.environ["PATH"], "TERM": "xterm"},
        path_env={"CHAINWRIGHT_EVENTS": "events", "OUT": "files/out"},
        limits=SessionLimits(**{"linger_s": 60.0, "grace_s": 2.0, **limits}),
        **WAY,
    )


@pytest.fixture
async def make_runner(tmp_path: Path) -> AsyncIterator[MakeRunner]:
    """Makes runners of an sshd: it, and what the host's settings differ in. The first one's random source begins with 1."""
    made: list[SshRunner] = []

    def make(sshd: Any, **changes: Any) -> SshRunner:
        chance = Random(len(made) + 1)
        connections = HostConnections("far", sshd.settings(**changes), home=tmp_path, chance=chance)
        made.append(SshRunner(connections, HostPorter(connections, owner="me"), chance=chance))
        return made[-1]

    yield make
    for runner in made:
        await runner.close()


async def life(runner: SshRunner, session_id: str = "a1", events_from: int = 0) -> list[Any]:
    """Everything that is told of a session, to its end."""
    async with asyncio.timeout(LIMIT_S):
        return [fact async for fact in runner.follow(session_id, events_from=events_from, **WAY)]


async def output(runner: SshRunner, session_id: str = "a1") -> bytes:
    """What a viewer is shown from the first byte to the end."""
    return await shown_by(await runner.attach(session_id, role="viewer", offset=0, **WAY))


async def shown_by(terminal: Any) -> bytes:
    """Everything, to the end; each piece must begin where the one before ended."""
    data = bytearray()
    async with asyncio.timeout(LIMIT_S):
        async for shown in terminal:
            if isinstance(shown, Output):
                assert shown.offset == len(data)
                data += shown.data
    await terminal.close()
    return bytes(data)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not is_so():  # noqa: ASYNC110 - what is awaited happens in other processes
            await asyncio.sleep(0.02)


async def test_twenty_megabytes_arrive_byte_for_byte(shared_sshd: Any, make_runner: MakeRunner) -> None:
    runner = make_runner(shared_sshd)
    await runner.start(a_spec("stty -opost; seq 1 2999999", "mib"))

    assert await output(runner, "mib") == NUMBERS


async def test_a_person_at_a_terminal_channel_sees_every_byte_and_nothing_else(
    shared_sshd: Any, make_runner: MakeRunner
) -> None:
    runner = make_runner(shared_sshd)
    await runner.start(a_spec("stty -opost; seq 1 2999999", "person"))
    person = await runner.person("person", role="viewer", **WAY)
    seen = bytearray()
    async with asyncio.timeout(LIMIT_S):
        while data := await person.read():
            seen += data

    assert (len(seen), bytes(seen) == NUMBERS) == (len(NUMBERS), True), bytes(seen[-2000:])
    person.close()


async def test_a_person_types_resizes_and_leaves(shared_sshd: Any, make_runner: MakeRunner) -> None:
    runner = make_runner(shared_sshd)
    spec = a_spec("stty -echo; echo ready; while :; do stty size; read -r -t 0.3 x && echo got $x || :; done", "keys")
    await runner.start(spec)
    while b"ready" not in await runner.read("keys", "out.log"):  # noqa: ASYNC110 - another process's doing
        await asyncio.sleep(0.02)
    person = await runner.person("keys", role="typist", terminal=("xterm", 31, 99), **WAY)

    async def shows(text: bytes) -> bytes:
        seen = b""
        async with asyncio.timeout(LIMIT_S):
            while text not in seen:
                seen += await person.read()
        return seen

    await shows(b"31 99")
    person.resize(17, 71)
    await shows(b"17 71")
    await person.type(b"hello\n")
    assert b"token" not in await shows(b"got hello")
    person.close()

    await runner.stop("keys", grace_s=1.0, **WAY)
    assert (await life(runner, "keys"))[-1].exit.ended_by == "stop"


async def test_a_new_daemon_finds_the_sessions_of_the_one_before(shared_sshd: Any, make_runner: MakeRunner) -> None:
    first = make_runner(shared_sshd)
    await first.start(a_spec("echo >$CHAINWRIGHT_EVENTS/new/e; read -r _; exit 6", "found"))
    await first.connections.close()  # as one that was killed: nothing is said to anybody

    second = make_runner(shared_sshd)
    terminal = await second.attach("found", token="token", epoch=2, role="typist", offset=0)
    await terminal.send(1, b"\n")
    await terminal.close()

    assert [type(told) for told in await life(second, "found")] == [EventFound, Exited]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Makes this daemon, and what it puts on hosts from now on, that of another version of the protocol."""
    now = tools.files()

    def another(version: int) -> None:
        oldest = version - 1
        now_here = b"\nPROTO = %d\n" % session_host.PROTO
        changed = {now_here: b"\nPROTO = %d\n" % version, b"max(1, PROTO - 1)": b"%d" % oldest}
        files = tuple((name, replaced(text, changed) if "session_host" in name else text) for name, text in now)
        monkeypatch.setattr(tools, "files", lambda: files)
        monkeypatch.setattr(client, "PROTOCOL", version)
        monkeypatch.setattr(client, "OLDEST_PROTOCOL", oldest)
        tools.digest.cache_clear()

    yield another
    tools.digest.cache_clear()


def replaced(text: bytes, changed: dict[bytes, bytes]) -> bytes:
    for before, after in changed.items():
        assert text.count(before) == 1
        text = text.replace(before, after)
    return text


async def test_a_session_that_the_version_before_has_started_is_followed_typed_into_and_ended(
    shared_sshd: Any, make_runner: MakeRunner, installed: Callable[[int], None]
) -> None:
    """Its session host, which runs what was put there then, speaks N - 1, and nothing else than that and the one before."""
    installed(5)
    first = make_runner(shared_sshd)
    await first.start(a_spec("read -r _; echo heard; sleep 600", "old"))
    before = tools.digest()
    await first.connections.close()

    installed(6)
    second = make_runner(shared_sshd)
    terminal = await second.attach("old", role="typist", offset=0, **WAY)
    await terminal.send(1, b"\n")
    shown = b""
    async with asyncio.timeout(LIMIT_S):
        async for told in terminal:
            shown += told.data if isinstance(told, Output) else b""
            if b"heard" in shown:
                break
    await terminal.close()
    person = await second.person("old", role="viewer", **WAY)
    assert b"heard" in await person.read()
    person.close()
    await second.stop("old", grace_s=1.0, **WAY)

    assert (await life(second, "old"))[-1].exit.ended_by == "stop"
    assert tools.digest() != before


async def test_one_that_is_two_versions_behind_is_let_be_and_that_is_said(
    shared_sshd: Any, make_runner: MakeRunner, installed: Callable[[int], None]
) -> None:
    installed(5)
    first = make_runner(shared_sshd)
    await first.start(a_spec("read -r _", "older"))
    installed(7)
    second = make_runner(shared_sshd)

    with pytest.raises(RunnerError, match=r"this one, which speaks 6 to 7 \(protocol 6 to 7 is asked for, 4 to 5 is"):
        await second.attach("older", role="viewer", offset=0, **WAY)
    assert isinstance(await second.poll("older"), Running)
    await first.connections.close()
    installed(6)
    third = make_runner(shared_sshd)
    await third.stop("older", grace_s=1.0, **WAY)

    assert (await life(third, "older"))[-1].exit.ended_by == "stop"


async def test_forty_agents_at_once_fit_through_a_server_that_allows_ten_channels_and_forwards_nothing(
    make_sshd: MakeSshd, make_runner: MakeRunner
) -> None:
    sshd = make_sshd("MaxSessions 10", "MaxStartups 10:30:100", "AllowStreamLocalForwarding no")
    runner = make_runner(sshd)

    async def lived(number: int) -> tuple[int | None, bytes]:
        name = f"n{number}"
        await runner.start(a_spec(f"read -r _; echo {number}; exit {number}", name))
        terminal = await runner.attach(name, role="typist", offset=0, **WAY)
        await terminal.send(1, b"\n")
        end = (await life(runner, name))[-1]
        await terminal.close()
        await runner.forget(name, **WAY)
        return end.exit.code, await runner.read(name, "out.log")

    ended = await asyncio.gather(*(lived(number) for number in range(40)))

    assert [code for code, _ in ended] == list(range(40))
    assert all(out.endswith(b"%d\r\n" % number) for number, (_, out) in enumerate(ended))
    assert runner.connections.forwards is False
    assert 2 <= len(runner.connections) <= 20


async def test_sshd_may_go_and_come_back_under_living_sessions(make_sshd: MakeSshd, make_runner: MakeRunner) -> None:
    sshd = make_sshd()
    runner = make_runner(sshd)
    script = "cd $CHAINWRIGHT_EVENTS; for i in 1 2 3; do echo $i >tmp/e; mv tmp/e new/e$i; echo out $i; read -r _; done; exit 4"
    await runner.start(a_spec(script))
    following = asyncio.create_task(life(runner))
    watching = asyncio.create_task(shown_by(await runner.attach("a1", role="viewer", offset=0, **WAY)))
    typing = await runner.attach("a1", role="typist", offset=0, **WAY)
    shown = aiter(typing)
    for seq in (1, 2, 3):
        seen = b""
        async with asyncio.timeout(LIMIT_S):
            while b"out %d" % seq not in seen:
                found = await anext(shown)
                seen += found.data if isinstance(found, Output) else b""
        sshd.stop()
        await typing.send(seq, b"\n")  # into nothing: it is sent again
        sshd.start()
    rest = [shown async for shown in shown]  # as whoever types does: what was typed into nothing goes with the new link
    told = await following
    await typing.close()

    assert isinstance(rest[-1], Exited)
    assert [fact.line.content for fact in told[:-1]] == ["1\n", "2\n", "3\n"]
    assert told[-1].exit.code == 4
    assert await watching == await runner.read("a1", "out.log")


async def test_connections_that_are_cut_at_random_moments_cost_no_byte_and_no_event(
    make_sshd: MakeSshd, make_runner: MakeRunner
) -> None:
    chance = Random(5)
    sshd = make_sshd()
    runner = make_runner(sshd)
    script = (
        "stty -opost; for i in $(seq 1 60); do seq $((i*3000)) $((i*3000+2999)); "
        "echo $i >$CHAINWRIGHT_EVENTS/tmp/e; mv $CHAINWRIGHT_EVENTS/tmp/e $CHAINWRIGHT_EVENTS/new/e$i; done"
    )
    await runner.start(a_spec(script))
    following = asyncio.create_task(life(runner))
    watching = await runner.attach("a1", role="viewer", offset=0, **WAY)
    seen, cut_at, cuts = bytearray(), 0, 0
    async with asyncio.timeout(LIMIT_S):
        async for shown in watching:
            if isinstance(shown, Output):
                assert shown.offset == len(seen)
                seen += shown.data
            if len(seen) > cut_at and cuts < 12:
                sshd.cut()
                cuts, cut_at = cuts + 1, len(seen) + chance.randrange(200_000)
    await watching.close()

    assert bytes(seen) == b"".join(b"%d\n" % number for number in range(3000, 183_000))
    assert [fact.line.content for fact in await following if isinstance(fact, EventFound)] == [
        f"{number}\n" for number in range(1, 61)
    ]
    assert cuts >= 5


async def test_a_start_whose_answer_was_lost_starts_once(make_sshd: MakeSshd, make_runner: MakeRunner) -> None:
    sshd = make_sshd()
    runner = make_runner(sshd)
    await runner.porter.about()
    spec = a_spec("echo ran >>$OUT; read -r _")
    starting = asyncio.create_task(runner.start(spec))
    record = sshd.folder / "r" / "me" / "s" / "a1" / "child.json"
    while not record.exists() and not starting.done():  # noqa: ASYNC110 - another process's doing
        await asyncio.sleep(0)
    sshd.cut()
    with suppress(HostUnreachable):
        await starting

    async with asyncio.timeout(LIMIT_S):
        while True:
            with suppress(HostUnreachable):
                await runner.start(spec)
                break
            await asyncio.sleep(0.1)

    await until((record.parent / "files" / "out").exists)
    await runner.stop("a1", grace_s=1.0, **WAY)
    await life(runner)
    assert await runner.read("a1", "files/out") == b"ran\n"


async def test_a_host_that_is_down_is_unreachable_and_says_why(make_sshd: MakeSshd, make_runner: MakeRunner) -> None:
    sshd = make_sshd()
    runner = make_runner(sshd)
    sshd.stop()
    runner.folders.patience_s = 0.5

    with pytest.raises(HostUnreachable, match="nothing listens there"):
        await runner.poll("a1")
    with pytest.raises(HostUnreachable, match="nothing listens there"):
        await life(runner)


async def test_a_long_path_of_a_session_is_no_obstacle(shared_sshd: Any, make_runner: MakeRunner) -> None:
    runner = make_runner(shared_sshd)
    name = "x" * 120
    await runner.start(a_spec("exit 4", name))

    assert (await life(runner, name))[-1].exit.code == 4
    assert runner.connections.forwards is True
    await runner.forget(name, **WAY)
    await runner.remove(name)


async def test_a_root_that_is_too_long_for_sockets_is_told(shared_sshd: Any, make_runner: MakeRunner) -> None:
    sshd = shared_sshd
    runner = make_runner(sshd, root=f"{sshd.folder}/{'y' * 90}")
    await runner.start(a_spec("exit 4"))

    with pytest.raises(RunnerError, match="choose a shorter `root`"):
        await life(runner)


def warm_processes(porter: int) -> list[int]:
    """The fork servers of a porter, and not what they have become parents of."""
    found = {pid: stat_fields(pid) for pid in descendants(porter)}
    return [pid for pid, fields in found.items() if fields and int(fields[1]) == porter and fields[0] != b"Z"]


async def test_a_warm_process_that_was_killed_is_not_missed_and_goes_with_its_porter(
    make_sshd: MakeSshd, make_runner: MakeRunner
) -> None:
    runner = make_runner(make_sshd())
    await runner.start(a_spec("exit 4", "warm"))
    porter = await runner.porter.call("pid")
    (first,) = warm_processes(porter)
    os.kill(first, signal.SIGKILL)

    await runner.start(a_spec("exit 5", "next"))

    assert [(await life(runner, name))[-1].exit.code for name in ("warm", "next")] == [4, 5]
    await runner.start(a_spec("exit 6", "after"))
    (second,) = warm_processes(porter)
    await runner.porter.close()
    await until(lambda: not Path(f"/proc/{second}").exists())


async def test_what_runs_of_other_daemons_below_the_same_root_is_listed_as_theirs_and_left_alone(
    make_sshd: MakeSshd, make_runner: MakeRunner, tmp_path: Path
) -> None:
    sshd = make_sshd()
    connections = HostConnections("far", sshd.settings(), home=tmp_path, chance=Random(7))
    other = SshRunner(connections, HostPorter(connections, owner="other"))
    await other.start(a_spec("read -r _", "theirs"))
    await other.start(a_spec("exit 0", "ended"))
    await life(other, "ended")
    runner = make_runner(sshd)
    await runner.start(a_spec("read -r _", "ours"))

    assert [(one.id, one.daemon, one.status) for one in await runner.sessions()] == [
        ("ours", None, "running"),
        ("theirs", "other", "running"),
    ]
    assert await runner.unacknowledged() == ["ours"]
    await other.close()
