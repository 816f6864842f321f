"""The state of one run: what ``evolve`` builds from the journal and ``decide`` reads.

It belongs to one owner (the run's scope in the engine) and is changed in place by ``evolve`` alone: copying a run with forty thousand
events for each of them would make a burst quadratic. Whoever needs a second opinion rebuilds it from the journal.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chainwright.daemon.core.attempt_ids import parsed
from chainwright.daemon.core.attention import Attention
from chainwright.daemon.core.decisions import (
    ApprovalRequested,
    LegFinished,
    LimitReached,
    Resolved,
    ResolvedStep,
    RunStopping,
    SlotRequested,
    TurnPrepared,
    TurnStopping,
)
from chainwright.daemon.core.facts import RunRequested, SecretReference, SessionExited, StepExited
from chainwright.daemon.core.graph import Agent, Chain, LimitName
from chainwright.daemon.core.matrix import label
from chainwright.daemon.core.states import RESULTS, Outcome, Reason, Result, State
from chainwright.daemon.core.topology import Topology, topology
from chainwright.daemon.core.turn_limit_decisions import TurnLimitReached


@dataclass(slots=True, kw_only=True)
class EventState:
    """An event of the run. ``agent`` is None when it was injected from outside."""

    number: int
    name: str
    data: Any
    at: float
    agent: str | None
    turn: int | None
    attempt_id: str | None
    key: str = ""
    leg: str | None = None
    problems: tuple[str, ...] = ()
    """What is wrong with the files that its data names."""

    def as_json(self) -> dict[str, Any]:
        """As agents and expressions read it."""
        source = {"agent": self.agent, "turn": self.turn, "leg": self.leg, "attempt": self.attempt_id}
        return {"name": self.name, "data": self.data, "time": self.at, "source": source if self.agent else None}


@dataclass(slots=True, kw_only=True)
class StepState:
    """One step of an attempt, once it was ordered or skipped."""

    number: int
    resolved: ResolvedStep | None = None
    started_at: float | None = None
    exit: StepExited | None = None
    outcome: Result | None = None
    conclusion: Result | None = None
    detail: str = ""


@dataclass(slots=True, kw_only=True)
class AttemptState:
    """One try of a turn."""

    id: str
    agent: str
    turn: int
    number: int
    leg: str | None
    state: State
    due: float | None
    feedback: str
    outcome: Outcome | None = None
    reason: Reason | None = None
    detail: str = ""
    started_at: float | None = None
    host: str = ""
    """Where its session runs, or is looked for; empty until that is chosen, and for the daemon's own machine where nothing else was asked for."""
    durable: bool = True
    """Whether its session outlives the connection to its host."""
    secrets: tuple[SecretReference, ...] = ()
    """What its session is, or was, started with."""
    exit: SessionExited | None = None
    attention: Attention | None = None
    """Why it waits for a person, while it runs and does."""
    child: str | None = None
    """The run that it is, once that exists."""
    paused: bool = False
    """Whether in the run that it is only people can do something."""
    check: int | None = None
    """The check that runs now."""
    again: int = 0
    """How often this check was begun anew because its session was lost."""
    stopping_for: Reason | None = None
    cleans_up: bool = False
    """Whether its steps go on although it was told to end: those that ask for it."""
    steps: list[StepState] = field(default_factory=list)
    steps_code: int | None = None
    """What its session was told to exit with, no step being left."""
    keys: set[str] = field(default_factory=set)
    answered: bool = False
    """Whether it has emitted an event that it declares: what `finish: event` waits for."""
    staged: deque[int] = field(default_factory=deque)
    """Numbers of its events that wait for its success."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Name of each declared event whose data did not fit, and why."""

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.state is not State.FINISHED

    @property
    def asked_for(self) -> bool:
        """Whether its session may exist: before its delay is over nobody can have heard of it."""
        return self.live and self.state is not State.WAITING

    @property
    def takes_steps(self) -> bool:
        """Whether a further step may be ordered."""
        return self.live and (self.stopping_for is None or self.cleans_up)

    @property
    def running_step(self) -> StepState | None:
        """The step that was ordered and has not ended."""
        return self.steps[-1] if self.steps and self.steps[-1].conclusion is None else None

    def step(self, number: int) -> StepState | None:
        """A step by its number, if it was reached."""
        return self.steps[number - 1] if number <= len(self.steps) else None

    @property
    def taken_away(self) -> Reason | None:
        """Why it was told to end from outside: not for its event, nor its time-out, whose end is like any other's."""
        return None if self.stopping_for in (Reason.EVENT, Reason.TIMEOUT) else self.stopping_for


