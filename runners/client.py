"""Speaks the session host's protocol over any pair of streams: a unix socket here, a channel of SSH elsewhere.

A :class:`Link` is one connection after its HELLO. Whoever holds it iterates what comes and calls what it may; nothing here knows
how the streams were made, what becomes of a session when they end, or what a runner does about it.
"""

import asyncio
import json
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from chainwright.runners.port import (
    Denied,
    EventFound,
    Fenced,
    HostUnreachable,
    InputTaken,
    Output,
    RunnerError,
    StatusChanged,
    StepTold,
)
from chainwright.schemas.session import (
    EVENT_LINE_JSON,
    EXIT_JSON,
    OLDEST_PROTOCOL,
    PROTOCOL,
    STEP_JSON,
    STEP_LINE_JSON,
    ExitRecord,
    StepOrder,
)

ANSWER_WITHIN_S: Final = 10.0
SILENCE_S: Final = 20.0
"""After this long without a frame the session host is asked whether it is there."""

_OPEN, _INPUT, _RESIZE, _SIGNAL, _FORGET, _STAT, _STOP = 0, 1, 2, 3, 5, 6, 16
_STEP, _STEP_STOP, _STEPS_END = 7, 8, 9
_OUT, _EXIT, _ACK, _HELLO, _EVENT, _STATUS, _STEP_TOLD = 65, 66, 67, 68, 69, 70, 71
_FRAME_MAX: Final = 1 << 20
_READ_BYTES: Final = 1 << 16


class Disconnected(Exception):
    """The connection ended without an EXIT: look at the session's files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The session host's greeting: how far the session is."""

    proto: int
    pid: int
    size: int
    inseq: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """The session host refused something; ``error`` is a stable word, ``detail`` is for people."""

    error: str
    detail: str

    def as_exception(self) -> RunnerError:
        """The runner's error that it means."""
        if self.error == "protocol" and self.detail.startswith("protocol "):
            return RunnerError(
                f"its session host was started by another version of Chainwright, more than one protocol apart from this one, which speaks "
                f"{OLDEST_PROTOCOL} to {PROTOCOL} ({self.detail}): the agent goes on; the version that started it can follow it"
            )
        return _TROUBLES.get(self.error, RunnerError)(f"the session host says: {self.error} {self.detail}".rstrip())


Told = Output | InputTaken | EventFound | StepTold | StatusChanged | ExitRecord
Frame = Told | Hello | Trouble

_TROUBLES: Final[dict[str, type[RunnerError]]] = {"denied": Denied, "fenced": Fenced}


def _output(body: bytes) -> Output:
    return Output(offset=_number(body), data=body[8:])


def _event(body: bytes) -> EventFound:
    return EventFound(offset=_number(body), line=EVENT_LINE_JSON.validate_json(body[8:]))


def _step_told(body: bytes) -> StepTold:
    return StepTold(line=STEP_LINE_JSON.validate_json(body[8:]))


def _input_taken(body: bytes) -> InputTaken:
    return InputTaken(seq=_number(body))


def _hello(body: bytes) -> Hello:
    said = json.loads(body)
    return Hello(**{name: said[name] for name in Hello.__slots__})


def _status(body: bytes) -> StatusChanged | Trouble:
    said: dict[str, Any] = json.loads(body)
    if "error" in said:
        return Trouble(said["error"], said.get("detail", ""))
    return StatusChanged(disk_full=said["disk_full"], truncated=said["truncated"])


def _number(body: bytes) -> int:
    return int.from_bytes(body[:8], "big")


_DECODERS: Final[dict[int, Callable[[bytes], Frame]]] = {
    _OUT: _output,
    _EXIT: EXIT_JSON.validate_json,
    _ACK: _input_taken,
    _HELLO: _hello,
    _EVENT: _event,
    _STATUS: _status,
    _STEP_TOLD: _step_told,
}


class Reader(Protocol):
    """What is read from: a stream of asyncio, or a channel of SSH."""

    async def read(self, n: int, /) -> bytes:
        """Up to ``n`` bytes; nothing at the end. Raises OSError when the connection is lost."""


