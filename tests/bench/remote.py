"""What sessions on a host cost over SSH, beside bare asyncssh on one connection to the same sshd, in the same run.

Everything goes over loopback to a real sshd. Bare is a command on an exec channel, or on one with a terminal: it keeps nothing, and
ends with its connection. The shell that sshd starts for each command reads no start-up files here: they are the user's, and would count
for the bare floors alone, because a warm process starts ours.
"""

import asyncio
import json
import os
import resource
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any, Final

from floors import FirstByte, first_bytes
from measured_daemon import FAR, Daemon

from chainwright.daemon.testing.sshd import Sshd
from chainwright.runners.port import Exited, Output
from chainwright.runners.ssh import wire
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import HostPorter
from chainwright.runners.ssh.runner import SshRunner
from chainwright.schemas.session import SessionLimits, SessionSpec

STARTS: Final = 20
OUTPUT_MB: Final = 60
SESSIONS: Final = 200
REATTACHED: Final = FAR
ROUNDS: Final = 2
"""At most: most of what is measured here takes seconds, and is a ratio to what stands beside it."""
CONNECTIONS: Final = 50
CHANNELS_EACH: Final = 40
LINES: Final = 5
LIMIT_S: Final = 300.0
TOKEN: Final = "a token of the bench"
WRITES: Final = f"stty raw; head -c {OUTPUT_MB * 1_000_000} /dev/zero"

Figures = dict[str, float]


class Box:
    """A host with sessions, and everything that reaches it. What ``client`` gives knows nothing of those before, like a new daemon."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        no_start_up_files = f"SetEnv HOME={folder}"
        self.sshd = Sshd(folder / "box", "MaxStartups 200:30:300", "MaxSessions 10", no_start_up_files)
        self.epoch = 0
        self._count = 0

    @asynccontextmanager
    async def client(self) -> AsyncIterator[SshRunner]:
        """A runner with connections of its own."""
        self.epoch += 1
        connections = HostConnections("box", self.sshd.settings(), home=self.folder, chance=Random(1))
        runner = SshRunner(connections, HostPorter(connections, owner="bench"))
        try:
            yield runner
        finally:
            await runner.close()

    @asynccontextmanager
    async def bare(self) -> AsyncIterator[wire.Connection]:
        """A connection of the library's, without anything of ours around it."""
        connection = await self.connect()
        try:
            yield connection
        finally:
            connection.abort()

    async def connect(self) -> wire.Connection:
        """One that belongs to the caller."""
        settings = self.sshd.settings()
        target = wire.Target(name="box", settings=settings, home=self.folder, tunnel=None, within_s=60.0)
        return await wire.connected(target, on_loss=lambda: None)

    def spec(self, script: str) -> SessionSpec:
        """Of the next session."""
        self._count += 1
        return SessionSpec(
            id=f"bench{self._count}-a-1-1",
            token=TOKEN,
            epoch=self.epoch,
            interpreters=(("bash", "-e"),),
            script=script,
            env={"PATH": os.environ["PATH"]},
            limits=SessionLimits(linger_s=60.0, on_max_log="block"),
        )

    async def ended(self, runner: SshRunner, session_id: str) -> None:
        """Follow a session to its end, and let it go."""
        async for told in runner.follow(session_id, token=TOKEN, epoch=self.epoch, events_from=0):
            if isinstance(told, Exited):
                break
        await runner.forget(session_id, token=TOKEN, epoch=self.epoch)


async def measured(rounds: int) -> dict[str, Any]:
    """Every figure of every round, as median, least and most."""
    seen: dict[str, list[float]] = {}
    for number in range(min(rounds, ROUNDS)):
        print(f"W9 round {number + 1}", file=sys.stderr)
        for name, value in (await _in_a_process_of_its_own()).items():
            seen.setdefault(name, []).append(value)
        for measure in (starts, output, many, reattached):
            with tempfile.TemporaryDirectory(prefix="cwb", dir="/tmp") as folder:
                for name, value in (await _at_a_box(Path(folder), measure)).items():
                    seen.setdefault(name, []).append(value)
    return {
        name: {"median": statistics.median(values), "min": min(values), "max": max(values)}
        for name, values in seen.items()
    }


async def _in_a_process_of_its_own() -> Figures:
    """:func:`channels`: how much a process grows can only be seen where nothing else has been."""
    child = await asyncio.create_subprocess_exec(sys.executable, __file__, stdout=asyncio.subprocess.PIPE)
    said, _ = await child.communicate()
    found: Figures = json.loads(said)
    return found


