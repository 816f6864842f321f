"""From an ended run to what the one that retries it takes over: its events, turns and values, as facts (semantics 28).

The journal of the earlier run is walked once, in its order; numbers of events are given anew, numbers of turns stay. With another
definition, whatever does not fit it is named, and then there is no new run.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from chainwright.daemon.core.adoptions import EventAdopted, TurnAdopted, ValuesAdopted
from chainwright.daemon.core.decisions import (
    AgentExhausted,
    AgentSkipped,
    AutomaticEventRaised,
    DeliveriesDropped,
    EventRouted,
    LegFinished,
    TurnQueued,
)
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.graph import AUTOMATIC_EVENTS, Agent, Chain
from chainwright.daemon.core.inputs import chosen
from chainwright.daemon.core.keeping import NUMBERED, Again, Kept, Past, TurnName, name_of
from chainwright.daemon.core.payloads import payload_problems
from chainwright.daemon.core.state import EventState, LegState, TurnState
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.core.topology import topology
from chainwright.daemon.core.value_types import Misfit, checked

Entry = Any
"""A fact or a decision."""


def adoptions(past: Past, chain: Chain, again: Again, at: float) -> list[Entry]:
    """The entries that follow the request of a run of ``chain`` that retries ``past``."""
    return list(_Adopting(past, chain, again, at).entries())


def misfits(adopted: Sequence[Entry], past: Past, chain: Chain) -> list[str]:
    """A sentence for each kept thing that another definition has no place for."""
    kept = dict.fromkeys(entry.agent for entry in adopted if isinstance(entry, TurnAdopted))
    found = [sentence for entry in adopted for sentence in _MISFITS.get(type(entry), _fits)(entry, chain)]
    return list(dict.fromkeys([*_moved(kept, past, chain), *_unrecorded(kept, past, chain), *found]))


class _Adopting:
    def __init__(self, past: Past, chain: Chain, again: Again, at: float) -> None:
        self._past = past
        self._kept = Kept(past, chain, again)
        self._again = again
        self._chain = chain
        self._listeners = topology(chain).listeners
        self._at = at
        self._renewed = again.on_new_definition
        self._numbers: dict[int, int] = {}
        """Event numbers of then → of now."""
        self._last = {
            agent.id: max((turn.number for turn in agent.turns if self._kept.keeps(name_of(turn))), default=0)
            for agent in past.state.agents.values()
        }
        """Agent → its last turn that is kept."""

    def entries(self) -> Iterator[Entry]:
        number = 0
        for index, entry in enumerate(self._past.entries):
            number += isinstance(entry, NUMBERED)
            match entry:
                case EventRouted():
                    yield from self._event(self._past.state.event(entry.number))
                case AutomaticEventRaised() | EventAdopted():
                    yield from self._event(self._past.state.event(number))
                case TurnQueued() | TurnAdopted():
                    yield from self._turn(name_of(entry))
                case DeliveriesDropped():
                    yield from self._drop(entry, index)
                case AgentExhausted() if self._stays(entry.agent):
                    yield AgentExhausted(agent=entry.agent, consumed=self._now(entry.consumed))
                case AgentSkipped() if entry.reason is Reason.NEVER_FED and self._stays(entry.agent):
                    yield entry
        yield from self._values()

    def _stays(self, agent: str) -> bool:
        """Whether what was concluded about the agent as a whole still holds."""
        return self._kept.keeps_agent(agent) and _starts_alike(agent, self._past, self._chain)

    def _event(self, event: EventState) -> Iterator[Entry]:
        if not self._kept.keeps_event(event):
            return
        self._numbers[event.number] = len(self._numbers) + 1
        yield EventAdopted(
            at=event.at,
            name=event.name,
            data=event.data,
            agent=event.agent,
            turn=event.turn,
            leg=event.leg,
            emitter=event.attempt_id,
            key=event.key,
            consumers=self._listeners.get(event.name, ()),
        )

    def _turn(self, name: TurnName) -> Iterator[Entry]:
        turn = self._past.state.agents[name[0]].turns[name[1] - 1]
        if self._kept.keeps(name):
            yield self._adopted(turn)
        elif turn.number < self._last[turn.agent]:
            yield self._taken(turn)

    def _adopted(self, turn: TurnState) -> TurnAdopted:
        assert turn.outcome is not None
        return TurnAdopted(
            at=self._at,
            agent=turn.agent,
            turn=turn.number,
            run_id=turn.adopted_from or self._past.state.id,
            consumed=self._now(turn.consumed),
            outcome=turn.outcome,
            reason=turn.reason,
            detail=turn.detail,
            outputs=turn.outputs,
            resolved=turn.resolved,
            legs=tuple(_ended(turn, leg) for leg in turn.legs.values() if leg.outcome is not None),
        )

    def _taken(self, turn: TurnState) -> TurnAdopted:
        """Its number is: one before a kept turn that is done again."""
        run = self._past.state.id
        return TurnAdopted(
            at=self._at,
            agent=turn.agent,
            turn=turn.number,
            run_id=run,
            outcome=Outcome.SKIPPED,
            reason=Reason.RETRIED,
            detail=f"{turn.outcome or turn.state} in run {run}, done again",
        )

    def _drop(self, entry: DeliveriesDropped, index: int) -> Iterator[Entry]:
        """What the beginning of a kept turn made worthless stays so; what the end of the run took away waits again."""
        if entry.why == "run-ending" or not self._kept.keeps(self._cause(entry, index)):
            return
        listens = self._chain.agents[entry.agent].listens if entry.agent in self._chain.agents else None
        state = self._past.state
        still = [one for one in entry.numbers if listens and state.event(one).name in listens.names]
        if numbers := self._now(one for one in still if one in self._numbers):
            yield DeliveriesDropped(agent=entry.agent, numbers=numbers, why=entry.why)

    def _cause(self, entry: DeliveriesDropped, index: int) -> TurnName:
        """The turn whose beginning dropped them: of a join, the next of its agent; of withdrawn ones, their emitter's newest."""
        if entry.why == "withdrawn":
            emitter = self._past.state.event(entry.numbers[0]).agent
            return self._begun(reversed(self._past.entries[:index]), emitter)
        return self._begun(self._past.entries[index:], entry.agent)

    def _begun(self, entries: Iterable[Entry], agent: str | None) -> TurnName:
        found = (one for one in entries if isinstance(one, TurnQueued | TurnAdopted) and one.agent == agent)
        return next((name_of(one) for one in found), (agent or "", 0))

    def _now(self, numbers: Iterable[int]) -> tuple[int, ...]:
        return tuple(self._numbers[number] for number in numbers)

    def _values(self) -> Iterator[Entry]:
        """Of turns that are done again for the same reasons: what they got was resolved once (I10)."""
        if self._renewed:
            return
        for turn in self._past.turns:
            if turn.resolved is None or self._kept.keeps(name_of(turn)) or not self._has_its_causes(turn):
                continue
            consumed = self._now(turn.consumed)
            legs = tuple(self._good_legs(turn))
            yield ValuesAdopted(at=self._at, agent=turn.agent, consumed=consumed, resolved=turn.resolved, legs=legs)
        known = {(agent, consumed): values for (agent, consumed), values in self._past.state.recorded.items()}
        yield from self._never_used(known)

    def _good_legs(self, turn: TurnState) -> Iterator[LegFinished]:
        """Of a matrix that failed, the legs that did well, unless they emitted something: their turn would emit it once more."""
        asked = not self._again.keeps or turn.agent == self._again.agent or name_of(turn) in self._past.closing
        if asked or turn.outcome in (None, Outcome.SUCCEEDED, Outcome.SKIPPED):
            return
        of_turn = (event for event in self._past.state.events if event and (event.agent, event.turn) == name_of(turn))
        loud = {event.leg for event in of_turn}
        for leg in turn.legs.values():
            if leg.outcome is Outcome.SUCCEEDED and leg.leg is not None and leg.leg not in loud:
                yield replace(_ended(turn, leg), detail=leg.detail or f"kept from run {self._past.state.id}")

    def _never_used(self, known: Mapping[tuple[str, tuple[int, ...]], Any]) -> Iterator[Entry]:
        """Values that the earlier run had itself adopted for a turn that it did not come to."""
        for (agent, consumed), resolved in known.items():
            begun = any(turn.consumed == consumed for turn in self._past.state.agents[agent].turns)
            if not begun and all(number in self._numbers for number in consumed):
                yield ValuesAdopted(at=self._at, agent=agent, consumed=self._now(consumed), resolved=resolved)

    def _has_its_causes(self, turn: TurnState) -> bool:
        needs = self._past.state.chain.agents[turn.agent].needs
        gates = all(self._kept.keeps_agent(need) for need in needs)
        return gates and all(number in self._numbers for number in turn.consumed)


