"""People at a session's terminal: any number watch, one may type.

Taking over is an explicit act that is announced to everybody who watches; whoever typed before becomes a watcher. Typed bytes are
stored before they are sent, so a daemon that dies in between sends them again, and the session host applies each once.
"""

import asyncio
import json
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import asdict
from functools import partial
from typing import Any, Final, Literal, cast

import structlog

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine.log_sizes import size_of
from chainwright.daemon.engine.pace import Pace
from chainwright.daemon.engine.ports import World
from chainwright.daemon.engine.recording import recording
from chainwright.daemon.store.port import NotOwner
from chainwright.runners.port import (
    Exited,
    Fenced,
    InputTaken,
    NeverRan,
    Output,
    RunnerError,
    Running,
    StatusChanged,
    Terminal,
)
from chainwright.schemas.session import COLS, ROWS
from chainwright.schemas.session_api import SignalName

Shown = Output | InputTaken | StatusChanged | Exited
Item = tuple[Literal["output", "notice", "exit"], bytes]
QUEUE_SIZE: Final = 64
MOST_BEHIND: Final = 1 << 20
"""Bytes that a live view may be behind before it skips them."""
SHOWN_AFTER_GAP: Final = 64 << 10
_ROLES: Final[dict[bool, Literal["viewer", "typist"]]] = {False: "viewer", True: "typist"}
SIGNALS: Final[dict[SignalName, int]] = {
    "interrupt": signal.SIGINT,
    "terminate": signal.SIGTERM,
    "kill": signal.SIGKILL,
}
log = structlog.get_logger()


class Link:
    """One person's hold on a terminal.

    A ``live`` one is for eyes: of what comes faster than anybody reads it leaves out the middle, and says so. Ten of them on an agent that
    writes 50 MB/s would otherwise keep the daemon busy with nothing else.
    """

    def __init__(
        self,
        terminals: "Terminals",
        session_id: str,
        who: str,
        terminal: Terminal,
        *,
        offset: int,
        types: bool,
        live: bool,
    ) -> None:
        self.session_id = session_id
        self.who = who
        self.types = types
        self.offset = offset
        """Of the byte that comes next."""
        self.input_seq = 0
        """Number of the last input that was stored before this link could type; 0 for a watcher."""
        self._terminals = terminals
        self._terminal = terminal
        self._live = live
        self._notices: asyncio.Queue[bytes] = asyncio.Queue(QUEUE_SIZE)

    @property
    def typist(self) -> str | None:
        """Who has the keys, if anybody."""
        return self._terminals.typist(self.session_id)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns, as far as anybody here has set them."""
        return self._terminals.size(self.session_id)

    async def __aiter__(self) -> AsyncIterator[Item]:
        """Output, notices, and at last the exit record as JSON."""
        items = self._paced() if self._live else aiter(self._terminal)
        output = asyncio.ensure_future(anext(items, None))
        notice = asyncio.ensure_future(self._notices.get())
        try:
            while True:
                done, _ = await asyncio.wait((output, notice), return_when=asyncio.FIRST_COMPLETED)
                if notice in done:
                    yield "notice", notice.result()
                    notice = asyncio.ensure_future(self._notices.get())
                if output in done:
                    item = output.result()
                    if item is None:
                        return
                    output = asyncio.ensure_future(anext(items, None))
                    if shown := await self._shown(item):
                        yield shown
        finally:
            output.cancel()
            notice.cancel()
            await asyncio.gather(output, notice, return_exceptions=True)

    async def _paced(self) -> AsyncIterator[Shown]:
        """The terminal's items, no faster than is of use, and from further on where too much has gathered."""
        pace = Pace(asyncio.get_running_loop().time)
        at: int | None = self.offset
        while at is not None:
            at = None
            async with aclosing(cast(AsyncGenerator[Shown, None], aiter(self._terminal))) as items:
                async for item in items:
                    yield item
                    if isinstance(item, Output) and await self._falls_behind(pace, item):
                        at = item.offset + len(item.data)
                        break
            if at is not None:
                await self._skip(at)

    async def _falls_behind(self, pace: Pace, item: Output) -> bool:
        """Rest, where too much is shown too quickly; whether meanwhile more has gathered than anybody would read."""
        rest_s = pace.rest_after(len(item.data))
        if rest_s <= 0:
            return False
        await asyncio.sleep(rest_s)
        return await self._terminals.is_behind(self.session_id, item.offset + len(item.data))

    async def _skip(self, at: int) -> None:
        """Go on near the end of what there is."""
        onward = await self._terminals.size_of_log(self.session_id, at) - SHOWN_AFTER_GAP
        self.tell(gap={"from": at, "to": onward})
        await self._terminal.close()
        self._terminal = await self._terminals.attached(self, onward)

    async def type(self, data: bytes) -> int:
        """Store, then send; the number under which it is stored. Refused for a watcher, and while nothing can be stored."""
        self._require_keys()
        return await self._terminals.send(self.session_id, self._terminal, data)

    async def resize(self, rows: int, cols: int) -> None:
        """Set the terminal's size. Refused for a watcher."""
        self._require_keys()
        await self._terminal.resize(rows, cols)
        self._terminals.resized(self, rows, cols)

    async def close(self) -> None:
        """Leave; the agent goes on."""
        self._terminals.left(self)
        await self._terminal.close()

    def tell(self, **notice: Any) -> None:
        """Let this person know; one who does not read misses it."""
        if not self._notices.full():
            self._notices.put_nowait(json.dumps(notice).encode())

    def _require_keys(self) -> None:
        if not self.types:
            raise Refusal(Code.DENIED, "you watch this terminal", "take it over to type")

    async def _shown(self, item: Shown) -> Item | None:
        if isinstance(item, Output):
            self.offset = item.offset + len(item.data)
            return "output", item.data
        if isinstance(item, Exited):
            return "exit", json.dumps(asdict(item.exit)).encode()
        if isinstance(item, StatusChanged):
            return "notice", json.dumps({"disk_full": item.disk_full, "truncated": item.truncated}).encode()
        await self._terminals.taken(self.session_id, item.seq)
        return None