async def _at_a_box(folder: Path, measure: "Callable[[Box], Awaitable[Figures]]") -> Figures:
    box = Box(folder)
    box.sshd.start()
    try:
        async with asyncio.timeout(LIMIT_S):
            return await measure(box)
    finally:
        box.sshd.stop()
        _end_sessions(folder / "box" / "r")
        shutil.rmtree(folder / "box" / "r", ignore_errors=True)


def _end_sessions(root: Path) -> None:
    """What a measurement that failed has left there."""
    for record in root.glob("*/s/*/child.json"):
        if not record.with_name("exit.json").exists():
            with suppress(ProcessLookupError):
                os.killpg(json.loads(record.read_text())["pid"], signal.SIGKILL)


# ── what is measured ─────────────────────────────────────────────────────────────────────────────────────────────────


async def starts(box: Box) -> Figures:
    """Milliseconds from asking to the agent's first byte."""
    fifo = FirstByte(box.folder / "first")
    found: Figures = {}
    try:
        async with box.client() as runner, box.bare() as connection:

            async def ours() -> None:
                spec = box.spec(fifo.command)
                await runner.start(spec)
                await box.ended(runner, spec.id)

            for name, submit in (
                ("start", ours),
                ("exec", lambda: bare(connection, fifo.command, None)),
                ("pty", lambda: bare(connection, fifo.command, TERMINAL)),
            ):
                await first_bytes(fifo, submit, 2)  # what the first ones upload and load, later ones do not
                for quantile, value in (await first_bytes(fifo, submit, STARTS)).items():
                    found[f"{name}_{quantile}_ms"] = value
    finally:
        fifo.close()
    return found


TERMINAL: Final = wire.TerminalWish(type="xterm-256color", rows=40, cols=120)


async def bare(connection: wire.Connection, command: str, terminal: wire.TerminalWish | None) -> int:
    """Run a command of its own to its end; how many bytes it printed."""
    channel = await wire.opened(connection, command, terminal=terminal, errors=False)
    size = 0
    while data := await channel.reader.read(1 << 16):
        size += len(data)
    channel.close()
    return size


async def output(box: Box) -> Figures:
    """MB in a second of one session's output, written to the disk there and watched here while it is written."""
    async with box.client() as runner, box.bare() as connection:
        size = OUTPUT_MB * 1_000_000
        spec = box.spec(WRITES)
        begun = time.perf_counter()
        await runner.start(spec)
        assert await _watched(runner, box, spec.id) >= size
        ours_s = time.perf_counter() - begun
        await runner.forget(spec.id, token=TOKEN, epoch=box.epoch)
        exec_s = await _timed(bare(connection, f"head -c {size} /dev/zero", None))
        pty_s = await _timed(bare(connection, WRITES, TERMINAL))
    return {
        "output_mb_s": OUTPUT_MB / ours_s,
        "output_exec_mb_s": OUTPUT_MB / exec_s,
        "output_pty_mb_s": OUTPUT_MB / pty_s,
    }


async def _watched(runner: SshRunner, box: Box, session_id: str) -> int:
    terminal = await runner.attach(session_id, token=TOKEN, epoch=box.epoch, role="viewer", offset=0)
    size = 0
    try:
        async for told in terminal:
            if isinstance(told, Output):
                size += len(told.data)
            elif isinstance(told, Exited):
                break
    finally:
        await terminal.close()
    return size


async def _timed(work: Awaitable[Any]) -> float:
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun


async def many(box: Box) -> Figures:
    """Sessions that run and are followed at once: seconds until they do, and how many connections that takes."""
    go = box.folder / "go"
    os.mkfifo(go)
    async with box.client() as runner:
        specs = [box.spec(f"read -r _ <{go}") for _ in range(SESSIONS)]
        start_s = await _timed(asyncio.gather(*(runner.start(spec) for spec in specs)))
        following = [asyncio.create_task(box.ended(runner, spec.id)) for spec in specs]
        holder = os.open(go, os.O_RDWR)
        os.write(holder, b"\n" * SESSIONS)
        end_s = await _timed(asyncio.gather(*following))
        connections = len(runner.connections)  # those that are idle stay for a while
        os.close(holder)
    return {"many_start_s": start_s, "many_end_s": end_s, "many_connections": connections}


