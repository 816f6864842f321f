"""Decisions about attempts, their steps and checks: the part of ``decisions`` for them."""

from dataclasses import dataclass, field
from typing import Any, Literal

from chainwright.daemon.core.resolved import ResolvedStep
from chainwright.daemon.core.states import Outcome, Reason, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptScheduled:
    """An attempt exists. With ``due`` it waits until then, else its session starts as soon as this is durable."""

    attempt_id: str
    agent: str
    turn: int
    attempt: int
    leg: str | None = None
    due: float | None = None
    feedback: str = ""
    """Why the previous attempt failed, for the agent to read; empty on the first."""
    kind: Literal["AttemptScheduled"] = "AttemptScheduled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptDue:
    """A waiting attempt's delay is over: its session starts."""

    attempt_id: str
    kind: Literal["AttemptDue"] = "AttemptDue"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStopping:
    """The attempt's session is told to end; ``reason`` will decide its outcome."""

    attempt_id: str
    reason: Reason
    cleans_up: bool = False
    """Whether only its running step is told to end, and those that ask for it follow."""
    kind: Literal["AttemptStopping"] = "AttemptStopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOrdered:
    """The step is the next to run: its condition held and its values are resolved."""

    attempt_id: str
    step: int
    """From 1."""
    resolved: ResolvedStep
    kind: Literal["StepOrdered"] = "StepOrdered"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished:
    """The step has ended, or is skipped; ``conclusion`` is the outcome after ``continue-on-error``."""

    attempt_id: str
    step: int
    outcome: Result
    conclusion: Result
    detail: str = ""
    kind: Literal["StepFinished"] = "StepFinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsFinished:
    """No step follows: the session is to exit with this code."""

    attempt_id: str
    code: int
    kind: Literal["StepsFinished"] = "StepsFinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStarted:
    """A check of the attempt begins, in a session of its own; ``again`` counts the sessions of it that were lost before."""

    attempt_id: str
    index: int
    again: int = 0
    kind: Literal["CheckStarted"] = "CheckStarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDecided:
    """A check that needs no session was decided: ``detail`` says why it does not hold, or is empty."""

    attempt_id: str
    index: int
    holds: bool
    detail: str = ""
    kind: Literal["CheckDecided"] = "CheckDecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFinished:
    """The attempt has ended, checks included."""

    attempt_id: str
    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    kind: Literal["AttemptFinished"] = "AttemptFinished"
