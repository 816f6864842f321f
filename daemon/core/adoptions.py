"""What a run takes over from the one that it retries (semantics 28): facts, because they happened, though not here.

They follow the request of the new run in its journal, in the order in which they happened, and are complete: nothing of the earlier
run is read again. Loaded for ever: a field may be added with a default, never renamed or removed.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from chainwright.daemon.core.decisions import LegFinished, Resolved
from chainwright.daemon.core.states import Outcome, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAdopted:
    """An event that was routed; it takes the next number. Time and source are those of then, as its readers saw them."""

    at: float
    name: str
    data: Any = None
    agent: str | None = None
    """Who emitted it; None for an event from outside."""
    turn: int | None = None
    leg: str | None = None
    emitter: str | None = None
    """The id of the attempt that emitted it, in the run where that was."""
    key: str = ""
    consumers: tuple[str, ...] = ()
    kind: Literal["EventAdopted"] = "EventAdopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnAdopted:
    """A turn that is not done again; ``consumed`` are numbers of this run.

    One that is done again under a later number leaves its own taken: skipped, with reason ``retried``.
    """

    at: float
    agent: str
    turn: int
    run_id: str
    """The run in which it was done."""
    outcome: Outcome
    consumed: tuple[int, ...] = ()
    reason: Reason | None = None
    detail: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    resolved: Resolved | None = None
    legs: tuple[LegFinished, ...] = ()
    """How those of a matrix ended."""
    kind: Literal["TurnAdopted"] = "TurnAdopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesAdopted:
    """What a turn that is done again got: the turn of this agent that takes these events gets the very same (I10)."""

    at: float
    agent: str
    resolved: Resolved
    consumed: tuple[int, ...] = ()
    legs: tuple[LegFinished, ...] = ()
    """Of a matrix: how those ended that are not done again."""
    kind: Literal["ValuesAdopted"] = "ValuesAdopted"


Adoption = EventAdopted | TurnAdopted | ValuesAdopted
