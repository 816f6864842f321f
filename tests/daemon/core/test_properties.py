"""Any chain, and any order of facts about its run, plausible or not, keeps what state.md promises.

A few seconds in CI; ``CHAINWRIGHT_RUN_EXAMPLES`` makes it longer: each example is a whole run, some milliseconds.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chainwright.daemon.core import commands as c
from chainwright.daemon.core import decisions as d
from chainwright.daemon.core import facts as f
from chainwright.daemon.core.decide import decide
from chainwright.daemon.core.evolve import rebuild
from chainwright.daemon.core.graph import (
    AUTOMATIC_EVENTS,
    Agent,
    Approval,
    Chain,
    Check,
    Concurrency,
    Emit,
    Limits,
    Listen,
    Retry,
)
from chainwright.daemon.core.journal import ENTRY_JSON
from chainwright.daemon.core.keeping import Again
from chainwright.daemon.core.limits import paused_by
from chainwright.daemon.core.recovery import following, outstanding
from chainwright.daemon.core.state import TurnState, initial
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.core.topology import topology
from chainwright.daemon.testing import Playbook

EXAMPLES = int(os.environ.get("CHAINWRIGHT_RUN_EXAMPLES", "150"))
steadily = settings(max_examples=EXAMPLES)

IDS = ("a", "b", "c", "d", "e")
NAMES = ("x", "y", "z", "run.stop")
CONDITIONS = (*[None] * 8, "event.data.go == true", "always()", "failure()", "cancelled()", "nonsense.x == 1", "false")
APPROVALS = (*[None] * 6, Approval(), Approval(count=2, timeout_s=50.0), Approval(timeout_s=50.0, on_timeout="approve"))
GROUPS = (*[None] * 6, Concurrency(), Concurrency(group="g", max=2), Concurrency(group="${{ event.data.n }}"))
ON_LIMIT: Any = ("fail", "fail", "pause", "notify")
REASONS = ("exit", "timeout", "stall", "check", "no-event", "output", "payload", "lost")


# chains


@st.composite
def emits(draw: st.DrawFn) -> dict[str, Emit]:
    """What an agent declares."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    payloads: st.SearchStrategy[Any] = st.sampled_from([None, None, {"n": "integer"}])
    delivers: st.SearchStrategy[Any] = st.sampled_from(["on-success", "now"])
    return {name: Emit(name=name, payload=draw(payloads), deliver=draw(delivers)) for name in names}


@st.composite
def listens(draw: st.DrawFn, ids: tuple[str, ...]) -> Listen:
    """Names of anybody's events, automatic ones among them."""
    automatic = [f"{agent}.{word}" for agent in ids for word in AUTOMATIC_EVENTS]
    some = draw(st.lists(st.sampled_from([*NAMES[:3] * 4, *automatic]), unique=True, min_size=1, max_size=4))
    return Listen(
        mode=draw(st.sampled_from(["any", "any", "all", "quorum"])),
        names=tuple(some),
        count=draw(st.integers(1, len(some))),
    )


