"""Asks the porter of a host, our process there that answers for files (``runners/porter.py``).

Small things are asked over one long-lived channel, many at a time; a large thing gets a channel of its own. The porter is started with
the first question and again after a lost connection; it is uploaded when the host does not have it.
"""

import asyncio
import itertools
import json
from asyncio import Future, Task
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from chainwright.runners import porter
from chainwright.runners.client import Reader
from chainwright.runners.porter_channels import MARK
from chainwright.runners.ssh import tools
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.unreached import PorterRefused, Unreached

if TYPE_CHECKING:
    from chainwright.runners.ssh.wire import Channel

ANSWER_WITHIN_S: Final = 60.0
SILENCE_WITHIN_S: Final = 60.0
"""Of a large thing: how long nothing of it may come, or go."""
BEFORE_MARK_BYTES: Final = 1 << 16
"""What a host's shell may print before us."""
READ_BYTES: Final = 1 << 16


class Porter(Protocol):
    """What is asked of a host about its files.

    Everything raises :class:`HostUnreachable` (ask again later), :class:`PorterRefused` (the operation's own refusal, to be
    translated), and other :class:`RunnerError` with a message for the operator.
    """

    async def call(self, operation: str, *, within_s: float = ANSWER_WITHIN_S, **arguments: Any) -> Any:
        """One request over the one channel that all share; JSON both ways, or bytes back, at most 1 MiB."""

    async def send(
        self, operation: str, chunks: AsyncIterator[bytes], *, within_s: float = ANSWER_WITHIN_S, **arguments: Any
    ) -> Any:
        """A large thing to the host; ``within_s`` is for its answer, once all was sent."""

    def receive(self, operation: str, **arguments: Any) -> AsyncIterator[bytes]:
        """A large thing from the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a host is, as its porter found when it was started."""

    root: str
    """Absolute."""
    home: str
    """Below the root, everything of this daemon's."""
    boot_id: str
    facts: dict[str, Any]
    """Everything that ``porter.about`` told."""