class Terminals:
    """Who is at which terminal."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._links: dict[str, list[Link]] = {}
        self._sending: dict[str, asyncio.Lock] = {}
        self._sizes: dict[str, tuple[int, int]] = {}

    async def open(
        self, session_id: str, who: str, *, offset: int, take_over: bool, tail: int | None = None, live: bool = False
    ) -> Link:
        """Watch from a byte of the output on, or from so many bytes before its end; with ``take_over``, type as well."""
        if tail is not None:
            offset = max(offset, await self.size_of_log(session_id) - tail)
        terminal = await self._attach(session_id, _ROLES[take_over], offset)
        link = Link(self, session_id, who, terminal, offset=offset, types=take_over, live=live)
        watchers = self._links.setdefault(session_id, [])
        others = tuple(watchers)
        watchers.append(link)  # before anything is awaited, so that whoever takes over next finds this one
        if take_over:
            for other in others:
                other.types = False
                other.tell(taken_over_by=who)
            try:
                with suppress(NotOwner):  # its run is over, and was before this daemon came: nothing can be pending
                    await self._send_pending(session_id, terminal)
                link.input_seq = await self._world.store.last_input(session_id)
            except BaseException:
                await link.close()
                raise
        return link

    @property
    def watching(self) -> int:
        """How many are at a terminal."""
        return sum(map(len, self._links.values()))

    def left(self, link: Link) -> None:
        """A person has gone."""
        watchers = self._links.get(link.session_id, [])
        if link in watchers:
            watchers.remove(link)
        if link.types:
            for other in watchers:
                other.tell(released_by=link.who)
        if not watchers:
            self._sizes.pop(link.session_id, None)
            self._links.pop(link.session_id, None)
            self._sending.pop(link.session_id, None)

    def typist(self, session_id: str) -> str | None:
        """Who has the keys of a session."""
        return next((link.who for link in self._links.get(session_id, ()) if link.types), None)

    def size(self, session_id: str) -> tuple[int, int]:
        """Rows and columns of a terminal."""
        return self._sizes.get(session_id, (ROWS, COLS))

    def resized(self, by: Link, rows: int, cols: int) -> None:
        """Everybody else draws for another size now."""
        self._sizes[by.session_id] = rows, cols
        for other in self._links.get(by.session_id, ()):
            if other is not by:
                other.tell(resized={"rows": rows, "cols": cols})

    async def attached(self, link: Link, offset: int) -> Terminal:
        """The terminal of a link again, from another byte on."""
        return await self._attach(link.session_id, _ROLES[link.types], offset)

    async def is_behind(self, session_id: str, at: int) -> bool:
        """Whether so much has gathered after a byte that nobody would read it."""
        return await self._has_byte(session_id, at + MOST_BEHIND)

    async def size_of_log(self, session_id: str, at_least: int = 0) -> int:
        """Of the output so far."""
        return await size_of(partial(self._has_byte, session_id), at_least)

    async def _has_byte(self, session_id: str, offset: int) -> bool:
        try:
            runner = (await self._world.hosts.of_session(session_id)).runner
            return bool(await runner.read(session_id, "out.log", offset=offset, limit=1))
        except RunnerError as error:
            raise Refusal(Code.UNAVAILABLE, f"session {session_id} cannot be read now", str(error)) from error

    async def send(self, session_id: str, terminal: Terminal, data: bytes) -> int:
        """Type into a terminal: durable first, and in the order in which it was stored; the number that it got."""
        async with self._sending.setdefault(session_id, asyncio.Lock()):
            try:
                with recording():
                    seq = await self._world.store.keep_input(session_id, data)
            except NotOwner as error:
                raise Refusal(Code.CONFLICT, "nothing can be typed: the run is over, or another daemon's") from error
            reach("input.stored")
            await self._typed(terminal, seq, data)
            reach("input.sent")
            return seq

    async def signal(self, session_id: str, who: str, name: SignalName) -> None:
        """Send a signal to the processes of a session that runs; the keys stay with whoever has them. Conflict when it has ended."""
        await self._require_running(session_id)
        terminal = await self._attach(session_id, "typist", await self.size_of_log(session_id))
        try:
            await terminal.signal(SIGNALS[name])
        except Fenced as error:
            raise Refusal(Code.CONFLICT, "another daemon owns this session now") from error
        finally:
            await terminal.close()
        log.info("a person sent a signal", action="session.signalled", session=session_id, actor=who, signal=name)
        for link in self._links.get(session_id, ()):
            link.tell(signalled_by=who, signal=name)

    async def _require_running(self, session_id: str) -> None:
        try:
            status = await (await self._world.hosts.of_session(session_id)).runner.poll(session_id)
        except RunnerError as error:
            raise Refusal(Code.UNAVAILABLE, f"session {session_id} cannot be asked now", str(error)) from error
        if isinstance(status, NeverRan):
            raise Refusal(Code.NOT_FOUND, f"there is no session {session_id}")
        if not isinstance(status, Running):
            raise Refusal(Code.CONFLICT, f"session {session_id} has ended")

    async def taken(self, session_id: str, seq: int) -> None:
        """The session has taken input up to ``seq``."""
        if seq:
            reach("input.taken")
        await self._world.store.acknowledge_input(session_id, seq)

    async def resend(self, session_id: str) -> None:
        """After a restart: send what was stored and perhaps never arrived, and wait until the session has taken it."""
        pending = await self._world.store.pending_input(session_id, 0)
        if not pending:
            return
        try:
            terminal = await self._attach(session_id, "typist", 0)
        except Refusal as refusal:
            log.warning("typed input was not sent again", action="input.unsent", session=session_id, why=str(refusal))
            return
        try:
            if last := await self._send_pending(session_id, terminal):
                await self._until_taken(session_id, terminal, last)
        finally:
            await terminal.close()

    async def _until_taken(self, session_id: str, terminal: Terminal, last: int) -> None:
        async for item in terminal:
            if isinstance(item, InputTaken):
                await self.taken(session_id, item.seq)
                if item.seq >= last:
                    return

    async def _send_pending(self, session_id: str, terminal: Terminal) -> int:
        async with self._sending.setdefault(session_id, asyncio.Lock()):
            await self.taken(session_id, terminal.input_seq)
            last = 0
            for stored in await self._world.store.pending_input(session_id, terminal.input_seq):
                await self._typed(terminal, stored.seq, stored.data)
                last = stored.seq
            return last

    async def _attach(self, session_id: str, role: Literal["viewer", "typist"], offset: int) -> Terminal:
        world = self._world
        try:
            host = await world.hosts.of_session(session_id)
            return await host.runner.attach(
                session_id, token=world.token(session_id), epoch=world.store.epoch, role=role, offset=offset
            )
        except RunnerError as error:
            raise Refusal(Code.UNAVAILABLE, f"session {session_id} has no terminal now", str(error)) from error

    async def _typed(self, terminal: Terminal, seq: int, data: bytes) -> None:
        try:
            await terminal.send(seq, data)
        except Fenced as error:
            raise Refusal(Code.CONFLICT, "another daemon owns this session now") from error
