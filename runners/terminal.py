"""The two terminals that a runner can open: one on a session host that answers, one on what an ended session left."""

from collections.abc import AsyncIterator
from pathlib import Path

from chainwright.runners import session_files
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
from chainwright.schemas.session import ChildRecord, ExitRecord

Shown = Output | InputTaken | StatusChanged | Exited


class LiveTerminal:
    """A terminal over a link that has been attached. A viewer's acts are refused here, before the session host would."""

    def __init__(self, link: Link, *, child: ChildRecord | None, may_act: bool) -> None:
        self._link = link
        self._child = child
        self._may_act = may_act

    @property
    def input_seq(self) -> int:
        """The last input that the session had taken when this was opened."""
        return self._link.hello.inseq

    async def __aiter__(self) -> AsyncIterator[Shown]:
        """Raises :class:`HostUnreachable` when the connection ends before the session does."""
        try:
            async for frame in self._link.frames():
                if isinstance(frame, ExitRecord):
                    yield Exited(exit=frame, child=self._child)
                elif not isinstance(frame, EventFound | StepTold):
                    yield frame
        except Disconnected as problem:
            raise HostUnreachable(str(problem)) from problem

    async def send(self, seq: int, data: bytes) -> None:
        """Type."""
        await self._acting().send_input(seq, data)

    async def resize(self, rows: int, cols: int) -> None:
        """Set the size."""
        await self._acting().resize(rows, cols)

    async def signal(self, number: int) -> None:
        """Signal the agent's group."""
        await self._acting().signal(number)

    async def close(self) -> None:
        """Leave."""
        await self._link.close()

    def _acting(self) -> Link:
        if not self._may_act:
            raise RunnerError("a viewer may not type, resize or signal")
        return self._link


class EndedTerminal:
    """The output that a session left, and its end. Typing into it does nothing."""

    def __init__(self, folder: Path, end: Exited, offset: int) -> None:
        self._folder = folder
        self._end = end
        self._offset = offset

    @property
    def input_seq(self) -> int:
        """Nothing is taken any more."""
        return 0

    async def __aiter__(self) -> AsyncIterator[Shown]:
        """What is left of the output, then the end."""
        at = self._offset
        for data in session_files.chunks(self._folder, "out.log", at):
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
