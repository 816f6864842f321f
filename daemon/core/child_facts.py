"""Facts about child runs, which are attempts of the run that called them: the part of ``facts`` for sub-chains."""

from dataclasses import dataclass, field
from typing import Any, Literal

from chainwright.daemon.core.states import Outcome, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRunStarted:
    """The run that an attempt is exists."""

    at: float
    attempt_id: str
    run_id: str
    kind: Literal["ChildRunStarted"] = "ChildRunStarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRunPaused:
    """In the run that an attempt is only people can do something: nothing else of it can go on."""

    at: float
    attempt_id: str
    run_id: str
    kind: Literal["ChildRunPaused"] = "ChildRunPaused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRunResumed:
    """The run that an attempt is goes on."""

    at: float
    attempt_id: str
    run_id: str
    kind: Literal["ChildRunResumed"] = "ChildRunResumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRunFinished:
    """The run that an attempt is has ended; what of its events comes up was told before."""

    at: float
    attempt_id: str
    run_id: str
    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    cause: Reason | None = None
    """Why what failed it failed."""
    strays: bool = False
    """Whether something of it may still run."""
    outputs: dict[str, Any] = field(default_factory=dict)
    kind: Literal["ChildRunFinished"] = "ChildRunFinished"
