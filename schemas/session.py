"""What a session is started with, and the records that its session host leaves: the formats between daemon and session host.

The session host is a single file without dependencies, so it reads and writes these as plain JSON; this module is their
definition, and ``tests/schemas/test_session.py`` holds the two together.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import TypeAdapter

PROTOCOL: Final = 1
"""Version of specification, records and frames; a session host and a daemon one version apart understand each other."""
OLDEST_PROTOCOL: Final = max(1, PROTOCOL - 1)
"""That of session hosts which an earlier daemon has started, and with which this one still speaks."""

EndedBy = Literal["exit", "timeout", "stall", "stop", "log-full"]


ROWS: Final = 40
COLS: Final = 120
"""Of a terminal that nobody has resized."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """What the session host enforces by itself, also while no daemon is there."""

    timeout_s: float | None = 3_600.0
    idle_timeout_s: float | None = None
    grace_s: float = 10.0
    """Between TERM and KILL."""
    linger_s: float = 600.0
    """How long the session host answers after its agent's end, unless it is told FORGET."""
    max_log_bytes: int = 1 << 30
    on_max_log: Literal["block", "drop", "kill"] = "drop"
    max_event_bytes: int = 256 * 1024
    scan_s: float = 1.0
    """Between two looks into the event folder; inotify may make it quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpec:
    """Everything that ``start`` reads on its stdin.

    ``env`` and ``masks`` may hold secrets: this value is never written to disk, to a log or into an argument list.
    """

    id: str
    token: str
    """What a client must know to open the control socket."""
    epoch: int
    interpreters: tuple[tuple[str, ...], ...]
    """Command lines to try in order; the first whose program is found is used, the script's path is appended."""
    script: str | None = None
    """Written to ``files/script``; None appends nothing, so the interpreter is the whole command."""
    env: dict[str, str] = field(default_factory=dict, repr=False)
    """The whole environment of the agent, but for ``path_env``."""
    path_env: dict[str, str] = field(default_factory=dict)
    """Variable → path relative to the session's folder; the session host makes it absolute."""
    path_prefix: str = ""
    """A folder put in front of PATH: where the agent finds ``chainwright emit``."""
    cwd: str = "/"
    files: dict[str, str] = field(default_factory=dict)
    """Name → text, written below ``files/`` before the agent starts. No secrets."""
    rows: int = ROWS
    cols: int = COLS
    masks: tuple[str, ...] = field(default=(), repr=False)
    """Values replaced by ``***`` in the output before it reaches the disk."""
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    """Name → value of what steps may name in their ``secret_env``; kept in memory alone, as ``env`` is."""
    limits: SessionLimits = SessionLimits()
    steps: bool = False
    """Whether it executes nothing by itself but one :class:`StepOrder` after the other, until it is told that no more come."""
    proto: int = PROTOCOL


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOrder:
    """What a session with steps is to execute next. An order for a number that was begun before changes nothing."""

    n: int
    """Its place among the steps, from 1; those that are skipped are never ordered."""
    title: str
    """A line for the log, which it begins with."""
    script: str
    """Written to ``files/step.<n>``."""
    interpreters: tuple[tuple[str, ...], ...]
    """As in :class:`SessionSpec`."""
    env: dict[str, str]
    """In addition to the session's, over which it wins. No secrets."""
    secret_env: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Variables that win over ``env``, in pieces: ("text", as it is) or ("secret", the name of one of the session's)."""
    path_env: dict[str, str]
    """Variable → path relative to the session's folder, over everything else."""
    path: tuple[str, ...] = ()
    """Folders in front of PATH."""
    cwd: str
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRecord:
    """``child.json``: durable before the agent may execute. Its absence proves that nothing ran."""

    pid: int
    """Of the agent; also its process group and session."""
    host_pid: int
    boot_id: str
    proto: int
    started_at: float
    start_time: int
    """Field 22 of ``/proc/<pid>/stat``: with pid and boot id it tells our process from a later one."""
    pgid: int
    durable: bool = True
    """Whether the agent outlives the connection to its host; its process ids are those of this machine's part when it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitRecord:
    """``exit.json``: written once, after the process tree's end, the last byte of output and the last event."""

    code: int | None
    signal: int | None
    ended_by: EndedBy
    size: int
    """Bytes in ``out.log``."""
    dropped: int
    """Bytes that ``max_log_bytes`` cost."""
    ended_at: float
    events_size: int
    """Bytes in ``events.log``."""
    error: str = ""
    """Why the agent could not be executed, when it could not (code 126 or 127)."""
    rusage: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """A line of ``events.log``: a file that an agent dropped, as it was found. Exactly one of content and refused is set."""

    n: int
    """Counts the files of the session from 1; also the prefix of its name in ``events/done``."""
    file: str
    at: float
    content: str | None = None
    """UTF-8 text; bytes that are none are refused."""
    refused: str | None = None
    """What was wrong with it, for the author of the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A line of ``steps.log``: a step has begun (``started_at`` is set) or ended (``ended_at`` is)."""

    n: int
    started_at: float | None = None
    ended_at: float | None = None
    code: int | None = None
    signal: int | None = None
    ended_by: Literal["exit", "timeout", "stop", "session"] = "exit"
    """Itself, its own time limit, a stop of this step alone, or the end of the whole session."""
    size: int = 0
    """Bytes in ``out.log`` by then."""
    error: str = ""
    """Why it could not be begun, when the session host could not."""


STEP_JSON: Final = TypeAdapter(StepOrder)
STEP_LINE_JSON: Final = TypeAdapter(StepLine)
SPEC_JSON: Final = TypeAdapter(SessionSpec)
CHILD_JSON: Final = TypeAdapter(ChildRecord)
EXIT_JSON: Final = TypeAdapter(ExitRecord)
EVENT_LINE_JSON: Final = TypeAdapter(EventLine)