class HostPorter:
    """The porter of one host, for one daemon: ``owner`` names its folder below the root. ``connections`` are not closed here."""

    def __init__(self, connections: HostConnections, *, owner: str) -> None:
        self._connections = connections
        self.owner = owner
        self._line: _Line | None = None
        self._starting = asyncio.Lock()
        self._about: About | None = None

    async def close(self) -> None:
        """End the porter; nothing there depends on it."""
        if self._line is not None:
            await self._line.close()
            self._line = None

    async def about(self) -> About:
        """What the host is. Asked again with each porter that is started."""
        await self._ready()
        assert self._about is not None
        return self._about

    async def look(self) -> About:
        """What the host is now: asked anew, so that one that has fallen silent is found out."""
        await self._introduce(await self._ready())
        assert self._about is not None
        return self._about

    async def call(self, operation: str, *, within_s: float = ANSWER_WITHIN_S, **arguments: Any) -> Any:
        """See :class:`Porter`."""
        return await (await self._ready()).ask(operation, arguments, within_s)

    async def send(
        self, operation: str, chunks: AsyncIterator[bytes], *, within_s: float = ANSWER_WITHIN_S, **arguments: Any
    ) -> Any:
        """See :class:`Porter`."""
        frames, channel = await self._own_channel("send", operation, arguments)
        try:
            with suppress(OSError):  # it has refused before it read everything: its frame says why
                async for chunk in chunks:
                    channel.writer.write(chunk)
                    async with self._in_time(SILENCE_WITHIN_S):
                        await channel.writer.drain()
                channel.writer.write_eof()
            async with self._in_time(within_s):
                _, kind, body = await frames.next()
            return _meaning(kind, body)
        except OSError as problem:
            raise self._lost(problem) from problem
        finally:
            channel.close()

    async def receive(self, operation: str, **arguments: Any) -> AsyncIterator[bytes]:
        """See :class:`Porter`."""
        frames, channel = await self._own_channel("receive", operation, arguments)
        try:
            while True:
                async with self._in_time(SILENCE_WITHIN_S):
                    _, kind, body = await frames.next()
                found = _meaning(kind, body)
                if found is None:
                    return
                yield found
        except OSError as problem:
            raise self._lost(problem) from problem
        finally:
            channel.close()

    async def command_line(self, verb: str, *arguments: str) -> str:
        """The command that runs a verb of our tools on the host; they are there when this returns."""
        await self._ready()
        return tools.command_line(
            self._connections.settings, tools.folder(self._connections.settings), verb, *arguments
        )

    # the shared channel

    async def _ready(self) -> "_Line":
        async with self._starting:
            if self._line is None or self._line.ended:
                if self._line is not None:
                    await self._line.close()
                    self._line = None
                self._line = await self._started()
                try:
                    await self._introduce(self._line)
                except BaseException:
                    await self._line.close()
                    self._line = None
                    raise
            return self._line

    async def _introduce(self, line: "_Line") -> None:
        settings = self._connections.settings
        facts = await line.ask("about", {"root": settings.root, "owner": self.owner}, ANSWER_WITHIN_S)
        self._about = About(root=facts["root"], home=facts["home"], boot_id=facts["boot_id"], facts=facts)

    async def _started(self) -> "_Line":
        """Tried with what is there; uploaded when that is not what it should be."""
        return await self._served() or await self._uploaded_and_served()

    async def _uploaded_and_served(self) -> "_Line":
        await tools.upload(self._connections)
        line = await self._served()
        if line is None:
            raise Unreached(
                "system", f'host "{self._connections.name}": the porter does not start, though it was uploaded'
            )
        return line

    async def _served(self) -> "_Line | None":
        settings = self._connections.settings
        command = tools.command_line(settings, tools.folder(settings), "serve")
        channel = await self._connections.open(command)
        frames = Frames(channel.reader)
        line: _Line | None = None
        try:
            async with self._in_time(ANSWER_WITHIN_S):
                await frames.begin()
                _, kind, body = await frames.next()
            if _meaning(kind, body)["digest"] == tools.digest():
                line = _Line(self._connections.name, frames, channel)
        except OSError as problem:
            if not await self._has_failed(channel):
                raise self._lost(problem) from problem
        finally:
            if line is None:
                channel.close()
        return line

    async def _has_failed(self, channel: "Channel") -> bool:
        """Whether the command itself ended, because it is not there or cannot run, and not only the link to it."""
        async with self._in_time(ANSWER_WITHIN_S):
            await channel.ended()
        return channel.code is not None

    # channels of their own

    async def _own_channel(self, verb: str, operation: str, arguments: dict[str, Any]) -> "tuple[Frames, Channel]":
        channel = await self._connections.open(await self.command_line(verb, operation))
        frames = Frames(channel.reader)
        try:
            async with self._in_time(ANSWER_WITHIN_S):
                channel.writer.write(json.dumps(arguments).encode() + b"\n")
                await frames.begin()
        except OSError as problem:
            channel.close()
            raise self._lost(problem) from problem
        except BaseException:
            channel.close()
            raise
        return frames, channel

    def _in_time(self, seconds: float) -> "_InTime":
        return _InTime(f'host "{self._connections.name}"', seconds)

    def _lost(self, problem: Exception) -> Unreached:
        return Unreached("dropped", f'host "{self._connections.name}": the porter has gone: {problem}')


class _InTime:
    """A block in which the host must answer; raises :class:`Unreached` when it does not."""

    def __init__(self, who: str, seconds: float) -> None:
        self._who = who
        self._seconds = seconds
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *how: Any) -> None:
        try:
            await self._timeout.__aexit__(*how)
        except TimeoutError as problem:
            raise Unreached("silent", f"{self._who} gives no answer within {self._seconds:.0f} s") from problem