@dataclass(slots=True, kw_only=True)
class LegState:
    """What the attempts of a turn are tries of: one leg of its matrix, or without a matrix its only one.

    That only one ends with its turn and has no outcome of its own.
    """

    leg: str | None
    resolved: Resolved
    name: str = ""
    matrix: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome | None = None
    reason: Reason | None = None
    detail: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    attempts: list[AttemptState] = field(default_factory=list)
    delivered: set[str] = field(default_factory=set)
    """Keys of immediate events already routed: a retry's repeat is not routed again."""

    @property
    def is_queued(self) -> bool:
        """Whether it waits for its first attempt."""
        return self.outcome is None and not self.attempts

    @property
    def state(self) -> State:
        """How far it has come: where its last attempt is, unless it has ended."""
        if self.outcome is not None:
            return State.FINISHED
        return self.attempts[-1].state if self.attempts else State.QUEUED

    def end(self, how: LegFinished) -> None:
        """Let it have ended like this."""
        self.outcome, self.reason, self.detail, self.outputs = how.outcome, how.reason, how.detail, how.outputs

    def is_called(self, name: str) -> bool:
        """Whether a person who says this means it: its number, its name, or its values in a row."""
        return name in (self.leg, self.name, label(self.matrix)) and self.leg is not None

    def as_json(self) -> dict[str, Any]:
        """As expressions read it, once it has ended."""
        result = RESULTS[self.outcome].value if self.outcome else None
        return {
            "leg": self.leg,
            "name": self.name,
            "matrix": self.matrix,
            "result": result,
            "outputs": self.outputs,
        }


@dataclass(slots=True, kw_only=True)
class ApprovalState:
    """People being asked whether a turn may start."""

    request: ApprovalRequested
    granted: bool = False
    comments: dict[str, str] = field(default_factory=dict)
    """What each who has agreed said, by name."""


def legs_of(agent: Agent, resolved: Resolved) -> dict[str | None, LegState]:
    """The legs of a turn that gets these values, by their number; without a matrix a single one under None."""
    if agent.strategy is None:
        return {None: LegState(leg=None, resolved=resolved)}
    return {
        leg.leg: LegState(leg=leg.leg, resolved=leg.resolved, name=leg.name, matrix=leg.matrix) for leg in resolved.legs
    }


@dataclass(slots=True, kw_only=True)
class SlotState:
    """A place of a concurrency group that the run or one of its turns has, or waits for."""

    request: SlotRequested
    granted: bool = False


@dataclass(slots=True, kw_only=True)
class TurnState:
    """One start of an agent."""

    agent: str
    number: int
    consumed: tuple[int, ...]
    state: State = State.QUEUED
    outcome: Outcome | None = None
    reason: Reason | None = None
    detail: str = ""
    prepared: TurnPrepared | None = None
    """How it will start, once nothing holds it any more; None when nothing ever did."""
    approval: ApprovalState | None = None
    comment: str = ""
    """What the people said who approved it."""
    resolved: Resolved | None = None
    """None until it starts."""
    outputs: dict[str, Any] = field(default_factory=dict)
    legs: dict[str | None, LegState] = field(default_factory=dict)
    """By their number; without a matrix a single one under None. Empty until it has started."""
    stopping: TurnStopping | None = None
    """Why it makes no further attempt, if so."""
    adopted_from: str = ""
    """The run in which it was done, if that was another."""
    events_declared: int = 0
    reached: dict[LimitName, TurnLimitReached] = field(default_factory=dict)
    """Its own limits that are reached and were not raised since."""
    added: dict[LimitName, float] = field(default_factory=dict)
    """What people have added to them."""
    duration_left_s: float | None = None
    """What is left of its limit of duration while only people are waited for."""

    @property
    def is_paused(self) -> bool:
        """Whether people are asked about a limit of its own, so that no attempt may start."""
        return any(one.then == "pause" for one in self.reached.values())

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.state is not State.FINISHED

    @property
    def attempts(self) -> list[AttemptState]:
        """Those of all legs, leg by leg."""
        return [attempt for leg in self.legs.values() for attempt in leg.attempts]

    @property
    def has_matrix(self) -> bool:
        """Whether its legs are those of a matrix."""
        return bool(self.legs) and None not in self.legs

    @property
    def held(self) -> bool:
        """Whether something has to come before it starts."""
        return self.live and self.prepared is not None and self.resolved is None


@dataclass(slots=True, kw_only=True)
class AgentState:
    """An agent within the run."""

    id: str
    inbox: dict[str, deque[int]]
    """Event name → numbers of events that were delivered and started nothing yet, first in first out."""
    turns: list[TurnState] = field(default_factory=list)
    live: dict[int, TurnState] = field(default_factory=dict)
    """Its turns that have not ended, by number: one at a time, unless its ``concurrency`` says otherwise."""
    last_turn: TurnState | None = None
    """The newest of its turns that have ended and were not skipped. Kept, not searched for: an agent may have skipped ten thousand turns."""
    started: int = 0
    """Turns that were not skipped."""
    exhausted: bool = False
    skipped: tuple[Reason, str] | None = None
    """Why it will never start, once that is known."""

    @property
    def begun(self) -> int:
        """Turns that were not skipped, those that are held included."""
        return self.started + sum(1 for turn in self.live.values() if turn.resolved is None)