@st.composite
def agents(draw: st.DrawFn, name: str, ids: tuple[str, ...]) -> Agent:
    """One agent; those with needs need earlier ones."""
    kind = draw(st.sampled_from(["root", "needs", "listens", "listens"]))
    earlier = ids[: ids.index(name)]
    needs = draw(st.lists(st.sampled_from(earlier), unique=True, min_size=1)) if kind == "needs" and earlier else []
    declared = draw(emits())
    retry = Retry(
        max=draw(st.integers(0, 2)),
        delay_s=draw(st.sampled_from([0.0, 5.0])),
        on=draw(st.sampled_from([Retry().on, frozenset(REASONS)])),  # type: ignore[arg-type]  # words of RetryReason
    )
    return Agent(
        id=name,
        script="true",
        needs=tuple(needs),
        listens=draw(listens(ids)) if kind == "listens" else None,
        condition=draw(st.sampled_from(CONDITIONS)),
        emits=declared,
        finish=draw(st.sampled_from(["exit", "event"])) if declared else "exit",
        outputs=draw(st.sampled_from([{}, {}, {"n": "integer"}])),
        env=draw(st.sampled_from([{}, {}, {}, {"X": "${{ agents.a.outputs.n }}"}, {"X": "${{ nonsense.x }}"}])),
        with_=draw(st.sampled_from([{}, {"all": "${{ agents }}", "event": "${{ event }}"}])),
        checks=(Check(script="test"),) * draw(st.integers(0, 2)),
        retry=retry,
        max_turns=draw(st.integers(1, 3)) if kind == "listens" else None,
        continue_on_error=draw(st.booleans()),
        approval=draw(st.sampled_from(APPROVALS)),
        concurrency=draw(st.sampled_from(GROUPS)) if kind != "root" else None,
    )


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Up to five agents that the lint would let pass: no needs within a cycle, every cycle bounded."""
    ids = IDS[: draw(st.integers(2, len(IDS)))]
    limits = Limits(
        duration_s=100.0,
        turns=draw(st.integers(1, 30)),
        events=draw(st.integers(0, 30)),
        on_limit=draw(st.sampled_from(ON_LIMIT)),
    )
    found = Chain(id="test", name="test", limits=limits, agents={name: draw(agents(name, ids)) for name in ids})
    edges = topology(found)
    cyclic = {name for name in ids if found.agents[name].needs and name in edges.reach(edges.fed[name])}
    loose = {name: _without_needs(agent) if name in cyclic else agent for name, agent in found.agents.items()}
    return Chain(id="test", name="test", limits=limits, agents=loose, concurrency=draw(st.sampled_from(GROUPS[:8])))


def _without_needs(agent: Agent) -> Agent:
    return Agent(id=agent.id, script="true", emits=agent.emits, retry=agent.retry)


# facts


@dataclass(frozen=True)
class Step:
    """A fact in the making: what kind, about which attempt, and in which shade."""

    kind: str
    target: int
    shade: int


def _code(shade: int) -> int | None:
    return (0, 0, 0, 1, 78, None)[shade]


def _exited(at: float, attempt: str, shade: int) -> f.Fact:
    by: Any = ("exit", "exit", "exit", "exit", "timeout", "stall")[shade]
    return f.SessionExited(
        at=at,
        attempt_id=attempt,
        code=_code(shade),
        signal=None,
        ended_by=by,
        size=0,
    )


def _emitted(at: float, attempt: str, shade: int) -> f.Fact:
    data: Any = ({"go": True, "n": 1}, {"n": "x"}, None)[shade % 3]
    name = (*NAMES, "x", "undeclared")[shade]
    return f.EventEmitted(at=at, attempt_id=attempt, key=f"{name}-{shade}", name=name, data=data)


def _checked(at: float, attempt: str, shade: int) -> f.Fact:
    by: Any = ("exit", "exit", "exit", "lost", "refused", "timeout")[shade]
    return f.CheckFinished(at=at, attempt_id=attempt, index=shade % 2, again=shade // 4, code=shade % 3, ended_by=by)


def _claim(attempt: str, shade: int) -> str:
    return "run" if shade == 0 else f"{attempt.split('-')[1]}:{shade}"


MAKE: dict[str, Callable[[float, str, int], f.Fact]] = {
    "starts": lambda at, attempt, _: f.SessionStarted(at=at, attempt_id=attempt, host="local", pid=1),
    "delays": lambda at, attempt, shade: f.SessionDelayed(
        at=at, attempt_id=attempt, reason="no-pty" if shade % 2 else "no-slot"
    ),
    "refuses": lambda at, attempt, _: f.SessionRefused(at=at, attempt_id=attempt, detail="no such folder"),
    "exits": _exited,
    "loses": lambda at, attempt, shade: f.SessionLost(at=at, attempt_id=attempt, group_gone=shade > 2, detail="gone"),
    "emits": _emitted,
    "drops": lambda at, attempt, _: f.EventFileRefused(at=at, attempt_id=attempt, file="x.json", why="no JSON"),
    "injects": lambda at, _, shade: f.EventInjected(at=at, actor="ann", key=str(at), name=NAMES[shade % 4], data=None),
    "checks": _checked,
    "fires": lambda at, attempt, shade: f.TimerFired(at=at, timer=f"retry:{attempt}" if shade else "run-duration"),
    "cancels": lambda at, _, __: f.CancelRequested(at=at, actor="ann"),
    "says": lambda at, attempt, shade: f.ApprovalDecided(
        at=at,
        actor=("ann", "bob")[shade % 2],
        agent=attempt.split("-")[1],
        turn=shade // 2 + 1,
        verdict="reject" if shade == 5 else "approve",
    ),
    "raises": lambda at, _, shade: f.LimitDecided(
        at=at,
        actor="ann",
        limit=("turns", "events", "duration")[shade % 3],  # type: ignore[arg-type]  # names of limits
        verdict="reject" if shade == 5 else "approve",
        amount=7.0 if shade else None,
    ),
    "grants": lambda at, attempt, shade: f.SlotGranted(at=at, claim=_claim(attempt, shade)),
    "denies": lambda at, attempt, shade: f.SlotRefused(at=at, claim=_claim(attempt, shade), detail="full"),
    "takes": lambda at, attempt, shade: f.SlotTaken(at=at, claim=_claim(attempt, shade), detail="newer"),
    "errs": lambda at, _, __: f.InternalErrorOccurred(at=at, detail="KeyError"),
}
OFTEN = ["starts", "exits", "emits", "checks", "exits", "emits"] * 6
STEPS = st.lists(
    st.builds(Step, kind=st.sampled_from([*OFTEN, *MAKE]), target=st.integers(0, 9), shade=st.integers(0, 5)),
    min_size=10,
    max_size=50,
)


class Script(Playbook):
    """A run that is told anything, and holds itself to the invariants at every fact."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self.facts: list[f.Fact] = []
        self.open: set[c.Command] = set()
        """Commands that are to be carried out yet, by what was asked and what was answered."""
        self.asked: Counter[c.Command] = Counter()

    def given(self, fact: f.Fact, adopted: Sequence[f.Fact | d.Decision] = ()) -> "Script":
        before = len(self.journal)
        super().given(fact, adopted)
        self.facts.append(fact)
        for entry in self.journal[before:]:
            self.open -= {command for command in self.open if _answers(entry, command)}
            new = [
                command
                for command in following(self.state, [entry])
                if not isinstance(command, c.ClearTimer | c.ReleaseSlot | c.FinishRun)
            ]
            self.asked.update(new)
            self.open.update(new)
        assert set(outstanding(self.state)) == self.open
        assert self.state.live_turns == sum(len(agent.live) for agent in self.state.agents.values())
        return self

    def plays(self, step: Step) -> None:
        """One fact: about an attempt that exists, or now and then about none."""
        known = [*self.state.attempts, "r1-a-9-9"]
        newest_first = known[::-1][1:] + known[-1:]
        self.given(self.with_outputs(MAKE[step.kind](self.now, newest_first[step.target % len(known)], step.shade)))

    def with_outputs(self, fact: f.Fact) -> f.Fact:
        """An exit with what its agent declares; a time-out leaves none."""
        known = isinstance(fact, f.SessionExited) and fact.attempt_id in self.state.attempts
        if not isinstance(fact, f.SessionExited) or not known or fact.ended_by != "exit":
            return fact
        declared = self.chain.agents[self.state.attempts[fact.attempt_id].agent].outputs
        return replace(fact, outputs=dict.fromkeys(declared, 1))

    def finishes(self) -> None:
        """Every command that is out is carried out and ends well, until nothing is asked any more."""
        for _ in range(2_000):
            commands = sorted(outstanding(self.state), key=repr)
            wanted = [command for command in commands if not _is_duration(command)]
            asked = [turn for turn in self.state.held_turns() if turn.approval]
            reached = list(paused_by(self.state))
            if not wanted and not asked and not reached:
                return
            for one in reached:
                self.given(f.LimitDecided(at=self.now, actor="ann", limit=one.limit, verdict="approve", amount=1_000.0))
            for turn in asked:
                self.answers(turn)
            for command in wanted:
                if isinstance(command, c.StartSession):
                    self.emits_all(command.attempt_id)
                self.given(self.with_outputs(_answer(command, self.now)))
        raise AssertionError("the run does not come to an end")

    def answers(self, turn: TurnState) -> None:
        """As many people as are asked for agree."""
        for actor in ("ann", "bob", "eve"):
            self.given(
                f.ApprovalDecided(at=self.now, actor=actor, agent=turn.agent, turn=turn.number, verdict="approve")
            )

    def emits_all(self, attempt_id: str) -> None:
        """The attempt drops a file for each event that it declares, but ends no run early."""
        for name in self.chain.agents[self.state.attempts[attempt_id].agent].emits:
            if name != "run.stop":
                data = {"n": 1, "go": True}
                self.given(f.EventEmitted(at=self.now, attempt_id=attempt_id, key=name, name=name, data=data))


