"""The two terminals that a runner can open: one on a session host that answers, one on what an ended session left."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from chainwright.runners.client import Disconnected, Link
from chainwright.runners.port import (
    EventFound,
    Exited,
    HostUnreachable,
    InputTaken,
    Output,
    RunnerError,
    StatusChanged,
    StepTold,
)
from chainwright.runners.session_files import ReadFrom
from chainwright.schemas.session import ChildRecord, ExitRecord

Shown = Output | InputTaken | StatusChanged | Exited


class Waits(Protocol):
    """Says when a lost connection is to be tried again, and for how long."""

    def renew(self) -> None:
        """There is one again."""

    async def wait(self, problem: HostUnreachable) -> None:
        """Return when it is time; raises ``problem`` when it was tried long enough."""


class LiveTerminal:
    """A terminal over a link that has been attached. A viewer's acts are refused here, before the session host would.

    With ``opened_again`` a lost connection is replaced while the terminal is iterated: output goes on at the next byte, and what
    was typed and not taken is sent again, which the sequence numbers make harmless.
    """

    def __init__(
        self,
        link: Link,
        *,
        child: ChildRecord | None,
        may_act: bool,
        offset: int,
        opened_again: "Callable[[int], Awaitable[Link | EndedTerminal]] | None",
        patience: Waits,
    ) -> None:
        self._link = link
        self._child = child
        self._may_act = may_act
        self._at = offset
        self._opened_again = opened_again
        self._patience = patience
        self._input_seq = link.hello.inseq
        self._typed: dict[int, bytes] = {}
        self._sending = asyncio.Lock()

    @property
    def input_seq(self) -> int:
        """The last input that the session had taken when this was opened."""
        return self._input_seq

    async def __aiter__(self) -> AsyncIterator[Shown]:
        """Raises :class:`HostUnreachable` when the connection ends before the session does, and is not to be had again."""
        while True:
            try:
                async for frame in self._link.frames():
                    if isinstance(frame, ExitRecord):
                        yield Exited(exit=frame, child=self._child)
                        return
                    if not isinstance(frame, EventFound | StepTold):
                        self._note(frame)
                        yield frame
            except Disconnected as problem:
                lost = HostUnreachable(str(problem))
            except HostUnreachable as problem:
                lost = problem
            else:
                return
            if (ended := await self._replaced(lost)) is not None:
                async for shown in ended:
                    yield shown
                return

    def _note(self, shown: Output | InputTaken | StatusChanged) -> None:
        if isinstance(shown, Output):
            self._at = shown.offset + len(shown.data)
        elif isinstance(shown, InputTaken):
            for seq in [seq for seq in self._typed if seq <= shown.seq]:
                del self._typed[seq]

    async def _replaced(self, lost: HostUnreachable) -> "EndedTerminal | None":
        """Have a new link; an ended session's terminal, when the session has ended meanwhile. Raises ``lost`` at last."""
        if self._opened_again is None:
            raise lost
        await self._link.close()
        while True:
            await self._patience.wait(lost)
            try:
                found = await self._opened_again(self._at)
                if isinstance(found, EndedTerminal):
                    return found
                await self._take(found)
            except Disconnected as problem:
                lost = HostUnreachable(str(problem))
            except HostUnreachable as problem:
                lost = problem
            else:
                self._patience.renew()
                return None

    async def _take(self, link: Link) -> None:
        async with self._sending:
            self._link = link
            for seq, data in self._typed.items():
                if seq > link.hello.inseq:
                    await link.send_input(seq, data)

    async def send(self, seq: int, data: bytes) -> None:
        """Type."""
        self._require_keys()
        async with self._sending:
            if self._opened_again is None:
                await self._link.send_input(seq, data)
                return
            self._typed[seq] = data
            with suppress(Disconnected):  # sent again over the next one
                await self._link.send_input(seq, data)

    async def resize(self, rows: int, cols: int) -> None:
        """Set the size."""
        self._require_keys()
        await self._link.resize(rows, cols)

    async def signal(self, number: int) -> None:
        """Signal the agent's group."""
        self._require_keys()
        await self._link.signal(number)

    async def close(self) -> None:
        """Leave."""
        await self._link.close()

    def _require_keys(self) -> None:
        if not self._may_act:
            raise RunnerError("a viewer may not type, resize or signal")


class EndedTerminal:
    """The output that a session left, and its end. Typing into it does nothing."""

    def __init__(self, read_from: ReadFrom, end: Exited, offset: int) -> None:
        self._read_from = read_from
        self._end = end
        self._offset = offset

    @property
    def input_seq(self) -> int:
        """Nothing is taken any more."""
        return 0

    async def __aiter__(self) -> AsyncIterator[Shown]:
        """What is left of the output, then the end."""
        at = self._offset
        while data := await self._read_from(at):
            yield Output(offset=at, data=data)
            at += len(data)
        yield self._end

    async def send(self, seq: int, data: bytes) -> None:
        """Nobody is there to read it."""

    async def resize(self, rows: int, cols: int) -> None:
        """There is no terminal any more."""

    async def signal(self, number: int) -> None:
        """There is no process any more."""

    async def close(self) -> None:
        """Nothing is held."""
