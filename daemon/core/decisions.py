"""Decisions: everything the run machine concluded, journaled beside the facts that caused it.

A decision holds what was resolved, chosen or computed (values of expressions, delays, consumers), so that state is rebuilt by
``evolve`` alone and a newer version never decides the past again. Decisions are applied in order and each is complete: it names
what it changes and what it becomes.

Loaded again for ever: a field may be added with a default, never renamed or removed.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Discriminator

from chainwright.daemon.core.graph import LimitName
from chainwright.daemon.core.states import Outcome, Reason, Result, State
from chainwright.daemon.core.turn_limit_decisions import (
    TurnClockStarted,
    TurnClockStopped,
    TurnLimitRaised,
    TurnLimitReached,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text with secrets: ``text``, or the name of a secret, whose value nobody here knows."""

    text: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a turn's attempts get, evaluated once: every attempt of the turn sees these very values."""

    script: str | None = None
    prompt: str | None = None
    shell: tuple[str, ...] = ()
    working_directory: str = ""
    env: dict[str, str] = field(default_factory=dict)
    with_: dict[str, Any] = field(default_factory=dict)
    event: dict[str, Any] | None = None
    """The event, or by name the events, that started the turn, as the agent reads them; None without one."""
    needs: dict[str, Any] | None = None
    """What expressions of its steps and checks see of the agents that it needs; None where it has none of these."""
    secrets: tuple[str, ...] = ()
    """Names of the secrets that the process gets, each as the variable of that name."""
    secret_env: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    """Variables in whose texts secrets stand; none of them is in ``env``."""
    secret_inputs: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    """Inputs in whose texts secrets stand; in ``with_`` their places are marked."""
    legs: "tuple[Leg, ...]" = ()
    """Of a matrix, which has nothing else then: what each leg gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A leg of a matrix. ``leg`` is its number within the turn, from 1, as a text; ``name`` is for people."""

    leg: str
    name: str
    matrix: dict[str, Any]
    resolved: Resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedStep:
    """What a step gets, evaluated when it is ordered."""

    script: str
    working_directory: str = ""
    env: dict[str, str] = field(default_factory=dict)
    """In addition to the turn's: what steps before it set, and over that its own."""
    path: tuple[str, ...] = ()
    """Folders in front of PATH."""
    secret_env: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    """Its own variables in whose texts secrets stand; they win over those of ``env``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The run goes from queued to running; ``at`` is 0 in a journal of a version that began every run at once."""

    at: float = 0.0
    kind: Literal["RunStarted"] = "RunStarted"


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
