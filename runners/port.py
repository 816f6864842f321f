"""The port of a runner: what the daemon asks of a place where sessions run.

Implementations: ``local.LocalRunner`` (this machine). Every callback is documented here, once; adapters pass
``tests/conformance/runner``.

A session is named by its attempt's id. All methods are safe to repeat, and every one of them ends within a bounded time, whatever
the other side does: it raises :class:`HostUnreachable` then.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

from chainwright.schemas.session import ChildRecord, EventLine, ExitRecord, SessionSpec, StepLine, StepOrder


class RunnerError(Exception):
    """Something of the host's went wrong; the message is for its operator."""


class HostUnreachable(RunnerError):
    """Nothing is known about the session now; ask again later. Never a reason to start anything a second time."""


class NotReached(HostUnreachable):
    """The host was not even asked: whoever wanted a session there may ask another host."""


class NoTerminal(RunnerError):
    """The host's table of terminals (or of processes, or its disk) is full. Nothing ran; start again later."""


class CannotStart(RunnerError):
    """The session can never start as specified: a missing working directory, no interpreter. Nothing ran."""


class Fenced(RunnerError):
    """A daemon with a higher epoch owns this session now."""


class Denied(RunnerError):
    """The session host did not accept the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverRan:
    """There is no record of the agent and nobody who could still start it: a start is safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A session host holds it."""

    child: ChildRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Exited:
    """It has ended and left its record."""

    exit: ExitRecord
    child: ChildRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """It ran, its session host is gone, and how it ended is not known."""

    group_gone: bool
    """Whether its processes are proven gone (none left of its group, or the machine has rebooted)."""
    detail: str


SessionStatus = NeverRan | Running | Exited | Lost


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFound:
    """A line of ``events.log``; ``offset`` is where the next line begins."""

    line: EventLine
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTold:
    """A line of ``steps.log``; told from the first one at each :meth:`Runner.follow`."""

    line: StepLine


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """The session host says that it cannot write its log (the agent is held, not harmed), or that it can again."""

    disk_full: bool
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Bytes of the terminal; ``offset`` is that of the first."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class InputTaken:
    """The session host has written input up to this sequence number into the terminal."""

    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """A session folder of the host, whoever it belongs to."""

    id: str
    daemon: str | None = None
    """The name of another daemon's folder below the root that it is in; None for this daemon's own."""
    status: Literal["never-ran", "running", "exited", "lost"]
    pid: int | None
    started_at: float | None
    ended_at: float | None
    acknowledged: bool


class Terminal(Protocol):
    """An open connection to a session's terminal. Leaving it never affects the agent."""

    @property
    def input_seq(self) -> int:
        """The last input that the session has taken, as of HELLO: send from the next."""

    def __aiter__(self) -> AsyncIterator[Output | InputTaken | StatusChanged | Exited]:
        """Output from the asked offset without a gap; the end is :class:`Exited`, after all output."""

    async def send(self, seq: int, data: bytes) -> None:
        """Type; applied only if ``seq`` follows the last one. Raises :class:`Fenced`."""

    async def resize(self, rows: int, cols: int) -> None:
        """Set the terminal's size."""

    async def signal(self, number: int) -> None:
        """Send a signal to the agent's process group."""

    async def close(self) -> None:
        """Leave."""


class Runner(Protocol):
    """A place where sessions run."""

    name: str
    """Of the host, as people say it: ``local``."""

    async def open(self) -> None:
        """Make ready; reports its own failure by raising :class:`RunnerError`."""

    async def close(self) -> None:
        """Let go of everything of the daemon's; sessions go on."""

    async def start(self, spec: SessionSpec) -> ChildRecord:
        """Start the session and return once its agent has been let go; an existing session is returned as it is.

        Raises :class:`NoTerminal`, :class:`CannotStart`; :class:`NotReached` where nothing can have been started, any other
        :class:`HostUnreachable` where it may have been.
        """

    async def poll(self, session_id: str) -> SessionStatus:
        """What the host knows of the session, from its files, in the order of sessions.md."""

    def follow(
        self, session_id: str, *, token: str, epoch: int, events_from: int
    ) -> AsyncIterator[EventFound | StepTold | StatusChanged | Exited | Lost]:
        """The session's life from byte ``events_from`` of its events on; ends with Exited or Lost.

        Every event and step comes before Exited, events of a step before its end. Works the same for a session that ended long ago.
        """

    async def attach(
        self, session_id: str, *, token: str, epoch: int, role: Literal["viewer", "typist"], offset: int
    ) -> Terminal:
        """Open the terminal, output from byte ``offset`` on. A viewer may not type, resize or signal.

        An ended session gives its remaining output and its end.
        """

    async def stop(self, session_id: str, *, token: str, epoch: int, grace_s: float) -> None:
        """Begin the stop sequence: TERM to the group, grace, KILL. The end is reported by ``follow``."""

    async def run_step(self, session_id: str, *, token: str, epoch: int, step: StepOrder) -> None:
        """Have a session with steps begin the next one; how it ends is reported by ``follow``. Nothing, once it has ended."""

    async def stop_step(self, session_id: str, *, token: str, epoch: int, n: int, grace_s: float) -> None:
        """Begin the stop sequence for this step alone; nothing, if it does not run."""

    async def end_steps(self, session_id: str, *, token: str, epoch: int, code: int) -> None:
        """No step follows: the session exits with this code."""

    async def read(self, session_id: str, file: str, *, offset: int = 0, limit: int = 1 << 20) -> bytes:
        """Bytes of ``out.log``, ``timing``, ``events.log`` or one of ``files/``; empty when there is none."""

    async def forget(self, session_id: str, *, token: str, epoch: int) -> None:
        """The daemon has recorded the end: write ``ack`` and let the session host go. The folder stays readable."""

    async def remove(self, session_id: str) -> None:
        """Delete the folder of an acknowledged session; any other is refused with :class:`RunnerError`."""

    async def unacknowledged(self) -> list[str]:
        """Ids of sessions that :meth:`forget` was never told of, running ones too. Cheap, however many others there are."""

    async def sessions(self) -> list[SessionSummary]:
        """Every session folder of this host that is this daemon's, and what runs there of other daemons that share its root."""