def _is_duration(command: c.Command) -> bool:
    return isinstance(command, c.SetTimer) and command.timer == "run-duration"


def _answer(command: c.Command, at: float) -> f.Fact:
    match command:
        case c.StartCheck():
            return f.CheckFinished(
                at=at, attempt_id=command.attempt_id, index=command.index, again=command.again, code=0, ended_by="exit"
            )
        case c.SetTimer():
            return f.TimerFired(at=at, timer=command.timer)
        case c.ClaimSlot():
            return f.SlotGranted(at=at, claim=command.claim)
        case c.StartSession() | c.StopSession():
            return _exited(at, command.attempt_id, 1)
    raise AssertionError(command)


def _of_same(*kinds: type) -> Callable[[Any, Any], bool]:
    return lambda entry, command: isinstance(command, kinds) and command.attempt_id == entry.attempt_id


def _same_timer(entry: Any, command: Any) -> bool:
    return isinstance(command, c.SetTimer) and command.timer == entry.timer


def _same_claim(entry: Any, command: Any) -> bool:
    return isinstance(command, c.ClaimSlot) and command.claim == entry.claim


def _exit_answers(entry: Any, command: Any) -> bool:
    asked = isinstance(command, c.StartSession) or command == c.StopSession(
        attempt_id=entry.attempt_id, reason=Reason.EVENT
    )
    return asked and command.attempt_id == entry.attempt_id


