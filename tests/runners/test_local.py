"""What is particular to the runner of this machine."""

import asyncio
import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chainwright.runners.local import LocalRunner
from chainwright.runners.port import EventFound, Exited, NoTerminal, RunnerError, StatusChanged
from chainwright.runners.session_host import SPARES, descendants
from chainwright.schemas.session import SessionSpec

LIMIT_S = 30.0
MakeSpec = Callable[..., SessionSpec]


async def end_of(runner: LocalRunner, session_id: str = "a1") -> Exited:
    async with asyncio.timeout(LIMIT_S):
        async for fact in runner.follow(session_id, token="token", epoch=1, events_from=0):
            if isinstance(fact, Exited):
                return fact
    raise AssertionError("no end")


async def until_dead(pid: int) -> None:
    async with asyncio.timeout(LIMIT_S):
        while is_there(pid):  # noqa: ASYNC110 - another process's end
            await asyncio.sleep(0.01)


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def grow(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=9m", disk], check=True, timeout=LIMIT_S)


def limit_files(server: int, limits: tuple[int, int]) -> None:
    """Of the fork server and of the spares that it has; those to come inherit it."""
    resource.prlimit(server, resource.RLIMIT_NOFILE, limits)
    for pid in descendants(server):
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


async def test_sessions_do_not_notice_the_death_of_the_fork_server(local: LocalRunner, a_spec: MakeSpec) -> None:
    await local.start(a_spec("read -r _", id="before"))
    first = local.fork_server_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(LIMIT_S):
        while local.fork_server_pid == first:  # noqa: ASYNC110 - another process's end
            await asyncio.sleep(0.01)
    await local.start(a_spec("exit 4", id="after"))

    assert (await end_of(local, "after")).exit.code == 4
    assert local.fork_server_pid not in (None, first)
    await local.stop("before", token="token", epoch=1, grace_s=1)
    assert (await end_of(local, "before")).exit.ended_by == "stop"


async def test_without_a_fork_server_a_fresh_interpreter_does_it(
    local: LocalRunner, a_spec: MakeSpec, tmp_path: Path
) -> None:
    (tmp_path / "s" / ".fork.sock").unlink()
    await local.start(a_spec("exit 4"))

    assert (await end_of(local)).exit.code == 4


async def test_the_fork_server_ends_with_its_daemon_and_sessions_do_not(
    make_runner: Callable[..., LocalRunner], a_spec: MakeSpec
) -> None:
    first = make_runner()
    await first.open()
    await first.start(a_spec("read -r _; exit 6"))
    server = first.fork_server_pid
    assert server is not None
    await first.close()
    await until_dead(server)
    second = make_runner()
    await second.open()
    terminal = await second.attach("a1", token="token", epoch=2, role="typist", offset=0)
    await terminal.send(1, b"\n")
    await terminal.close()

    assert (await end_of(second)).exit.code == 6
    await second.close()


async def test_a_burst_of_sessions_is_let_go_at_once(local: LocalRunner, a_spec: MakeSpec) -> None:
    """More than there are spares; nobody else holds a connection that the session host has closed."""

    async def lived(session_id: str) -> int | None:
        await local.start(a_spec("exit 4", id=session_id))
        end = await end_of(local, session_id)
        await local.forget(session_id, token="token", epoch=1)
        return end.exit.code

    async with asyncio.timeout(LIMIT_S):
        codes = await asyncio.gather(*(lived(f"s{number}") for number in range(20)))

    assert codes == [4] * 20


async def test_a_newer_owner_follows_on_a_connection_of_its_own(local: LocalRunner, a_spec: MakeSpec) -> None:
    await local.start(a_spec("echo >$CHAINWRIGHT_EVENTS/new/e; exit 4"))
    async with asyncio.timeout(LIMIT_S):
        told = [fact async for fact in local.follow("a1", token="token", epoch=2, events_from=0)]

    assert [type(fact) for fact in told] == [EventFound, Exited]


async def test_a_long_root_is_no_obstacle_for_sockets(
    make_runner: Callable[..., LocalRunner], a_spec: MakeSpec, tmp_path: Path
) -> None:
    runner = make_runner(tmp_path / "s" / ("x" * 120) / ("y" * 120))
    await runner.open()
    await runner.start(a_spec("exit 4"))

    assert (await end_of(runner)).exit.code == 4
    await runner.forget("a1", token="token", epoch=1)
    await runner.close()


async def start_at_last(runner: LocalRunner, spec: SessionSpec) -> None:
    """A spare may have been forked while there was no room."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            with suppress(NoTerminal):
                await runner.start(spec)
                return


async def test_a_host_without_room_is_asked_again_later(local: LocalRunner, a_spec: MakeSpec) -> None:
    """The limit of open files stands for the table of terminals: filling that would reach every test of this machine."""
    server = local.fork_server_pid
    assert server is not None
    async with asyncio.timeout(
        LIMIT_S
    ):  # one without room to get ready would die, and a fresh interpreter take its place
        while len(list(descendants(server))) < 2 * SPARES:  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.01)
    before = resource.prlimit(server, resource.RLIMIT_NOFILE)
    limit_files(server, (14, before[1]))
    with pytest.raises(NoTerminal):
        await local.start(a_spec("exit 4"))
    limit_files(server, before)
    await start_at_last(local, a_spec("exit 4"))

    assert (await end_of(local)).exit.code == 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB where session folders go."""
    root = tmp_path / "s"
    root.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", root]
    mounted = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if mounted.returncode:
        pytest.skip(f"CAPABILITY: needs root to mount a small disk: {mounted.stderr.strip()}")
    yield root
    subprocess.run(["umount", "--lazy", root], check=True, timeout=LIMIT_S)


async def test_a_full_disk_holds_the_agent_and_costs_no_byte(
    small_disk: Path, local: LocalRunner, a_spec: MakeSpec
) -> None:
    await local.start(a_spec("stty -opost; seq 1 300000"))
    told: list[bool] = []
    async with asyncio.timeout(LIMIT_S):
        async for fact in local.follow("a1", token="token", epoch=1, events_from=0):
            if isinstance(fact, StatusChanged):
                told.append(fact.disk_full)
                if fact.disk_full:
                    grow(small_disk)
    expected = b"".join(b"%d\n" % number for number in range(1, 300_001))
    found = await local.read("a1", "out.log", limit=1 << 24)

    assert told == [True, False]
    assert (len(found), found == expected) == (len(expected), True)


async def test_a_session_that_is_stopped_on_a_full_disk_ends(
    small_disk: Path, local: LocalRunner, a_spec: MakeSpec
) -> None:
    await local.start(a_spec("stty -opost; seq 1 300000"))
    async with asyncio.timeout(LIMIT_S):
        async for fact in local.follow("a1", token="token", epoch=1, events_from=0):
            if isinstance(fact, StatusChanged) and fact.disk_full:
                break
    await local.stop("a1", token="token", epoch=1, grace_s=1)
    end = (await end_of(local)).exit

    assert end.ended_by == "stop"
    assert end.dropped > 0


async def test_agents_emit_with_the_command_on_their_path(local: LocalRunner, a_spec: MakeSpec) -> None:
    spec = a_spec("chainwright emit draft --data '{\"n\": 1}'; chainwright runs", path_prefix=str(local.bin_folder))
    await local.start(spec)
    await end_of(local)

    assert b'"event": "draft", "data": {"n": 1}' in (await local.read("a1", "events.log")).replace(b"\\", b"")
    assert await local.read("a1", "out.log") == b"the real one: runs\r\n"


async def test_a_runner_that_is_not_open_starts_nothing(
    make_runner: Callable[..., LocalRunner], a_spec: MakeSpec
) -> None:
    with pytest.raises(RunnerError, match="not open"):
        await make_runner().start(a_spec())


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "x" * 200])
async def test_only_names_are_sessions(local: LocalRunner, name: str) -> None:
    with pytest.raises(RunnerError, match="no session's id"):
        await local.read(name, "out.log")


async def test_folders_that_are_no_sessions_do_not_disturb_the_list(local: LocalRunner, tmp_path: Path) -> None:
    (tmp_path / "s" / "lost+found").mkdir()
    (tmp_path / "s" / "notes.txt").touch()

    assert await local.sessions() == []
