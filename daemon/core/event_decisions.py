"""Decisions about what becomes of events: the part of ``decisions`` for them."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRouted:
    """A staged, immediate or injected event goes to its consumers, each of which has it queued from now on."""

    number: int
    consumers: tuple[str, ...]
    kind: Literal["EventRouted"] = "EventRouted"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRefused:
    """An event is recorded and shown but never routed: not declared, or its data does not fit."""

    number: int
    why: str
    kind: Literal["EventRefused"] = "EventRefused"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDiscarded:
    """A staged event will not be routed: its attempt did not succeed, or was already over (``late``)."""

    number: int
    why: Literal["attempt-failed", "late", "repeated", "run-ending"]
    kind: Literal["EventDiscarded"] = "EventDiscarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticEventRaised:
    """``<id>.<word>`` of an agent that somebody listens to. It takes the next event number."""

    agent: str
    turn: int
    name: str
    consumers: tuple[str, ...]
    at: float = 0.0
    data: dict[str, Any] = field(default_factory=dict)
    kind: Literal["AutomaticEventRaised"] = "AutomaticEventRaised"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesDropped:
    """Queued events of a consumer that will start nothing: left over when it fired, or withdrawn by their emitter."""

    agent: str
    numbers: tuple[int, ...]
    why: Literal["surplus", "withdrawn", "run-ending"]
    kind: Literal["DeliveriesDropped"] = "DeliveriesDropped"