ANSWERED: dict[type, Callable[[Any, Any], bool]] = {
    f.SessionExited: _exit_answers,
    d.AttemptStopping: _of_same(c.StopSession),
    d.AttemptFinished: _of_same(c.StartSession, c.StopSession, c.StartCheck),
    f.CheckFinished: _of_same(c.StartCheck),
    f.TimerFired: _same_timer,
    d.TimerCleared: _same_timer,
    f.SlotGranted: _same_claim,
    d.SlotReleased: _same_claim,
    d.RunFinished: lambda _, __: True,
}


def _answers(entry: f.Fact | d.Decision, command: c.Command) -> bool:
    """Whether the entry means that nobody has to carry the command out any more."""
    return type(entry) in ANSWERED and ANSWERED[type(entry)](entry, command)


def played(chain: Chain, steps: Iterable[Step]) -> Script:
    """The run of this chain after these steps."""
    script = Script(chain)
    script.requested()
    for step in steps:
        script.plays(step)
    return script


# what holds


@steadily
@given(chains(), STEPS)
def test_fuzz_every_run_ends_and_keeps_the_invariants(chain: Chain, steps: list[Step]) -> None:
    script = played(chain, steps)
    script.finishes()

    _has_ended(script)
    _started_once(script)
    _delivered_once(script)
    _routed_only_on_success(script)


