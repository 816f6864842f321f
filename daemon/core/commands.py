"""Commands: everything the run machine asks of the outside, as imperatives.

They follow from journal entries and leave only when those are durable. Every command may come twice (after a crash it is derived
again from the state by ``recovery.outstanding``), so whoever performs one makes it idempotent.
"""

from dataclasses import dataclass

from chainwright.daemon.core.states import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSession:
    """Start the session of this attempt, or attach to it if it already exists."""

    attempt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSession:
    """End this attempt's session, politely, then surely; its end is reported like any other."""

    attempt_id: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """Have this attempt's session execute a step, unless it has begun it before."""

    attempt_id: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopStep:
    """End the step that was ordered last, politely, then surely; the session goes on."""

    attempt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSteps:
    """No step follows: the session exits with this code."""

    attempt_id: str
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheck:
    """Run this check of the attempt in a session of its own, or attach to it. After each lost one ``again`` names another."""

    attempt_id: str
    index: int
    again: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StartChildRun:
    """Start the run that this attempt is, or find the one that was started; its end is reported."""

    attempt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelChildRun:
    """Cancel the run that this attempt is, or let it never begin; with ``again``, end what cleans up in it, too."""

    attempt_id: str
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Report ``TimerFired`` at ``due`` (seconds since the epoch), at once if that has passed."""

    timer: str
    due: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearTimer:
    """Forget this timer."""

    timer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSlot:
    """Ask for a place of a concurrency group; the answer is a fact. Known claims are not made twice."""

    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSlot:
    """Give a place of a concurrency group back, or leave its queue."""

    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishRun:
    """The run is over: free what it holds."""


Command = (
    StartSession
    | StopSession
    | RunStep
    | StopStep
    | EndSteps
    | StartCheck
    | StartChildRun
    | CancelChildRun
    | SetTimer
    | ClearTimer
    | ClaimSlot
    | ReleaseSlot
    | FinishRun
)
