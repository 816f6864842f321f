"""Decisions about the limits that an agent sets for each of its turns: the part of ``decisions`` for them."""

from dataclasses import dataclass
from typing import Literal

from chainwright.daemon.core.graph import LimitName


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimitReached:
    """A limit of a turn is reached: people are asked, and it makes no further attempt, or it is only noted."""

    agent: str
    turn: int
    limit: LimitName
    then: Literal["pause", "notify"]
    detail: str
    at: float
    kind: Literal["TurnLimitReached"] = "TurnLimitReached"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimitRaised:
    """So much is added to what a limit allows a turn."""

    agent: str
    turn: int
    limit: LimitName
    amount: float
    kind: Literal["TurnLimitRaised"] = "TurnLimitRaised"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnClockStopped:
    """Only people can let the turn go on: its limit of duration stands still, with so much of it left."""

    agent: str
    turn: int
    duration_left_s: float
    kind: Literal["TurnClockStopped"] = "TurnClockStopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnClockStarted:
    """The limit of duration of a turn goes on from where it stood."""

    agent: str
    turn: int
    kind: Literal["TurnClockStarted"] = "TurnClockStarted"
