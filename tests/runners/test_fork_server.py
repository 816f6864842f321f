"""The fork server and its spares: who dies when, and that a session never runs twice or not at all for it."""

import asyncio
import json
import os
import signal
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners import agent_tools, session_files, session_folder
from chainwright.runners.fork_server import ForkServer, Started
from chainwright.runners.port import Exited, NeverRan, SessionStatus
from chainwright.runners.session_host import SPARES, descendants, stat_fields
from chainwright.schemas.session import SPEC_JSON, SessionSpec

LIMIT_S = 20.0
MakeSpec = Callable[..., SessionSpec]
Sweep = Callable[[Path], None]


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not is_so():  # noqa: ASYNC110 - what is awaited happens in other processes
            await asyncio.sleep(0.005)


def children(pid: int) -> list[int]:
    found = {child: stat_fields(child) for child in descendants(pid)}
    return [child for child, fields in found.items() if fields and int(fields[1]) == pid and fields[0] != b"Z"]


def are_gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.fixture
async def root(tmp_path: Path, sweep: Sweep) -> AsyncIterator[Path]:
    """Where the session folders go."""
    (tmp_path / "s").mkdir()
    yield tmp_path / "s"
    sweep(tmp_path / "s")


@pytest.fixture
async def server(root: Path, tmp_path: Path) -> AsyncIterator[ForkServer]:
    """An open fork server that has all its spares, each with its held agent."""
    server = ForkServer(root, agent_tools.place(tmp_path / "bin", ("echo",)))
    await server.open()
    await until(lambda: len(held_agents(server)) == SPARES)
    yield server
    await server.close()


def pid_of(server: ForkServer) -> int:
    assert server.pid is not None
    return server.pid


def spares(server: ForkServer) -> list[int]:
    return children(pid_of(server))


def held_agents(server: ForkServer) -> list[int]:
    return [agent for spare in spares(server) for agent in children(spare)]


@pytest.fixture
def start(server: ForkServer, root: Path, a_spec: MakeSpec) -> Callable[..., Awaitable[Started]]:
    """Starts a session that notes how often it ran."""

    async def start(session_id: str = "a1") -> Started:
        spec = SPEC_JSON.dump_json(a_spec("echo ran >>$OUT", id=session_id))
        started = await server.start(root / session_id, spec)
        if started.streams is not None:
            started.streams[1].close()
        return started

    return start


def status(folder: Path) -> SessionStatus:
    return session_files.status(folder.name, session_folder.look(str(folder)))


async def has_run_once(folder: Path) -> bool:
    await until((folder / "exit.json").exists)
    end = status(folder)
    return isinstance(end, Exited) and end.exit.code == 0 and (folder / "files" / "out").read_text() == "ran\n"


Start = Callable[..., Awaitable[Started]]


async def test_killed_spares_are_not_noticed(server: ForkServer, start: Start, root: Path) -> None:
    for pid in spares(server):
        os.kill(pid, signal.SIGKILL)

    assert (await start()).answer["ok"] is True
    assert await has_run_once(root / "a1")


async def test_a_spare_whose_held_agent_was_killed_refuses_and_nothing_ran(
    server: ForkServer, start: Start, root: Path
) -> None:
    for pid in held_agents(server):
        os.kill(pid, signal.SIGKILL)
    answer = (await start()).answer

    assert (answer["ok"], answer["kind"]) == (False, "no-terminal")
    assert status(root / "a1") == NeverRan()


async def test_a_spare_that_dies_over_a_request_is_replaced_by_a_fresh_interpreter(
    server: ForkServer, start: Start, root: Path
) -> None:
    stopped = spares(server)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    starting = asyncio.ensure_future(start())
    await until(lambda: len(spares(server)) > SPARES)  # the request was handed over: there is a new spare in its place
    for pid in stopped:
        os.kill(pid, signal.SIGKILL)

    assert (await starting).streams is None
    assert await has_run_once(root / "a1")


async def test_closing_ends_every_spare_and_no_session(server: ForkServer, start: Start, root: Path) -> None:
    child = (await start()).answer["child"]
    await until(lambda: len(held_agents(server)) == SPARES)
    idle = [pid for pid in descendants(pid_of(server)) if pid not in (child["host_pid"], child["pid"])]
    await server.close()
    await until(lambda: are_gone(idle))

    assert len(idle) == 2 * SPARES
    assert await has_run_once(root / "a1")
    assert session_folder.lock_is_held(str(root / "a1"))


async def test_spares_end_with_a_killed_fork_server(server: ForkServer) -> None:
    idle = descendants(pid_of(server))
    os.kill(pid_of(server), signal.SIGKILL)
    await until(lambda: are_gone(idle))

    assert len(idle) == 2 * SPARES


async def test_a_spare_in_the_middle_of_a_start_outlives_the_fork_server(
    server: ForkServer, root: Path, a_spec: MakeSpec
) -> None:
    before = set(spares(server))
    request = b'{"dir": %s, "spec": %s}' % (
        json.dumps(str(root / "a1")).encode(),
        SPEC_JSON.dump_json(a_spec("echo ran >>$OUT")),
    )
    reader, writer = await asyncio.open_unix_connection(root / ".fork.sock")
    writer.write(struct.pack(">I", len(request)) + request[:10])
    await until(lambda: bool(set(spares(server)) - before))
    os.kill(pid_of(server), signal.SIGKILL)
    writer.write(request[10:])
    answer: dict[str, Any] = json.loads(await reader.readline())
    writer.close()

    assert answer["child"]["host_pid"] in before
    assert await has_run_once(root / "a1")


async def test_two_spares_that_get_the_same_session_run_it_once(server: ForkServer, start: Start, root: Path) -> None:
    answers = [started.answer for started in await asyncio.gather(start(), start())]

    assert sorted(bool(answer.get("already")) for answer in answers) == [False, True]
    assert answers[0]["child"] == answers[1]["child"]
    assert await has_run_once(root / "a1")


async def test_a_client_that_asks_nothing_leaves_no_process(server: ForkServer, root: Path) -> None:
    before = set(spares(server))
    _, writer = await asyncio.open_unix_connection(root / ".fork.sock")
    writer.close()
    await until(lambda: not before <= set(spares(server)))
    await until(lambda: len(held_agents(server)) == SPARES)

    assert len(descendants(pid_of(server))) == 2 * SPARES
