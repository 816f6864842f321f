"""``attach``: an agent's terminal in this one, to watch or to type into. Ctrl-] leaves; the agent goes on."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import click

from chainwright.daemon.cli import legs, terminal
from chainwright.daemon.cli.client import API, Client, quoted
from chainwright.daemon.cli.failures import Failure, Refused, Unreachable
from chainwright.daemon.cli.place import Place
from chainwright.daemon.web.codes import EXIT_CONFLICT, EXIT_NOT_FOUND, EXIT_OK

LEAVE: Final = 0x1D
"""Ctrl-], as telnet has it: no program for terminals uses it."""
_INTERRUPT: Final = 0x03
_CONNECT_S: Final = 10.0
_LAST_KEYS_S: Final = 2.0
_READ: Final = 1 << 14
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)


@click.command(short_help="Watch an agent's terminal, or take it over.")
@click.argument("run")
@click.argument("agent")
@click.option("--leg", help="Of a matrix: the number, the name or the values of one of its legs.")
@click.option("--take-over", is_flag=True, help="Type into it; only one person can.")
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True, help="From this byte of the output on.")
@click.pass_obj
def attach(place: Place, /, run: str, agent: str, *, leg: str | None, take_over: bool, offset: int) -> int:
    """Show the terminal of AGENT in RUN. Ctrl-] leaves, and the agent goes on."""
    if take_over and not sys.stdin.isatty():
        raise click.UsageError("--take-over needs a terminal to type in")
    client = place.client
    session = session_of(client.get(f"/runs/{quoted(run)}"), agent, leg)
    what = "typing into" if take_over else "watching"
    terminal.say(f"{what} {agent}; Ctrl-] leaves" + ("" if take_over else ", --take-over types"))
    return asyncio.run(_attached(client, session, take_over=take_over, offset=offset))


def session_of(detail: dict[str, Any], agent: str, leg: str | None) -> str:
    """The id of the latest attempt of the agent or of this leg, which is its session's; a running one before an ended one."""
    if agent not in detail["agents"]:
        raise Failure(f"{detail['id']} has no agent {agent}", f"it has: {', '.join(detail['agents'])}", EXIT_NOT_FOUND)
    turns = detail["agents"][agent]["turns"]
    attempts = [
        attempt
        for turn in turns
        for attempt in turn["attempts"]
        if leg is None or legs.is_called(legs.leg_of(turn, attempt), leg)
    ]
    if not attempts:
        hint = f"chainwright explain {detail['id']} {agent} says why"
        raise Failure(f"{agent}{f', leg {leg},' if leg else ''} has not started yet", hint, EXIT_CONFLICT)
    running = [attempt for attempt in attempts if attempt["state"] == "running"]
    found: str = (running or attempts)[-1]["id"]
    return found


async def _attached(client: Client, session: str, *, take_over: bool, offset: int) -> int:
    from aiohttp import ClientError

    screen = terminal.Screen(sys.stdout.fileno())
    try:
        with terminal.lent(sys.stdin.fileno()):  # before connecting: keys are the agent's from the start
            async with _socket(client, session, take_over=take_over, offset=offset) as socket:
                try:
                    said = await _conversation(socket, screen, take_over=take_over)
                finally:
                    screen.set_back()
    except (ClientError, OSError, TimeoutError) as fault:
        raise Unreachable(client.path, str(fault) or "the connection broke off") from None
    terminal.say(said)
    return EXIT_OK


@asynccontextmanager
async def _socket(client: Client, session: str, *, take_over: bool, offset: int) -> AsyncIterator[Any]:
    import aiohttp

    from chainwright.daemon.web.address import usable

    path = f"{API}/sessions/{quoted(session)}/terminal?offset={offset}&take_over={str(take_over).lower()}"
    with usable(client.path) as name:
        connector = aiohttp.UnixConnector(name)
        async with aiohttp.ClientSession("http://daemon", connector=connector) as http:
            try:
                socket = await asyncio.wait_for(http.ws_connect(path, max_msg_size=0, heartbeat=20.0), _CONNECT_S)
            except aiohttp.WSServerHandshakeError:
                await _refused(http, path)
                raise
            async with socket:
                yield socket


async def _refused(http: Any, path: str) -> None:
    """Ask again without a WebSocket: a failed handshake hides the problem that explains it."""
    async with http.get(path) as answer:
        if answer.content_type == "application/problem+json":
            raise Refused(await answer.json(content_type=None))


