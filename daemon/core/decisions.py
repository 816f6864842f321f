"""Decisions: everything the run machine concluded, journaled beside the facts that caused it.

A decision holds what was resolved, chosen or computed (values of expressions, delays, consumers), so that state is rebuilt by
``evolve`` alone and a newer version never decides the past again. Decisions are applied in order and each is complete: it names
what it changes and what it becomes.

Loaded again for ever: a field may be added with a default, never renamed or removed.
"""

from typing import Annotated

from pydantic import Discriminator

from chainwright.daemon.core.attempt_decisions import (
    AttemptDue,
    AttemptFinished,
    AttemptScheduled,
    AttemptStopping,
    CheckDecided,
    CheckStarted,
    StepFinished,
    StepOrdered,
    StepsFinished,
)
from chainwright.daemon.core.event_decisions import (
    AutomaticEventRaised,
    DeliveriesDropped,
    EventDiscarded,
    EventRefused,
    EventRouted,
)
from chainwright.daemon.core.resolved import (
    Leg,
    Piece,
    Resolved,
    ResolvedStep,
)
from chainwright.daemon.core.run_decisions import (
    LimitRaised,
    LimitReached,
    RunFinished,
    RunQueued,
    RunResumed,
    RunStarted,
    RunStopping,
    RunWaiting,
    SlotReleased,
    SlotRequested,
    TimerCleared,
    TimerSet,
)
from chainwright.daemon.core.turn_decisions import (
    AgentExhausted,
    AgentSkipped,
    ApprovalGranted,
    ApprovalRequested,
    LegFinished,
    TurnFinished,
    TurnHeld,
    TurnPrepared,
    TurnQueued,
    TurnStarted,
    TurnStopping,
)
from chainwright.daemon.core.turn_limit_decisions import (
    TurnClockStarted,
    TurnClockStopped,
    TurnLimitRaised,
    TurnLimitReached,
)

__all__ = [
    "AgentExhausted",
    "AgentSkipped",
    "ApprovalGranted",
    "ApprovalRequested",
    "AttemptDue",
    "AttemptFinished",
    "AttemptScheduled",
    "AttemptStopping",
    "AutomaticEventRaised",
    "CheckDecided",
    "CheckStarted",
    "Decision",
    "DeliveriesDropped",
    "EventDiscarded",
    "EventRefused",
    "EventRouted",
    "Leg",
    "LegFinished",
    "LimitRaised",
    "LimitReached",
    "Piece",
    "Resolved",
    "ResolvedStep",
    "RunFinished",
    "RunQueued",
    "RunResumed",
    "RunStarted",
    "RunStopping",
    "RunWaiting",
    "SlotReleased",
    "SlotRequested",
    "StepFinished",
    "StepOrdered",
    "StepsFinished",
    "TimerCleared",
    "TimerSet",
    "TurnClockStarted",
    "TurnClockStopped",
    "TurnFinished",
    "TurnHeld",
    "TurnLimitRaised",
    "TurnLimitReached",
    "TurnPrepared",
    "TurnQueued",
    "TurnStarted",
    "TurnStopping",
]

Decision = Annotated[
    RunStarted
    | TurnQueued
    | TurnPrepared
    | TurnHeld
    | ApprovalRequested
    | ApprovalGranted
    | TurnStarted
    | TurnFinished
    | LegFinished
    | TurnStopping
    | AgentSkipped
    | AgentExhausted
    | AttemptScheduled
    | AttemptDue
    | AttemptStopping
    | StepOrdered
    | StepFinished
    | StepsFinished
    | CheckStarted
    | CheckDecided
    | AttemptFinished
    | EventRouted
    | EventRefused
    | EventDiscarded
    | AutomaticEventRaised
    | DeliveriesDropped
    | TimerSet
    | TimerCleared
    | SlotRequested
    | SlotReleased
    | RunQueued
    | LimitReached
    | LimitRaised
    | TurnLimitReached
    | TurnLimitRaised
    | TurnClockStopped
    | TurnClockStarted
    | RunWaiting
    | RunResumed
    | RunStopping
    | RunFinished,
    Discriminator("kind"),
]
