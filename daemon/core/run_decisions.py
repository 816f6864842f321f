"""Decisions about a whole run, its timers, slots and limits: the part of ``decisions`` for them."""

from dataclasses import dataclass, field
from typing import Any, Literal

from chainwright.daemon.core.graph import LimitName
from chainwright.daemon.core.states import Outcome, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The run goes from queued to running; ``at`` is 0 in a journal of a version that began every run at once."""

    at: float = 0.0
    kind: Literal["RunStarted"] = "RunStarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSet:
    """The shell is to report ``TimerFired`` at ``due``."""

    timer: str
    due: float
    kind: Literal["TimerSet"] = "TimerSet"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerCleared:
    """A timer is no longer wanted."""

    timer: str
    kind: Literal["TimerCleared"] = "TimerCleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRequested:
    """A place of a concurrency group is asked for: for the whole run, before it starts, or for a turn.

    ``claim`` names it within the run: ``run``, ``schedule``, or the agent and the number of its turn.
    """

    claim: str
    group: str
    max: int
    queue: int
    cancel_in_progress: bool
    priority: int = 0
    at: float = 0.0
    kind: Literal["SlotRequested"] = "SlotRequested"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotReleased:
    """The place is no longer needed, or no longer waited for."""

    claim: str
    kind: Literal["SlotReleased"] = "SlotReleased"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQueued:
    """The run has to wait before it starts."""

    reason: Reason
    detail: str
    kind: Literal["RunQueued"] = "RunQueued"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached:
    """A limit of the run is reached: people are asked, and nothing new begins, or it is only noted."""

    limit: LimitName
    then: Literal["pause", "notify"]
    detail: str
    at: float = 0.0
    kind: Literal["LimitReached"] = "LimitReached"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRaised:
    """So much is added to what a limit allows."""

    limit: LimitName
    amount: float
    kind: Literal["LimitRaised"] = "LimitRaised"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWaiting:
    """The run needs people: nothing else is left to go on, or nothing new may begin.

    With ``duration_left_s`` its limit of duration stands still, with so much of it left.
    """

    reason: Reason
    detail: str
    duration_left_s: float | None = None
    kind: Literal["RunWaiting"] = "RunWaiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed:
    """The run goes on."""

    kind: Literal["RunResumed"] = "RunResumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStopping:
    """The run takes nothing new on and ends once what runs has ended; ``outcome`` is how."""

    outcome: Outcome
    reason: Reason
    detail: str = ""
    kind: Literal["RunStopping"] = "RunStopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The run has ended; the journal is sealed."""

    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    cause: Reason | None = None
    """Why the agent failed that failed the run."""
    strays: bool = False
    """Whether a process of it may still run: it was lost, and not proven gone."""
    outputs: dict[str, Any] = field(default_factory=dict)
    kind: Literal["RunFinished"] = "RunFinished"