class AfterMark:
    """Reads what comes after the porter's mark: a host's shell may print something first."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._left = b""

    async def skip(self) -> None:
        """Leave out everything up to the mark. Raises OSError at the end, or when there is too much of it."""
        seen = b""
        while MARK not in seen:
            data = await self._reader.read(READ_BYTES)
            if not data:
                raise OSError(seen.decode(errors="replace").strip() or "it ended")
            seen += data
            if len(seen) > BEFORE_MARK_BYTES:
                raise OSError("its shell prints more than can be skipped")
        self._left = seen.partition(MARK)[2]

    async def line(self) -> bytes:
        """The next line; what comes after it is left for :meth:`read`. Half of one at the end."""
        seen = b""
        while b"\n" not in seen and (data := await self.read(READ_BYTES)):
            seen += data
        line, newline, self._left = seen.partition(b"\n")
        return line + newline

    async def read(self, n: int) -> bytes:
        """As any reader."""
        if self._left:
            data, self._left = self._left[:n], self._left[n:]
            return data
        return await self._reader.read(n)


class Frames:
    """Cuts what the porter says into frames."""

    def __init__(self, reader: Reader) -> None:
        self._reader = AfterMark(reader)
        self._data = bytearray()

    async def begin(self) -> None:
        """Wait for the mark. Raises OSError when it does not come."""
        await self._reader.skip()

    async def next(self) -> tuple[int, int, bytes]:
        """Id, kind and body of the next one. Raises OSError at the end."""
        await self._have(porter.HEAD.size)
        length, number, kind = porter.HEAD.unpack_from(self._data)
        if length > porter.FRAME_MAX:
            raise OSError(f"the porter sent a frame of {length} bytes")
        end = porter.HEAD.size + length
        await self._have(end)
        body = bytes(self._data[porter.HEAD.size : end])
        del self._data[:end]
        return number, kind, body

    async def _have(self, count: int) -> None:
        while len(self._data) < count:
            data = await self._reader.read(READ_BYTES)
            if not data:
                raise OSError("it ended")
            self._data += data


class _Line:
    """The channel of one porter: requests out, answers to whoever asked."""

    def __init__(self, name: str, frames: Frames, channel: "Channel") -> None:
        self._name = name
        self._frames = frames
        self._channel = channel
        self._numbers = itertools.count(1)
        self._asked: dict[int, Future[Any]] = {}
        self._reading: Task[None] = asyncio.create_task(self._read(), name=f"porter of {name}")

    @property
    def ended(self) -> bool:
        """Whether it answers nothing more."""
        return self._reading.done()

    async def ask(self, operation: str, arguments: dict[str, Any], within_s: float) -> Any:
        body = json.dumps({"operation": operation, "arguments": arguments}).encode()
        if len(body) > porter.FRAME_MAX:
            raise PorterRefused("too-large", f"a request of {len(body)} bytes; {porter.FRAME_MAX} are possible")
        number = next(self._numbers) & 0xFFFFFFFF
        answer: Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            async with _InTime(f'host "{self._name}"', within_s):
                if self.ended:
                    raise Unreached("dropped", f'host "{self._name}": the porter has gone')
                self._channel.writer.write(porter.HEAD.pack(len(body), number, porter.REQUEST) + body)
                await self._channel.writer.drain()
                return await answer
        except OSError as problem:
            raise Unreached("dropped", f'host "{self._name}": the porter has gone: {problem}') from problem
        finally:
            del self._asked[number]

    async def close(self) -> None:
        self._channel.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        why = "it was let go"
        try:
            while True:
                number, kind, body = await self._frames.next()
                self._answer(number, kind, body)
        except OSError as problem:
            why = str(problem)
        finally:
            self._channel.close()
            for waiting in self._asked.values():
                if not waiting.done():
                    waiting.set_exception(Unreached("dropped", f'host "{self._name}": the porter has gone: {why}'))

    def _answer(self, number: int, kind: int, body: bytes) -> None:
        waiting = self._asked.get(number)
        if waiting is None or waiting.done():
            return  # whoever asked has given up
        try:
            waiting.set_result(_meaning(kind, body))
        except PorterRefused as refused:
            waiting.set_exception(refused)


def _meaning(kind: int, body: bytes) -> Any:
    if kind == porter.BYTES:
        return body
    said = json.loads(body)
    if kind == porter.REFUSAL:
        raise PorterRefused(said["kind"], said["detail"])
    return said