@steadily
@given(chains(), STEPS)
def test_fuzz_the_journal_alone_gives_the_state_and_the_facts_alone_give_the_journal(
    chain: Chain, steps: list[Step]
) -> None:
    script = played(chain, steps)
    loaded = [ENTRY_JSON.validate_json(ENTRY_JSON.dump_json(entry)) for entry in script.journal]
    again = initial(chain)

    assert loaded == script.journal
    assert rebuild(chain, loaded) == script.state
    assert [entry for fact in script.facts for entry in decide(again, fact)] == script.journal


@steadily
@given(chains(), STEPS, STEPS)
def test_fuzz_nothing_follows_the_end(chain: Chain, steps: list[Step], late: list[Step]) -> None:
    script = played(chain, steps)
    script.finishes()
    sealed = list(script.journal)
    for step in late:
        script.plays(step)

    assert script.journal == sealed


@steadily
@given(chains(), STEPS, st.sampled_from(["", *IDS]))
def test_fuzz_whatever_a_run_came_to_it_can_be_retried_and_comes_to_an_end(
    chain: Chain, steps: list[Step], agent: str
) -> None:
    first = played(chain, steps)
    first.finishes()
    again = Script(chain)
    again.retries(first, Again(failed=True, agent=agent if agent in chain.agents else None))
    again.finishes()

    _has_ended(again)
    _started_once(again)
    assert again.rebuilt() == again.state
    _retried(again, Again(failed=True))


def _retried(script: Script, again: Again) -> None:
    """A retry of a retry is one like any other."""
    last = Script(script.chain)
    last.retries(script, again)
    last.finishes()
    _has_ended(last)


def _has_ended(script: Script) -> None:
    """I3: every turn and every agent reached its end, and nothing is held."""
    state = script.state
    assert (state.state, state.live_turns, state.timers, state.slots) == (State.FINISHED, 0, {}, {})
    assert all(not turn.live for agent in state.agents.values() for turn in agent.turns)
    assert all(not attempt.live and not attempt.staged for attempt in state.attempts.values())
    assert all(agent.turns or agent.skipped for agent in state.agents.values())
    assert len(script.entries(d.RunFinished)) == 1


def _started_once(script: Script) -> None:
    """I2 and I5: an attempt is asked to start once, a check once under each name; each has one end."""
    once = [command for command in script.asked if isinstance(command, c.StartSession | c.StartCheck)]
    assert [script.asked[command] for command in once] == [1] * len(once)
    for kind in (f.SessionExited, d.AttemptFinished):
        ended = [entry.attempt_id for entry in script.entries(kind)]
        assert len(ended) == len(set(ended))


def _delivered_once(script: Script) -> None:
    """I6: to each consumer once, and each delivery is used up at most once."""
    raised = (d.EventRouted, d.AutomaticEventRaised)
    numbers = [entry for entry in script.journal if isinstance(entry, (f.EventEmitted, f.EventInjected, *raised[1:]))]
    assert len(numbers) == len(script.events())
    routed = Counter(entry.number for entry in script.entries(d.EventRouted))
    assert not routed or max(routed.values()) == 1
    used = Counter(
        (entry.agent, number)
        for entry in script.entries(d.TurnQueued, d.AgentExhausted, d.DeliveriesDropped)
        for number in (entry.numbers if isinstance(entry, d.DeliveriesDropped) else entry.consumed)
    )
    assert not used or max(used.values()) == 1


def _routed_only_on_success(script: Script) -> None:
    """6: what was staged by an attempt that did not succeed reaches nobody."""
    for entry in script.entries(d.EventRouted):
        event = script.state.event(entry.number)
        if event.attempt_id is None or event.agent is None:
            continue
        at_once = script.chain.agents[event.agent].emits[event.name].deliver == "now"
        assert at_once or script.state.attempts[event.attempt_id].outcome is Outcome.SUCCEEDED
