"""Play a run as a script, without processes and without time.

A :class:`Playbook` feeds facts to the real run machine and says which commands came of them, so that a test reads like a sequence
diagram::

    play = Playbook(chain)
    play.requested().asks("start research")
    play.exits("research").asks("start write")
    play.exits("write", code=1).asks("finish failed")

Attempts are named ``agent``, with ``[turn]`` after the first turn, ``/leg`` of a matrix and ``#attempt`` after the first attempt:
``write[2]#3``, ``review/2``.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, Self

from chainwright.daemon.core import facts as f
from chainwright.daemon.core.attempt_ids import attempt_id
from chainwright.daemon.core.child_facts import ChildRunFinished, ChildRunPaused, ChildRunResumed, ChildRunStarted
from chainwright.daemon.core.commands import (
    CancelChildRun,
    ClaimSlot,
    ClearTimer,
    Command,
    EndSteps,
    FinishRun,
    ReleaseSlot,
    RunStep,
    SetTimer,
    StartCheck,
    StartChildRun,
    StartSession,
    StopSession,
    StopStep,
)
from chainwright.daemon.core.decide import decide
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.evolve import rebuild
from chainwright.daemon.core.graph import Agent, Chain, Emit, Listen
from chainwright.daemon.core.keeping import Again, Past
from chainwright.daemon.core.recovery import following, outstanding
from chainwright.daemon.core.resting import RUN_DURATION_TIMER
from chainwright.daemon.core.resuming import adoptions
from chainwright.daemon.core.state import AttemptState, EventState, RunState, TurnState, initial
from chainwright.daemon.core.states import Outcome


def agent_of(
    name: str, /, *, on: str | Sequence[str] | Listen | None = None, emits: str | dict[str, Emit] = "", **fields: Any
) -> Agent:
    """An agent that listens to any of ``on`` and emits ``emits`` (names with spaces between, or whole declarations)."""
    declared = {event: Emit(name=event) for event in emits.split()} if isinstance(emits, str) else emits
    return Agent(id=name, listens=_listens(on), emits=declared, **{"script": "true"} | fields)


def _listens(on: str | Sequence[str] | Listen | None) -> Listen | None:
    if on is None or isinstance(on, Listen):
        return on
    return Listen(mode="any", names=(on,) if isinstance(on, str) else tuple(on))


def chain_of(*agents: Agent, **fields: Any) -> Chain:
    """A chain of these agents; fields are those of :class:`~chainwright.daemon.core.graph.Chain`."""
    return replace(Chain(id="test", name="test", agents={agent.id: agent for agent in agents}), **fields)


class Playbook:
    """A run of ``chain`` that exists only as facts and decisions. Every step advances its clock by one second."""

    RUN_ID = "r1"

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.state: RunState = initial(chain)
        self.journal: list[f.Fact | Decision] = []
        """Every entry so far."""
        self.now = 1_000_000.0
        self._asked: list[Command] = []

    # facts

    def requested(self, **inputs: Any) -> Self:
        """Somebody starts the run."""
        return self.given(self._request(inputs))

    def scheduled(self, schedule: str, *, overlap: Literal["allow", "queue", "cancel"]) -> Self:
        """A due time of a schedule, by its id, starts the run."""
        trigger = f.Trigger(kind="schedule", actor="schedule", key=f"{schedule}@{self.now:.0f}")
        return self.given(replace(self._request({}), trigger=trigger, overlap=overlap))

    def retries(self, earlier: "Playbook", again: Again) -> Self:
        """Somebody retries a run that has ended."""
        past = Past(earlier.chain, earlier.journal)
        self.now = earlier.now
        return self.given(self._request({}), adoptions(past, self.chain, again, self.now))

    def _request(self, inputs: dict[str, Any]) -> f.RunRequested:
        return f.RunRequested(
            at=self.now,
            run_id=self.RUN_ID,
            number=1,
            organization="default",
            repository="repo",
            environment="main",
            chain=self.chain.id,
            commit="c" * 40,
            definition="d",
            trigger=f.Trigger(kind="manual", actor="tester"),
            inputs=inputs,
        )

    def starts(self, attempt: str) -> Self:
        """The attempt's session has started."""
        return self.given(f.SessionStarted(at=self.now, attempt_id=self._id(attempt), host="local", pid=1))

    def emits(self, attempt: str, name: str, data: Any = None, *, key: str | None = None) -> Self:
        """The attempt drops an event file."""
        key = key if key is not None else f"key-{len(self.state.events)}"
        return self.given(f.EventEmitted(at=self.now, attempt_id=self._id(attempt), key=key, name=name, data=data))

    def exits(
        self,
        attempt: str,
        code: int | None = 0,
        *,
        outputs: dict[str, Any] | None = None,
        ended_by: Literal["exit", "timeout", "stall", "stop", "log-full"] = "exit",
    ) -> Self:
        """The attempt's session ends."""
        return self.given(
            f.SessionExited(
                at=self.now,
                attempt_id=self._id(attempt),
                code=code,
                signal=None if code is not None else 15,
                ended_by=ended_by,
                size=0,
                outputs=outputs or {},
            )
        )

    def steps(
        self,
        attempt: str,
        step: int,
        code: int | None = 0,
        *,
        ended_by: Literal["exit", "timeout", "stop", "session"] = "exit",
        outputs: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
        path: tuple[str, ...] = (),
        problem: str = "",
    ) -> Self:
        """A step of the attempt ends."""
        return self.given(
            f.StepExited(
                at=self.now,
                attempt_id=self._id(attempt),
                step=step,
                code=code,
                signal=None if code is not None else 15,
                ended_by=ended_by,
                outputs=outputs or {},
                env=env or {},
                path=path,
                problem=problem,
            )
        )

    def refuses(self, attempt: str, detail: str = "no such folder", reason: Literal["exit", "secret"] = "exit") -> Self:
        """The attempt's session can never start."""
        return self.given(f.SessionRefused(at=self.now, attempt_id=self._id(attempt), detail=detail, reason=reason))

    def delays(self, attempt: str) -> Self:
        """The attempt's session has to wait for a slot."""
        return self.given(f.SessionDelayed(at=self.now, attempt_id=self._id(attempt), reason="no-slot"))

    def loses(self, attempt: str, *, group_gone: bool = True) -> Self:
        """The attempt's session host vanishes."""
        detail = "the session host vanished"
        return self.given(
            f.SessionLost(at=self.now, attempt_id=self._id(attempt), group_gone=group_gone, detail=detail)
        )

    def calls(self, attempt: str, run_id: str = "child") -> Self:
        """The child run that the attempt is exists."""
        return self.given(ChildRunStarted(at=self.now, attempt_id=self._id(attempt), run_id=run_id))

    def pauses(self, attempt: str) -> Self:
        """In the child run only people can do something."""
        return self.given(ChildRunPaused(at=self.now, attempt_id=self._id(attempt), run_id="child"))

    def resumes(self, attempt: str) -> Self:
        """The child run goes on."""
        return self.given(ChildRunResumed(at=self.now, attempt_id=self._id(attempt), run_id="child"))

    def returns(self, attempt: str, outcome: Outcome = Outcome.SUCCEEDED, **fields: Any) -> Self:
        """The child run has ended."""
        ended = ChildRunFinished(at=self.now, attempt_id=self._id(attempt), run_id="child", outcome=outcome, **fields)
        return self.given(ended)

    def checked(
        self,
        attempt: str,
        code: int | None = 0,
        *,
        index: int = 0,
        again: int = 0,
        text: str = "",
        ended_by: Literal["exit", "timeout", "stop", "lost", "refused"] = "exit",
    ) -> Self:
        """A check of the attempt ends."""
        return self.given(
            f.CheckFinished(
                at=self.now,
                attempt_id=self._id(attempt),
                index=index,
                again=again,
                code=code,
                ended_by=ended_by,
                text=text,
            )
        )

    def injected(self, name: str, data: Any = None) -> Self:
        """A person sends an event into the run."""
        key = f"injected-{len(self.state.events)}"
        return self.given(f.EventInjected(at=self.now, actor="tester", key=key, name=name, data=data))

    def fires(self, timer: str) -> Self:
        """A timer is due; the clock goes there."""
        self.now = max(self.now, self.state.timers.get(timer, self.now))
        return self.given(f.TimerFired(at=self.now, timer=timer))

    def cancelled(self) -> Self:
        """Somebody cancels the run."""
        return self.given(f.CancelRequested(at=self.now, actor="tester"))

    def answered(
        self, turn: str, verdict: Literal["approve", "reject"] = "approve", *, by: str = "ann", comment: str = ""
    ) -> Self:
        """A person answers the approval that a turn waits for."""
        agent, _, number = turn.rstrip("]").partition("[")
        return self.given(
            f.ApprovalDecided(
                at=self.now, actor=by, agent=agent, turn=int(number or 1), verdict=verdict, comment=comment
            )
        )

    def limit_answered(
        self,
        limit: Literal["turns", "events", "duration"],
        verdict: Literal["approve", "reject"] = "approve",
        amount: float | None = None,
        *,
        of: str = "",
    ) -> Self:
        """A person says whether the run, or a turn ``of`` it, may go beyond a limit that it has reached."""
        agent, _, number = of.rstrip("]").partition("[")
        turn = int(number or 1) if of else 0
        return self.given(
            f.LimitDecided(
                at=self.now, actor="ann", limit=limit, verdict=verdict, amount=amount, agent=agent, turn=turn
            )
        )

    def granted(self, claim: str) -> Self:
        """A place of a concurrency group is had."""
        return self.given(f.SlotGranted(at=self.now, claim=claim))

    def given(self, fact: f.Fact, adopted: Sequence[f.Fact | Decision] = ()) -> Self:
        """Any fact."""
        entries = decide(self.state, fact, adopted)
        self.journal += entries
        self._asked = list(following(self.state, entries))
        self.now += 1.0
        return self

    # claims

    def asks(self, *commands: str) -> Self:
        """The last fact led to exactly these commands, in this order; the run's own duration timer is left out."""
        asked = [self.say(command) for command in self._asked if not _is_duration(command)]
        assert asked == list(commands), f"asked {asked}, expected {list(commands)}"
        return self

    def ends(self, outcome: Outcome | str) -> Self:
        """The run has finished like this."""
        assert self.state.outcome == outcome, f"{self.state.state} {self.state.outcome}: {self.state.detail}"
        return self

    def turn(self, agent: str, number: int = -1) -> TurnState:
        """A turn of an agent, the last one unless numbered."""
        turns = self.state.agents[agent].turns
        return turns[number if number < 0 else number - 1]

    def events(self) -> list[EventState]:
        """The run's events in their order, refused files left out."""
        return [event for event in self.state.events if event is not None]

    def entries(self, *kinds: type) -> list[Any]:
        """The journal's entries of these kinds."""
        return [entry for entry in self.journal if isinstance(entry, kinds)]

    def rebuilt(self) -> RunState:
        """The state as the journal alone gives it."""
        return rebuild(self.chain, self.journal)

    def outstanding(self) -> list[str]:
        """What a daemon that starts now would ask for."""
        return [self.say(command) for command in outstanding(self.state) if not _is_duration(command)]

    def say(self, command: Command) -> str:
        """A command as these scripts write it."""
        return _SAID[type(command)](self, command)

    def _id(self, label: str) -> str:
        agent, _, attempt = label.partition("#")
        agent, _, leg = agent.partition("/")
        agent, _, turn = agent.rstrip("]").partition("[")
        return attempt_id(self.RUN_ID, agent, int(turn or 1), int(attempt or 1), leg or None)

    def label(self, attempt_id: str) -> str:
        """An attempt as these scripts write it."""
        return label_of(self.state.attempts[attempt_id])