# whether it fits another definition


def _ended(turn: TurnState, leg: LegState) -> LegFinished:
    assert leg.leg is not None and leg.outcome is not None
    return LegFinished(
        agent=turn.agent,
        turn=turn.number,
        leg=leg.leg,
        outcome=leg.outcome,
        reason=leg.reason,
        detail=leg.detail,
        outputs=leg.outputs,
    )


def _turn_fits(entry: TurnAdopted, chain: Chain) -> Iterator[str]:
    agent = chain.agents.get(entry.agent)
    if agent is None:
        yield f'there is no agent "{entry.agent}" any more'
    elif entry.outcome is Outcome.SUCCEEDED:
        yield from _outputs_fit(entry, agent)


def _outputs_fit(entry: TurnAdopted, agent: Agent) -> Iterator[str]:
    if bool(entry.legs) != (agent.strategy is not None):
        yield f'agent "{agent.id}" is a matrix in only one of the definitions'
        return
    written = [leg.outputs for leg in entry.legs if leg.outcome is Outcome.SUCCEEDED] if entry.legs else [entry.outputs]
    for outputs in written:
        yield from _declared_fit(entry, agent, outputs)


def _declared_fit(entry: TurnAdopted, agent: Agent, outputs: Mapping[str, Any]) -> Iterator[str]:
    for name, kind in agent.outputs.items():
        if name not in outputs:
            yield f'agent "{agent.id}" declares the output "{name}" now, which its turn {entry.turn} did not write'
            continue
        try:
            chosen(checked(outputs[name], kind), agent.output_options.get(name))
        except Misfit as misfit:
            yield f'output "{name}" of agent "{agent.id}": {misfit}'


