"""The connections to one host: opened when they are needed, shared by whatever goes there, and let go when they fail.

One connection carries everything, for as long as the server opens channels on it: sshd allows ten commands on each (MaxSessions), and any
number of forwarded sockets. The eleventh command opens another connection, which goes again when it has been idle. They are opened
one at a time, because sshd drops logins beyond MaxStartups, and after a failure only when a jittered wait is over: whoever asks
earlier is told what the last try was told.

Every await here has an end. A connection that does not answer is aborted; nobody waits for it to say goodbye. This module does not load
the library of SSH; ``wire`` does, once a host is reached.
"""

import asyncio
import time
from asyncio import Task
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeVar

from chainwright.runners.client import Streams
from chainwright.runners.ssh.backoff import Backoff
from chainwright.runners.ssh.unreached import NEEDS_OPERATOR, ChannelRefused, Unreached
from chainwright.runners.ssh.wishes import Target, TerminalWish
from chainwright.schemas.hosts import HostSettings

if TYPE_CHECKING:
    from chainwright.runners.ssh.wire import Channel, Connection

CONNECT_WITHIN_S: Final = 20.0
OPEN_WITHIN_S: Final = 20.0
TRIES: Final = 4
"""Of one connect, when the server drops it: it has too many logins under way."""
SOCKETS_EACH: Final = 200
CONNECTIONS: Final = 64
IDLE_S: Final = 30.0
"""After which a connection beyond the first goes, when nothing is open on it."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a short command gave."""

    code: int | None
    out: bytes
    err: str


@dataclass(eq=False)
class _Shared:
    """One connection, and what is open on it."""

    connection: "Connection"
    commands: int = 0
    sockets: int = 0
    full: bool = False
    """Whether the server has refused a command, until one of those that run has ended."""
    lost: bool = False
    idle: asyncio.TimerHandle | None = None
    watched: set[Task[None]] = field(default_factory=set)