def label_of(attempt: AttemptState) -> str:
    """``agent[turn]/leg#attempt``, ones left out."""
    turn = f"[{attempt.turn}]" if attempt.turn > 1 else ""
    leg = f"/{attempt.leg}" if attempt.leg is not None else ""
    return attempt.agent + turn + leg + (f"#{attempt.number}" if attempt.number > 1 else "")


def _is_duration(command: Command) -> bool:
    return isinstance(command, SetTimer | ClearTimer) and command.timer == RUN_DURATION_TIMER


def _of_check(play: Playbook, command: StartCheck) -> str:
    again = f" again {command.again}" if command.again else ""
    return f"check {play.label(command.attempt_id)} {command.index}{again}"


def _of_cancel(play: Playbook, command: CancelChildRun) -> str:
    return f"cancel {play.label(command.attempt_id)}" + (" again" if command.again else "")


_SAID: Final[dict[type, Callable[[Playbook, Any], str]]] = {
    StartSession: lambda play, command: f"start {play.label(command.attempt_id)}",
    StopSession: lambda play, command: f"stop {play.label(command.attempt_id)}",
    StartCheck: _of_check,
    StartChildRun: lambda play, command: f"call {play.label(command.attempt_id)}",
    CancelChildRun: _of_cancel,
    RunStep: lambda play, command: f"step {play.label(command.attempt_id)} {command.step}",
    StopStep: lambda play, command: f"stop-step {play.label(command.attempt_id)}",
    EndSteps: lambda play, command: f"end-steps {play.label(command.attempt_id)} {command.code}",
    ClaimSlot: lambda _, command: f"claim {command.claim}",
    ReleaseSlot: lambda _, command: f"release {command.claim}",
    SetTimer: lambda play, command: f"timer {command.timer} +{command.due - play.now + 1:g}",
    ClearTimer: lambda play, command: f"clear {command.timer}",
    FinishRun: lambda play, _: f"finish {play.state.outcome}",
}