def _event_fits(entry: EventAdopted, chain: Chain) -> Iterator[str]:
    agent = chain.agents.get(entry.agent or "")
    if agent is None or entry.name.removeprefix(f"{agent.id}.") in AUTOMATIC_EVENTS:
        return
    if entry.name not in agent.emits:
        yield f'agent "{agent.id}" does not declare the event "{entry.name}" any more'
        return
    for problem in payload_problems(chain, entry.name, agent.emits[entry.name], entry.data):
        yield f'event "{entry.name}" of agent "{agent.id}": {problem}'


def _moved(kept: Iterable[str], past: Past, chain: Chain) -> Iterator[str]:
    for agent in kept:
        if agent in chain.agents and not _starts_alike(agent, past, chain):
            yield f'agent "{agent}" starts otherwise now'


def _unrecorded(kept: Collection[str], past: Past, chain: Chain) -> Iterator[str]:
    """Automatic events are recorded only where somebody listens: who listens only now would wait in vain."""
    for agent in chain.agents.values():
        for name in agent.listens.names if agent.listens else ():
            emitter, _, word = name.rpartition(".")
            if word in AUTOMATIC_EVENTS and emitter in kept and name not in past.state.edges.listeners:
                yield f'agent "{agent.id}" listens for "{name}", which was not recorded because nobody heard it'


def _starts_alike(agent: str, past: Past, chain: Chain) -> bool:
    before, now = past.state.chain.agents[agent], chain.agents.get(agent)
    return now is not None and (set(before.needs), before.listens) == (set(now.needs), now.listens)


def _fits(entry: Fact, chain: Chain) -> Iterator[str]:
    yield from ()


_MISFITS: Final[dict[type, Callable[[Any, Chain], Iterator[str]]]] = {
    TurnAdopted: _turn_fits,
    EventAdopted: _event_fits,
}
