"""Facts: everything that reaches the run machine from outside, in the past tense.

A fact says what happened and when (``at``, seconds since the epoch, UTC: it is the only time the core knows). It never says what
to do about it: that is the core's to decide. Failures of the outside are facts too.

Facts are journaled and loaded again for ever: a field may be added with a default, never renamed or removed.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Discriminator

from chainwright.daemon.core.adoptions import EventAdopted, TurnAdopted, ValuesAdopted
from chainwright.daemon.core.child_facts import ChildRunFinished, ChildRunPaused, ChildRunResumed, ChildRunStarted


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Why a run began. ``key`` names the occurrence: a schedule's fire time, a delivery, the run that is retried, …"""

    kind: Literal["manual", "schedule", "retry", "call", "webhook", "event", "chain", "push", "pull_request"]
    actor: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentRun:
    """The attempt, in another run, that this run is."""

    run_id: str
    attempt_id: str
    parent: "ParentRun | None" = None
    """The attempt that the parent is itself, and so on upwards."""
    runs_on: tuple[str, ...] = ()
    """Labels of the host for those of its agents that say none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a run is about that a push or a pull request has started: a commit beside that of its definition."""

    commit: str
    ref: str
    is_foreign: bool = False
    """Whether anybody may have written it, as the head of a pull request: its run gets no secrets (semantics 46)."""

    @property
    def branch(self) -> str:
        """The branch that it was pushed on; empty for anything else."""
        head = "refs/heads/"
        return self.ref.removeprefix(head) if self.ref.startswith(head) and not self.is_foreign else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequested:
    """Somebody or something wants a run; inputs are checked and complete."""

    at: float
    run_id: str
    number: int
    """Counts the runs of this chain, from 1."""
    organization: str
    repository: str
    environment: str
    chain: str
    commit: str
    definition: str
    """Hash of the compiled chain, under which the store keeps it."""
    trigger: Trigger
    inputs: dict[str, Any] = field(default_factory=dict)
    retry_of: str | None = None
    parent: ParentRun | None = None
    depth: int = 0
    """How many runs called or started each other to get here."""
    overlap: Literal["allow", "queue", "cancel"] = "allow"
    """What a run of a schedule, whose id begins the trigger's key, does about those before it: waits for them, or replaces them."""
    attempt: int = 1
    """1, and one more than that of the run that it retries."""
    url: str = ""
    """Where people find the run, at the address that the daemon had then; empty in journals of before there was one."""
    subject: Subject | None = None
    branch: str = ""
    """The branch that was pushed, else the one that the chain is deployed from; empty where it is neither, or was not recorded."""
    kind: Literal["RunRequested"] = "RunRequested"

    @property
    def works_on(self) -> str:
        """The commit in its workspaces, which its expressions call ``run.commit``: that of its definition, unless it has a subject."""
        return self.subject.commit if self.subject else self.commit

    @property
    def gets_no_secrets(self) -> bool:
        """Whether no agent of it may have any."""
        return self.subject is not None and self.subject.is_foreign


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    """The session host of an attempt has let the agent go."""

    at: float
    attempt_id: str
    host: str
    pid: int
    durable: bool = True
    """Whether it outlives its connection; not on a host without Python, where its operator lets agents run all the same."""
    kind: Literal["SessionStarted"] = "SessionStarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostChosen:
    """Where the session of an attempt is to run. On record before anything is asked of that host, so that it is looked for there."""

    at: float
    attempt_id: str
    host: str
    kind: Literal["HostChosen"] = "HostChosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDelayed:
    """The session cannot start yet and will be tried again: no host has its labels, no slot, or no terminal is left, or the host is away."""

    at: float
    attempt_id: str
    reason: Literal["no-pty", "no-slot", "no-host", "host-away"]
    detail: str = ""
    kind: Literal["SessionDelayed"] = "SessionDelayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReference:
    """Which secret a process gets, and not its value: ``version`` differs when the value does, and tells nothing about it."""

    name: str
    provider: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretsResolved:
    """The attempt's secrets were found; its session is started with these and no others."""

    at: float
    attempt_id: str
    secrets: tuple[SecretReference, ...]
    kind: Literal["SecretsResolved"] = "SecretsResolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRefused:
    """The session can never start as specified: the detail names what is missing. Nothing was executed."""

    at: float
    attempt_id: str
    detail: str
    reason: Literal["exit", "secret"] = "exit"
    kind: Literal["SessionRefused"] = "SessionRefused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionExited:
    """The agent's process tree has ended, all its events have been given, and its outputs have been read."""

    at: float
    attempt_id: str
    code: int | None
    """Exit code, or None when a signal ended it."""
    signal: int | None
    ended_by: Literal["exit", "timeout", "stall", "stop", "log-full"]
    """What brought the end about: itself, the session host's limits, or a stop that was asked for."""
    size: int
    """Bytes of output."""
    started_at: float | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    """What it wrote, as text or JSON; not yet held against what it declares."""
    output_problem: str = ""
    """Why its output file could not be read, if so."""
    file_problems: tuple[str, ...] = ()
    """What is wrong with the files that its outputs name, if something is."""
    tail: str = ""
    """The last line of its output that says something, for people."""
    kind: Literal["SessionExited"] = "SessionExited"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionRaised:
    """An agent waits for a person: at its terminal, as far as that can be told from what it shows, or for room on the disk of its host."""

    at: float
    attempt_id: str
    cause: Literal["prompt", "bell", "title", "idle", "disk-full"]
    excerpt: str
    """The last lines of its screen; of a full disk, which one."""
    kind: Literal["AttentionRaised"] = "AttentionRaised"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionCleared:
    """It goes on."""

    at: float
    attempt_id: str
    kind: Literal["AttentionCleared"] = "AttentionCleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """The session host has begun a step of an attempt."""

    at: float
    attempt_id: str
    step: int
    """Which step of the agent, from 1."""
    kind: Literal["StepStarted"] = "StepStarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepExited:
    """A step has ended, and what it left for others has been read."""

    at: float
    attempt_id: str
    step: int
    code: int | None
    signal: int | None
    ended_by: Literal["exit", "timeout", "stop", "session"]
    """Itself, its own time limit, a stop of this step alone, or the end of the whole session."""
    outputs: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    """Variables for the steps that follow."""
    path: tuple[str, ...] = ()
    """Folders for their PATH, in the order in which they were added."""
    problem: str = ""
    """Why one of its files could not be read, if so."""
    error: str = ""
    """Why it could not be executed, if so."""
    tail: str = ""
    """The last line of output that says something, when it failed."""
    kind: Literal["StepExited"] = "StepExited"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLost:
    """The session host vanished without a record of the agent's end (it was killed, or the machine went down)."""

    at: float
    attempt_id: str
    group_gone: bool
    """Whether the agent's processes are proven gone; only then can a retry be allowed."""
    detail: str
    kind: Literal["SessionLost"] = "SessionLost"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEmitted:
    """An agent dropped a readable event file."""

    at: float
    attempt_id: str
    key: str
    name: str
    data: Any = None
    offset: int = 0
    """Where reading of the attempt's ``events.log`` goes on."""
    file_problems: tuple[str, ...] = ()
    """What is wrong with the files that its data names, if something is."""
    kind: Literal["EventEmitted"] = "EventEmitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFileRefused:
    """An agent dropped something into its event folder that is no event; ``why`` is for its author."""

    at: float
    attempt_id: str
    file: str
    why: str
    offset: int = 0
    kind: Literal["EventFileRefused"] = "EventFileRefused"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInjected:
    """A person or program sent an event into a live run."""

    at: float
    actor: str
    key: str
    name: str
    data: Any = None
    kind: Literal["EventInjected"] = "EventInjected"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFinished:
    """A check's session has ended."""

    at: float
    attempt_id: str
    index: int
    """Which check of the agent, from 0."""
    again: int = 0
    """Which session of it: how many were lost before."""
    code: int | None
    ended_by: Literal["exit", "timeout", "stop", "lost", "refused"]
    text: str = ""
    """What it printed, for the next attempt."""
    kind: Literal["CheckFinished"] = "CheckFinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """A timer that the core asked for is due."""

    at: float
    timer: str
    kind: Literal["TimerFired"] = "TimerFired"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested:
    """Somebody wants the run to end."""

    at: float
    actor: str
    kind: Literal["CancelRequested"] = "CancelRequested"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecided:
    """A person who may has said yes or no to what waits for that."""

    at: float
    actor: str
    agent: str
    turn: int
    verdict: Literal["approve", "reject"]
    comment: str = ""
    kind: Literal["ApprovalDecided"] = "ApprovalDecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitDecided:
    """A person has said whether a run may go beyond a limit, and by how much: by as much again, when ``amount`` is None.

    With ``agent`` and ``turn`` it is a limit of that turn.
    """

    at: float
    actor: str
    limit: Literal["turns", "events", "duration"]
    verdict: Literal["approve", "reject"]
    amount: float | None = None
    comment: str = ""
    agent: str = ""
    turn: int = 0
    kind: Literal["LimitDecided"] = "LimitDecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotGranted:
    """A place of a concurrency group, which was asked for, is this run's or this turn's now."""

    at: float
    claim: str
    kind: Literal["SlotGranted"] = "SlotGranted"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRefused:
    """So many wait for the group that no more may."""

    at: float
    claim: str
    detail: str
    kind: Literal["SlotRefused"] = "SlotRefused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotTaken:
    """Something newer of the group takes the place, or the place in the queue; ``detail`` names it."""

    at: float
    claim: str
    detail: str
    kind: Literal["SlotTaken"] = "SlotTaken"


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalErrorOccurred:
    """We made a mistake while deciding on this run; what is known of it stands in ``detail``."""

    at: float
    detail: str
    kind: Literal["InternalErrorOccurred"] = "InternalErrorOccurred"


Fact = Annotated[
    RunRequested
    | EventAdopted
    | TurnAdopted
    | ValuesAdopted
    | SessionStarted
    | HostChosen
    | SessionDelayed
    | SecretsResolved
    | SessionRefused
    | SessionExited
    | StepStarted
    | StepExited
    | SessionLost
    | ChildRunStarted
    | ChildRunPaused
    | ChildRunResumed
    | ChildRunFinished
    | EventEmitted
    | EventFileRefused
    | EventInjected
    | CheckFinished
    | TimerFired
    | CancelRequested
    | ApprovalDecided
    | LimitDecided
    | SlotGranted
    | SlotRefused
    | SlotTaken
    | AttentionRaised
    | AttentionCleared
    | InternalErrorOccurred,
    Discriminator("kind"),
]