class HostConnections:
    """All connections to one host. ``jump`` are those of the host through which this one is reached; they are not closed here."""

    def __init__(
        self,
        name: str,
        settings: HostSettings,
        *,
        home: Path,
        jump: "HostConnections | None" = None,
        chance: Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.settings = settings
        self.forwards: bool | None = None
        """Whether the server forwards unix sockets; None until somebody has found out."""
        self._home = home
        self._jump = jump
        self._clock = clock
        self._chance = chance or Random()
        self._backoff = Backoff(self._chance)
        self._pool: list[_Shared] = []
        self._opening: Task[_Shared] | None = None
        self._not_before = 0.0
        self._problem: Unreached | None = None
        self._closed = False

    def __len__(self) -> int:
        """How many connections there are now."""
        return len(self._pool)

    @property
    def problem(self) -> Unreached | None:
        """Why the last try failed; None when it did not."""
        return self._problem

    async def close(self) -> None:
        """End every connection; what runs on the host goes on."""
        self._closed = True
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        while self._pool:
            await self._drop(self._pool[-1])

    # what others do over them

    async def command(self, command: str, *, stdin: bytes = b"", within_s: float) -> Ran:
        """Run a short command to its end. Raises :class:`HostUnreachable`."""
        channel = await self.open(command, errors=True)
        try:
            async with asyncio.timeout(within_s):
                out, err, _ = await asyncio.gather(_all(channel.reader), _all(channel.errors), _said(channel, stdin))
                await channel.ended()
        except TimeoutError as problem:
            raise Unreached("silent", f'host "{self.name}": no end of a command within {within_s:.0f} s') from problem
        except OSError as problem:
            raise self._dropped(problem) from problem
        finally:
            channel.close()
        return Ran(code=channel.code, out=out, err=err.decode(errors="replace").strip())

    async def open(self, command: str, *, terminal: TerminalWish | None = None, errors: bool = False) -> "Channel":
        """Run a command on a channel, which belongs to the caller. With ``errors`` its stderr has to be read.

        Raises :class:`HostUnreachable`.
        """
        from chainwright.runners.ssh import wire

        while True:
            shared = await self._with_room(lambda each: not each.full)
            shared.commands += 1
            try:
                channel = await self._in_time(
                    shared, wire.opened(shared.connection, command, terminal=terminal, errors=errors)
                )
            except ChannelRefused as refused:
                shared.commands -= 1
                self._note_full(shared, refused)
            except BaseException:
                shared.commands -= 1
                raise
            else:
                self._watch(shared, channel)
                return channel

    async def socket(self, path: str) -> Streams:
        """A connection to a unix socket of the host, which belongs to the caller.

        Raises :class:`ChannelRefused` when nobody listens, or the server does not do this; :class:`HostUnreachable`.
        """
        from chainwright.runners.ssh import wire

        shared = await self._with_room(lambda each: each.sockets < SOCKETS_EACH)
        shared.sockets += 1
        try:
            reader, writer = await self._in_time(shared, wire.socket_on(shared.connection, path))
        except BaseException:
            shared.sockets -= 1
            raise
        return reader, _Counted(writer, lambda: self._let_go_socket(shared))

    async def put(self, path: str, data: bytes, *, within_s: float) -> None:
        """Write a file by SFTP. Raises OSError where that is not to be had, :class:`HostUnreachable`."""
        from chainwright.runners.ssh import wire

        shared = await self._with_room(lambda each: not each.full)
        try:
            async with asyncio.timeout(within_s):
                await wire.put(shared.connection, path, data)
        except TimeoutError as problem:
            raise OSError(f"SFTP: not done within {within_s:.0f} s") from problem

    async def shown_host_key(self) -> str:
        """The key that the host shows, as ``host_key`` takes it. Nothing is offered to it, and none has to be pinned."""
        from chainwright.runners.ssh import wire

        async with self._tunnel() as tunnel:
            return await wire.shown_host_key(self._target(tunnel))

    async def connect(self) -> None:
        """Have at least one connection. Raises :class:`Unreached`."""
        await self._with_room(lambda _: True)

    # the pool

    async def _with_room(self, has_room: Callable[[_Shared], bool]) -> _Shared:
        while True:
            for shared in self._pool:
                if not shared.lost and has_room(shared):
                    self._stay(shared)
                    return shared
            if len(self._pool) >= CONNECTIONS:
                raise Unreached("channels", f'host "{self.name}": {CONNECTIONS} connections are in use')
            await self._another()

    async def _another(self) -> None:
        """One more connection, by whoever was first to miss it."""
        if self._closed:
            raise self._was_closed()
        if self._opening is None or self._opening.done():
            if self._problem is not None and self._clock() < self._not_before:
                raise self._as_before(self._problem)
            self._opening = asyncio.create_task(self._opened(), name=f"connecting to {self.name}")
            self._opening.add_done_callback(_seen)
        try:
            await asyncio.shield(self._opening)
        except asyncio.CancelledError:
            if self._opening.cancelled():  # and not whoever waits for it
                raise self._was_closed() from None
            raise

    def _as_before(self, problem: Unreached) -> Unreached:
        """What the last try was told; when the next one is matters only where it may go otherwise by itself."""
        wait_s = self._not_before - self._clock()
        again = "" if problem.kind in NEEDS_OPERATOR else f" (tried again in {wait_s:.1f} s)"
        return Unreached(problem.kind, f"{problem}{again}")

    def _was_closed(self) -> Unreached:
        return Unreached("dropped", f'host "{self.name}": its connections were closed')

    async def _opened(self) -> _Shared:
        try:
            shared = await self._connected()
        except Unreached as problem:
            self._problem = problem
            self._not_before = self._clock() + self._backoff.next_s()
            raise
        self._problem = None
        self._backoff.reset()
        self._pool.append(shared)
        return shared

    async def _connected(self) -> _Shared:
        """Tried again at once, a few times, where the server had only too many."""
        tries = Backoff(self._chance)
        while True:
            try:
                return await self._logged_in()
            except Unreached as problem:
                if problem.kind != "dropped" or tries.failures >= TRIES:
                    raise
            await asyncio.sleep(tries.next_s())

    async def _logged_in(self) -> _Shared:
        from chainwright.runners.ssh import wire

        shared: list[_Shared] = []
        async with self._tunnel() as tunnel:
            target = self._target(tunnel)
            connection = await wire.connected(target, on_loss=lambda: self._lost(shared))
        shared.append(_Shared(connection))
        return shared[0]

    def _target(self, tunnel: "Connection | None") -> Target:
        return Target(name=self.name, settings=self.settings, home=self._home, tunnel=tunnel, within_s=CONNECT_WITHIN_S)

    @asynccontextmanager
    async def _tunnel(self) -> "AsyncIterator[Connection | None]":
        if self._jump is None:
            yield None
        else:
            yield (await self._jump._with_room(lambda _: True)).connection

    def _lost(self, shared: list[_Shared]) -> None:
        for each in shared:
            each.lost = True
            self._stay(each)
            with suppress(ValueError):
                self._pool.remove(each)
        if not self._pool:
            self.forwards = None  # whoever comes back may have another configuration

    async def _in_time(self, shared: _Shared, opening: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                return await opening
        except TimeoutError as problem:
            await self._drop(shared)
            raise Unreached("silent", f'host "{self.name}" opens no channel within {OPEN_WITHIN_S:.0f} s') from problem
        except OSError as problem:
            await self._drop(shared)
            raise self._dropped(problem) from problem

    async def _drop(self, shared: _Shared) -> None:
        """Let it go at once; what is open on it ends."""
        shared.connection.abort()
        self._lost([shared])
        for task in shared.watched:
            task.cancel()
        await asyncio.gather(*shared.watched, return_exceptions=True)

    def _dropped(self, problem: Exception) -> Unreached:
        return Unreached("dropped", f'host "{self.name}": the connection was lost: {str(problem) or "it was closed"}')

    # what is open on each

    def _note_full(self, shared: _Shared, refused: ChannelRefused) -> None:
        if shared.commands == 0:
            raise Unreached("channels", f'host "{self.name}" opens no channel: {refused}') from refused
        shared.full = True

    def _watch(self, shared: _Shared, channel: "Channel") -> None:
        task = asyncio.create_task(self._until_ended(shared, channel), name=f"a channel to {self.name}")
        shared.watched.add(task)
        task.add_done_callback(shared.watched.discard)

    async def _until_ended(self, shared: _Shared, channel: "Channel") -> None:
        await channel.ended()
        shared.commands -= 1
        shared.full = False
        self._leave(shared)

    def _let_go_socket(self, shared: _Shared) -> None:
        shared.sockets -= 1
        self._leave(shared)

    def _leave(self, shared: _Shared) -> None:
        """A connection beyond the first goes when nothing has been open on it for a while."""
        if shared.commands + shared.sockets == 0 and not shared.lost and self._pool and shared is not self._pool[0]:
            self._stay(shared)
            shared.idle = asyncio.get_running_loop().call_later(IDLE_S, shared.connection.abort)

    @staticmethod
    def _stay(shared: _Shared) -> None:
        if shared.idle is not None:
            shared.idle.cancel()
            shared.idle = None


class _Counted:
    """A writer that says once when it was closed."""

    def __init__(self, inner: Any, on_close: Callable[[], None]) -> None:
        self._inner = inner
        self._on_close: Callable[[], None] | None = on_close

    def write(self, data: bytes) -> None:
        self._inner.write(data)

    async def drain(self) -> None:
        await self._inner.drain()

    def close(self) -> None:
        if self._on_close is not None:
            self._on_close()
            self._on_close = None
        self._inner.close()

    async def wait_closed(self) -> None:
        await self._inner.wait_closed()


async def _all(reader: Any) -> bytes:
    found = bytearray()
    while data := await reader.read(1 << 16):
        found += data
    return bytes(found)


async def _said(channel: "Channel", data: bytes) -> None:
    with suppress(OSError):  # it ends without having read us: its code says why
        channel.writer.write(data)
        await channel.writer.drain()
        channel.writer.write_eof()


def _seen(task: "Task[Any]") -> None:
    """An attempt that failed while nobody waited any more is no mistake: whoever comes next is told."""
    if not task.cancelled():
        task.exception()