async def _conversation(socket: Any, screen: terminal.Screen, *, take_over: bool) -> str:
    """Until the session ends, the daemon leaves, or the person does; gives what there is to say about it."""
    loop = asyncio.get_running_loop()
    left: asyncio.Future[str] = loop.create_future()
    keys = Keys(loop, socket, _resolver(left, "left; the agent goes on"), take_over=take_over)
    showing = asyncio.create_task(_show(socket, screen, keys.watch), name="terminal output")
    keys.open()
    try:
        await asyncio.wait({showing, left}, return_when=asyncio.FIRST_COMPLETED)
        return showing.result() if showing.done() else left.result()
    finally:
        await keys.close()
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait({showing})


def _resolver(future: "asyncio.Future[str]", value: str) -> Callable[[], None]:
    def resolve() -> None:
        if not future.done():
            future.set_result(value)

    return resolve


async def _show(socket: Any, screen: terminal.Screen, lost_keys: Callable[[], None]) -> str:
    from aiohttp import WSMsgType

    async for message in socket:
        if message.type is WSMsgType.BINARY:
            screen.write(message.data)
        elif message.type is WSMsgType.TEXT:
            told = json.loads(message.data)
            if told["type"] == "exit":
                return _end(told)
            if "resized" in told:
                continue  # this window stays as it is
            if "taken_over_by" in told:
                lost_keys()
            terminal.say(_notice(told))
    return "the daemon has gone; the agent goes on"


def _end(record: dict[str, Any]) -> str:
    if record.get("signal"):
        return f"the agent was ended by {signal.Signals(record['signal']).name}"
    return f"the agent has ended with exit code {record.get('code')}"


def _notice(told: dict[str, Any]) -> str:
    for key, sentence in _NOTICES.items():
        if told.get(key):
            return sentence.format(told[key])
    words = [str(told[key]) for key in ("title", "detail") if told.get(key)]
    return ": ".join(words) or "all is well again"


_NOTICES: Final = {
    "taken_over_by": "{} types now; you watch",
    "released_by": "{} does not type any more",
    "disk_full": "the disk is full: the agent is held until there is room",
    "truncated": "the log has reached its limit; what follows is not kept",
}


class Keys:
    """Takes the person's keys and the window's size to the session, in their order, for as long as it is open."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, socket: Any, leave: Callable[[], None], *, take_over: bool
    ) -> None:
        self._loop = loop
        self._socket = socket
        self._leave = leave
        self._types = take_over
        self._fd = sys.stdin.fileno()
        self._pending: asyncio.Queue[bytes | None] = asyncio.Queue()
        """Typed bytes; None stands for a new size, no bytes for the end."""
        self._sending: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to listen to keys, the window and the signals that end us."""
        self._sending = asyncio.create_task(self._send(), name="terminal input")
        if os.isatty(self._fd):
            self._loop.add_reader(self._fd, self._read)
        for number in _ENDING:
            self._loop.add_signal_handler(number, self._leave)
        if self._types:
            self._pending.put_nowait(None)
            self._loop.add_signal_handler(signal.SIGWINCH, self._pending.put_nowait, None)

    def watch(self) -> None:
        """Somebody else types now: keys are not sent any more, but those that leave still do."""
        self._types = False

    async def close(self) -> None:
        """Stop listening. What was typed before is still sent: who types a line and leaves at once means the line."""
        self._loop.remove_reader(self._fd)
        for number in (*_ENDING, signal.SIGWINCH):
            self._loop.remove_signal_handler(number)
        if self._sending is not None:
            self._pending.put_nowait(b"")
            await asyncio.wait({self._sending}, timeout=_LAST_KEYS_S)
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait({self._sending})

    def _read(self) -> None:
        data = os.read(self._fd, _READ)
        typed, leaves, _ = data.partition(bytes([LEAVE]))
        if self._types and typed:
            self._pending.put_nowait(typed)
        if leaves or not data or (not self._types and _INTERRUPT in typed):
            self._leave()

    async def _send(self) -> None:
        """Ends with the connection; the other direction notices that too, and tells."""
        with suppress(ConnectionError):
            while (typed := await self._pending.get()) != b"":
                if typed is None:
                    rows, columns = terminal.size(self._fd)
                    await self._socket.send_json({"type": "resize", "rows": rows, "cols": columns})
                else:
                    await self._socket.send_bytes(typed)
