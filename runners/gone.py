"""The runner of a host that is not known any more: nothing can be asked there, and what ran there is lost.

It lets runs end whose sessions were on a machine that its operator has taken away for good. It must never stand for a host that only
does not answer.
"""

from collections.abc import AsyncIterator
from typing import Literal, NoReturn

from chainwright.runners.port import CannotStart, Lost, RunnerError, SessionStatus, SessionSummary, Terminal
from chainwright.schemas.session import ChildRecord, SessionSpec, StepOrder


class GoneRunner:
    """Implements the port for the host that had this name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _end(self) -> Lost:
        return Lost(group_gone=False, detail=f"host {self.name} was removed; what became of the session is not known")

    def _refuse(self) -> NoReturn:
        raise RunnerError(f"host {self.name} was removed")

    async def open(self) -> None:
        """Nothing."""

    async def close(self) -> None:
        """Nothing."""

    async def start(self, spec: SessionSpec) -> ChildRecord:
        """Never."""
        raise CannotStart(f"host {self.name} was removed")

    async def poll(self, session_id: str) -> SessionStatus:
        """Lost, for what was placed there may have begun."""
        return self._end()

    async def follow(self, session_id: str, *, token: str, epoch: int, events_from: int) -> AsyncIterator[Lost]:
        """Its end."""
        yield self._end()

    async def attach(
        self, session_id: str, *, token: str, epoch: int, role: Literal["viewer", "typist"], offset: int
    ) -> Terminal:
        """Refused."""
        self._refuse()

    async def stop(self, session_id: str, *, token: str, epoch: int, grace_s: float) -> None:
        """Nobody is there to be told."""

    async def run_step(self, session_id: str, *, token: str, epoch: int, step: StepOrder) -> None:
        """As of a session that has ended."""

    async def stop_step(self, session_id: str, *, token: str, epoch: int, n: int, grace_s: float) -> None:
        """As of a session that has ended."""

    async def end_steps(self, session_id: str, *, token: str, epoch: int, code: int) -> None:
        """As of a session that has ended."""

    async def read(self, session_id: str, file: str, *, offset: int = 0, limit: int = 1 << 20) -> bytes:
        """Nothing is left to read."""
        return b""

    async def forget(self, session_id: str, *, token: str, epoch: int) -> None:
        """Nobody is there to be told."""

    async def remove(self, session_id: str) -> None:
        """Refused."""
        self._refuse()

    async def unacknowledged(self) -> list[str]:
        """None that could be asked for."""
        return []

    async def sessions(self) -> list[SessionSummary]:
        """None that could be asked for."""
        return []