async def reattached(box: Box) -> Figures:
    """Seconds from the exec of a daemon, whose predecessor was killed, until it knows every session to run again; and until all that
    end then are on record."""
    go = box.folder / "go"
    os.mkfifo(go)
    settings = box.sshd.settings(slots=REATTACHED, labels=["box"])
    host = {"name": "box", "settings": settings.model_dump(mode="json", exclude_none=True)}
    async with Daemon(box.folder, 0) as daemon:
        run = await daemon.begin_far(host, REATTACHED, go)
        await daemon.until_held("box", REATTACHED)
        while _begun(settings.root) < REATTACHED:  # noqa: ASYNC110 - other processes' doing
            await asyncio.sleep(0.05)
        begun = time.perf_counter()
        ready_s = await daemon.kill_and_start()
        await daemon.until_held("box", REATTACHED)
        found_s = time.perf_counter() - begun
        holder = os.open(go, os.O_RDWR)
        os.write(holder, b"\n" * REATTACHED)
        end_s = await _timed(daemon.until_finished(run))
        os.close(holder)
    return {"reattach_s": found_s, "reattach_ready_s": ready_s, "reattach_end_s": end_s}


def _begun(root: str) -> int:
    return len(list(Path(root).glob("*/s/*/child.json")))


async def channels(box: Box) -> Figures:
    """Many channels over many connections: how much larger they make this process, and its CPU for a line on each."""
    path = box.folder / "echo.sock"
    server = await asyncio.create_subprocess_exec(sys.executable, __file__, str(path))
    while not path.exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)
    before_mb, before_s = _rss_mb(), time.process_time()
    opened: list[wire.Connection] = []
    try:
        for _ in range(CONNECTIONS):
            opened.append(await box.connect())  # one after the other, as a host would be reached
        streams = await asyncio.gather(
            *(wire.socket_on(each, str(path)) for each in opened for _ in range(CHANNELS_EACH))
        )
        open_cpu_s, grown_mb = time.process_time() - before_s, _rss_mb() - before_mb
        begun, cpu = time.perf_counter(), time.process_time()
        for _ in range(LINES):
            await asyncio.gather(*(_line(reader, writer) for reader, writer in streams))
        lines_s, lines_cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    finally:
        for connection in opened:
            connection.abort()
        server.kill()
        await server.wait()
    lines = LINES * CONNECTIONS * CHANNELS_EACH
    return {
        "channels_mb": grown_mb,
        "channels_open_cpu_s": open_cpu_s,
        "channels_lines_per_s": lines / lines_s,
        "channels_cpu_us_per_line": lines_cpu_s / lines * 1e6,
    }


async def echo(path: str) -> None:
    """Say back whatever is said; for ever, in a process of its own, so that its work is not ours."""
    server = await asyncio.start_unix_server(_echo, path, backlog=1024)
    await server.serve_forever()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
    writer.close()


async def _line(reader: Any, writer: Any) -> None:
    writer.write(b"x" * 99 + b"\n")
    seen = 0
    while seen < 100:
        seen += len(await reader.read(100))


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def table(found: dict[str, Any]) -> list[str]:
    """The figures for people, each beside its floor."""
    one = {name: value["median"] for name, value in found.items()}

    def row(what: str, ours: str, floor: str, aim: str) -> str:
        return f"{'':4}{what:36}{ours:>18}{floor:>37}  {aim}"

    rows = [
        row(
            f"remote start, {quantile}",
            f"{one[f'start_{quantile}_ms']:.3g} ms",
            f"exec {one[f'exec_{quantile}_ms']:.3g}, pty {one[f'pty_{quantile}_ms']:.3g} ms; "
            f"{one[f'start_{quantile}_ms'] / one[f'pty_{quantile}_ms']:.1f} x pty",
            "",
        )
        for quantile in ("median", "p95")
    ]
    rows += [
        row(
            "remote output, watched",
            f"{one['output_mb_s']:.3g} MB/s",
            f"exec {one['output_exec_mb_s']:.3g}, pty {one['output_pty_mb_s']:.3g} MB/s",
            ">= 40 MB/s",
        ),
        row(
            f"{SESSIONS} remote sessions",
            f"{one['many_start_s']:.3g} s",
            f"{one['many_connections']:.0f} connection(s)",
            "one connection",
        ),
        row(
            f"{REATTACHED} found again after a kill",
            f"{one['reattach_s']:.3g} s",
            f"{one['reattach_ready_s']:.3g} s of it until ready; ended in {one['reattach_end_s']:.3g} s",
            "300 in 5 s",
        ),
        row(
            f"{CONNECTIONS * CHANNELS_EACH} channels, {CONNECTIONS} connections",
            f"{one['channels_mb']:.3g} MB",
            f"{one['channels_cpu_us_per_line']:.3g} µs CPU a line",
            "<= 150 MB",
        ),
    ]
    rows[0] = "W9  " + rows[0][4:]
    return rows


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(echo(sys.argv[1]))
    with tempfile.TemporaryDirectory(prefix="cwb", dir="/tmp") as made:
        print(json.dumps(asyncio.run(_at_a_box(Path(made), channels))))