class Writer(Protocol):
    """What is written to."""

    def write(self, data: bytes, /) -> None:
        """Take the bytes; never waits and never fails."""

    async def drain(self) -> None:
        """Return when more can be taken. Raises OSError when the connection is lost."""

    def close(self) -> None:
        """End the connection."""

    async def wait_closed(self) -> None:
        """Return when it has ended."""


Streams = tuple[Reader, Writer]


class FrameReader:
    """Cuts a stream of bytes into frames. Cancelling :meth:`next` loses nothing."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._data = bytearray()

    async def next(self) -> Frame:
        """The next frame; raises :class:`Disconnected` at the end, :class:`RunnerError` for what is no frame."""
        while (frame := self._cut()) is None:
            try:
                data = await self._reader.read(_READ_BYTES)
            except OSError as problem:
                raise Disconnected(str(problem)) from problem
            if not data:
                raise Disconnected("the session host closed the connection")
            self._data += data
        return frame

    def _cut(self) -> Frame | None:
        if len(self._data) < 5:
            return None
        kind, length = struct.unpack_from(">BI", self._data)
        if kind not in _DECODERS or length > _FRAME_MAX:
            raise RunnerError(
                f"the session host sent a frame {kind} of {length} bytes, which this version does not know"
            )
        if len(self._data) < 5 + length:
            return None
        body = bytes(self._data[5 : 5 + length])
        del self._data[: 5 + length]
        try:
            return _DECODERS[kind](body)
        except (ValueError, KeyError, TypeError) as problem:
            raise RunnerError(f"the session host sent a frame {kind} that cannot be read: {problem}") from problem


def opening(
    *, token: str, epoch: int, role: str, events_from: int | None = None, output_from: int | None = None
) -> bytes:
    """The frame that must be a client's first.

    ``role``: viewer, typist or owner. ``events_from``, ``output_from``: the byte of ``events.log`` and ``out.log`` to be told
    from; None is told nothing of it. Who is told of events is told of all steps too. (Asked for here and not by a later frame, because the end, which comes after what was asked
    for, may be the first thing that an ended session says.)
    """
    wish = {
        "proto": OLDEST_PROTOCOL,  # all that a session host of the version before looks at
        "newest": PROTOCOL,
        "token": token,
        "epoch": epoch,
        "role": role,
        "events": -1 if events_from is None else events_from,
        "steps": -1 if events_from is None else 0,
        "attach": -1 if output_from is None else output_from,
    }
    return _frame(_OPEN, json.dumps(wish).encode())


def _ms(seconds: float) -> int:
    return min(int(seconds * 1000), 0xFFFFFFFF)


def _frame(kind: int, body: bytes) -> bytes:
    return struct.pack(">BI", kind, len(body)) + body


class Link:
    """An open connection to a session host. Owned by whoever opened it, who closes it."""

    def __init__(self, reader: Reader, writer: Writer, epoch: int) -> None:
        self._frames = FrameReader(reader)
        self._writer = writer
        self._epoch = epoch
        self.hello = Hello(proto=0, pid=0, size=0, inseq=0, epoch=0)
        self.fenced = False
        """Whether a daemon with a higher epoch has come: this one may only look on."""
        self._status = StatusChanged(disk_full=False, truncated=False)

    @classmethod
    async def open(
        cls,
        streams: Streams,
        *,
        token: str,
        epoch: int,
        role: str,
        events_from: int | None = None,
        output_from: int | None = None,
    ) -> Self:
        """Greet over fresh streams, as :func:`opening` says, and see :meth:`greeted`."""
        wish = opening(token=token, epoch=epoch, role=role, events_from=events_from, output_from=output_from)
        streams[1].write(wish)
        return await cls.greeted(streams, epoch=epoch)

    @classmethod
    async def greeted(cls, streams: Streams, *, epoch: int) -> Self:
        """The link over streams on which :func:`opening` was sent. They belong to it from now on, also when this fails.

        Raises :class:`Denied`, :class:`HostUnreachable`, :class:`Disconnected`.
        """
        link = cls(*streams, epoch)
        try:
            await link._await_hello()
        except BaseException:
            await link.close()
            raise
        return link

    async def _await_hello(self) -> None:
        async with answered_in_time():
            frame = await self._frames.next()
        if isinstance(frame, Trouble):
            raise frame.as_exception()
        if not isinstance(frame, Hello):
            raise RunnerError(f"the session host began with {frame!r}")
        self.hello = frame
        self.fenced = frame.epoch > self._epoch

    async def frames(self) -> AsyncGenerator[Told, None]:
        """What the session host tells; an ExitRecord is the last. A status that is as before only answers our question whether it is there.

        Raises :class:`Disconnected`, :class:`HostUnreachable` when it does not answer any more, :class:`RunnerError`.
        """
        while True:
            frame = await self._next_or_ask()
            if isinstance(frame, Trouble):
                self._note(frame)
            elif not isinstance(frame, Hello) and frame != self._status:
                if isinstance(frame, StatusChanged):
                    self._status = frame
                yield frame
                if isinstance(frame, ExitRecord):
                    return

    def _note(self, trouble: Trouble) -> None:
        """Being fenced concerns acts only; anything else ends the connection."""
        if trouble.error != "fenced":
            raise trouble.as_exception()
        self.fenced = True

    async def _next_or_ask(self) -> Frame:
        try:
            async with asyncio.timeout(SILENCE_S):
                return await self._frames.next()
        except TimeoutError:
            await self._send(_STAT)
        async with answered_in_time():
            return await self._frames.next()

    async def send_input(self, seq: int, data: bytes) -> None:
        """Type; applied only if ``seq`` follows the last one. Raises :class:`Fenced`."""
        await self._act(_INPUT, struct.pack(">Q", seq) + data)

    async def resize(self, rows: int, cols: int) -> None:
        """Set the terminal's size. Raises :class:`Fenced`."""
        await self._act(_RESIZE, struct.pack(">HH", rows, cols))

    async def signal(self, number: int) -> None:
        """Signal the agent's process group. Raises :class:`Fenced`."""
        await self._act(_SIGNAL, struct.pack(">B", number))

    async def stop(self, grace_s: float) -> None:
        """Begin the stop sequence; returns once the session host has understood. Raises :class:`Fenced`."""
        await self._ordered(_STOP, struct.pack(">I", _ms(grace_s)))

    async def run_step(self, step: StepOrder) -> None:
        """Order the next step; returns once the session host has understood. Raises :class:`Fenced`."""
        await self._ordered(_STEP, STEP_JSON.dump_json(step))

    async def stop_step(self, n: int, grace_s: float) -> None:
        """Begin the stop sequence for a step; as :meth:`run_step`."""
        await self._ordered(_STEP_STOP, struct.pack(">II", n, _ms(grace_s)))

    async def end_steps(self, code: int) -> None:
        """Say that no step follows; as :meth:`run_step`."""
        await self._ordered(_STEPS_END, struct.pack(">B", code))

    async def _ordered(self, kind: int, body: bytes) -> None:
        await self._act(kind, body)
        await self._send(_STAT)
        async with answered_in_time():
            while not isinstance(frame := await self._frames.next(), StatusChanged):
                if isinstance(frame, Trouble):
                    raise frame.as_exception()

    async def forget(self) -> None:
        """Have the end acknowledged and the session host go; returns once it has. Raises :class:`Fenced`."""
        await self._act(_FORGET)
        with suppress(Disconnected):
            async with answered_in_time():
                while True:
                    frame = await self._frames.next()
                    if isinstance(frame, Trouble):
                        raise frame.as_exception()

    async def _act(self, kind: int, body: bytes = b"") -> None:
        if self.fenced:
            raise Fenced("a daemon with a higher epoch owns this session now")
        await self._send(kind, body)

    async def _send(self, kind: int, body: bytes = b"") -> None:
        self._writer.write(_frame(kind, body))
        try:
            async with answered_in_time():
                await self._writer.drain()
        except OSError as problem:
            raise Disconnected(str(problem)) from problem

    async def close(self) -> None:
        """Leave; the session does not notice."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._writer.wait_closed()


@asynccontextmanager
async def answered_in_time() -> AsyncIterator[None]:
    """A block in which the session host must answer; raises :class:`HostUnreachable` when it does not."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            yield
    except TimeoutError as problem:
        raise HostUnreachable(f"the session host did not answer within {ANSWER_WITHIN_S:.0f} s") from problem