@dataclass(slots=True, kw_only=True)
class RunState:
    """A run. ``request`` is None until its first fact has been applied."""

    chain: Chain
    edges: Topology
    agents: dict[str, AgentState]
    request: RunRequested | None = None
    state: State = State.QUEUED
    outcome: Outcome | None = None
    reason: Reason | None = None
    detail: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    attempts: dict[str, AttemptState] = field(default_factory=dict)
    events: list[EventState | None] = field(default_factory=list)
    """By number − 1; None for a refused file, which takes a number but can never be consumed."""
    recorded: dict[tuple[str, tuple[int, ...]], Resolved] = field(default_factory=dict)
    """Agent and consumed events → values that were resolved in the run that this one retries."""
    kept_legs: dict[tuple[str, tuple[int, ...]], tuple[LegFinished, ...]] = field(default_factory=dict)
    """The same → legs that ended well there, and are not done again."""
    timers: dict[str, float] = field(default_factory=dict)
    slots: dict[str, SlotState] = field(default_factory=dict)
    """By claim."""
    reached: dict[LimitName, LimitReached] = field(default_factory=dict)
    """Limits that are reached and were not raised since, in that order."""
    added: dict[LimitName, float] = field(default_factory=dict)
    """What people have added to limits."""
    started_at: float | None = None
    now: float = 0.0
    """The time of the latest fact."""
    live_turns: int = 0
    turns_started: int = 0
    events_declared: int = 0
    stopping: RunStopping | None = None
    strays: bool = False
    """Whether a process was lost and is not proven gone."""
    abandoned: bool = False
    """Whether it was cancelled while it was already ending: nothing may start any more, not even to clean up."""
    failures: list[tuple[str, Reason | None, str]] = field(default_factory=list)
    """Agent, reason and detail of what fails the run."""
    duration_left_s: float | None = None
    """What is left of the limit of duration while only people are waited for."""
    mistake: str = ""
    """What is known of a mistake of ours in deciding on this run: its outcome cannot be trusted, whatever else was decided."""

    @property
    def id(self) -> str:
        """Of the run."""
        assert self.request is not None
        return self.request.run_id

    def live_attempts(self) -> Iterator[AttemptState]:
        """Attempts that have not ended, in the order of the file."""
        for agent in self.agents.values():
            for turn in agent.live.values():
                yield from (attempt for attempt in turn.attempts if attempt.live)

    def calls(self, attempt_id: str) -> bool:
        """Whether the attempt is a run of another chain."""
        agent = self.chain.agents.get(parsed(attempt_id).agent)
        return agent is not None and agent.calls is not None

    def held_turns(self) -> Iterator[TurnState]:
        """Turns that wait for something before they start, in the order of the file."""
        for agent in self.agents.values():
            yield from (turn for turn in agent.live.values() if turn.held)

    def event(self, number: int) -> EventState:
        """An event by its number."""
        event = self.events[number - 1]
        assert event is not None
        return event

    def turn_of(self, attempt: AttemptState) -> TurnState:
        """The turn that an attempt belongs to."""
        return self.agents[attempt.agent].turns[attempt.turn - 1]

    def labels_of(self, attempt: AttemptState) -> tuple[str, ...]:
        """What the host of an attempt must have: what its agent asks for, else what the agent does that called this run."""
        own = self.leg_of(attempt).resolved.runs_on
        parent = self.request.parent if self.request else None
        return own or (parent.runs_on if parent else ())

    def leg_of(self, attempt: AttemptState) -> LegState:
        """The leg that an attempt is a try of."""
        return self.turn_of(attempt).legs[attempt.leg]

    def result(self, agent: str) -> Result:
        """How an agent's last turn that was not skipped ended, in GitHub's words; ``skipped`` when it has none."""
        turn = self.agents[agent].last_turn
        if turn is None:
            return Result.SKIPPED
        assert turn.outcome is not None
        result = RESULTS[turn.outcome]
        forgiven = result is Result.FAILURE and self.chain.agents[agent].continue_on_error
        return Result.SUCCESS if forgiven else result


def initial(chain: Chain) -> RunState:
    """The state of a run of this chain before its first fact."""
    agents = {
        agent.id: AgentState(
            id=agent.id, inbox={name: deque() for name in (agent.listens.names if agent.listens else ())}
        )
        for agent in chain.agents.values()
    }
    return RunState(chain=chain, edges=topology(chain), agents=agents)
