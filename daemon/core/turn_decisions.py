"""Decisions about agents, their turns and legs: the part of ``decisions`` for them."""

from dataclasses import dataclass, field
from typing import Any, Literal

from chainwright.daemon.core.resolved import Resolved
from chainwright.daemon.core.states import Outcome, Reason, State


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnQueued:
    """A turn exists; ``consumed`` are the numbers of the events that it takes, in the order of the names it listens to."""

    agent: str
    turn: int
    consumed: tuple[int, ...] = ()
    kind: Literal["TurnQueued"] = "TurnQueued"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStarted:
    """Its condition held and its values are resolved: the turn runs."""

    agent: str
    turn: int
    resolved: Resolved
    kind: Literal["TurnStarted"] = "TurnStarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPrepared:
    """The turn is ready but something has to come first. Whatever changes until then, ``start`` is how it starts."""

    agent: str
    turn: int
    start: TurnStarted
    message: str = ""
    """What people are asked, if they are."""
    group: str = ""
    """The concurrency group of which it needs a place, if it does."""
    kind: Literal["TurnPrepared"] = "TurnPrepared"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnHeld:
    """What a prepared turn waits for now."""

    agent: str
    turn: int
    reason: Reason
    detail: str
    state: Literal[State.QUEUED, State.WAITING] = State.WAITING
    kind: Literal["TurnHeld"] = "TurnHeld"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested:
    """People are asked whether a prepared turn may start; ``due`` is when that is too late."""

    agent: str
    turn: int
    by: tuple[str, ...]
    count: int
    message: str = ""
    at: float = 0.0
    due: float | None = None
    kind: Literal["ApprovalRequested"] = "ApprovalRequested"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGranted:
    """Enough people have agreed; ``comment`` is what they said, for the agent to read."""

    agent: str
    turn: int
    comment: str = ""
    kind: Literal["ApprovalGranted"] = "ApprovalGranted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFinished:
    """The turn has ended; a skipped one never started. ``outputs`` are typed."""

    agent: str
    turn: int
    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    kind: Literal["TurnFinished"] = "TurnFinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFinished:
    """A leg of a matrix has ended; ``outputs`` are typed. One that was withdrawn in time never had an attempt."""

    agent: str
    turn: int
    leg: str
    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    kind: Literal["LegFinished"] = "LegFinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStopping:
    """The turn makes no further attempt: its attempts are told to end for this reason."""

    agent: str
    turn: int
    reason: Reason
    detail: str = ""
    kind: Literal["TurnStopping"] = "TurnStopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSkipped:
    """Nothing will ever start this agent in this run."""

    agent: str
    reason: Reason
    detail: str = ""
    kind: Literal["AgentSkipped"] = "AgentSkipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentExhausted:
    """An agent was fed once more than its ``max-turns`` allows; ``consumed`` events start nothing."""

    agent: str
    consumed: tuple[int, ...] = ()
    kind: Literal["AgentExhausted"] = "AgentExhausted"
