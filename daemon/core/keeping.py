"""Which turns of an ended run one that retries it keeps, and which it does again (semantics 28).

A turn is done again when it failed, when it was asked for, or when something that it rests on is done again: an event that it took, or,
behind a gate of ``needs``, anything that could have fed what it waited for. What began only because the run was ending is no part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from chainwright.daemon.core.adoptions import EventAdopted, TurnAdopted
from chainwright.daemon.core.decisions import AutomaticEventRaised, Decision, RunStopping, TurnQueued
from chainwright.daemon.core.evolve import rebuild
from chainwright.daemon.core.facts import EventEmitted, EventFileRefused, EventInjected, Fact
from chainwright.daemon.core.graph import RUN_STOP, Chain
from chainwright.daemon.core.state import EventState, RunState, TurnState
from chainwright.daemon.core.states import FAILURES, Outcome, Reason

NUMBERED: Final = (EventEmitted, EventInjected, EventFileRefused, AutomaticEventRaised, EventAdopted)
"""Entries that take the next event number."""

_GOOD_SKIPS: Final = frozenset({Reason.IF_FALSE, Reason.NEEDS_SKIPPED, Reason.RETRIED})

TurnName = tuple[str, int]
"""Agent and number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What of an ended run is to be done again: all of it, unless told otherwise."""

    failed: bool = False
    """What failed, and what rests on it."""
    agent: str | None = None
    """All turns of this agent, and what rests on them, beside what failed."""
    on_new_definition: bool = False
    """By the definition that is in force now, not by that of the run."""

    @property
    def keeps(self) -> bool:
        """Whether anything is kept."""
        return self.failed or self.agent is not None


class Past:
    """An ended run."""

    def __init__(self, chain: Chain, entries: Sequence[Fact | Decision]) -> None:
        self.entries = entries
        self.state: RunState = rebuild(chain, entries)

    @cached_property
    def turns(self) -> tuple[TurnState, ...]:
        """Every turn, in the order in which they began: what one rests on stands before it."""
        begun = (name_of(entry) for entry in self.entries if isinstance(entry, TurnQueued | TurnAdopted))
        return tuple(self.state.agents[agent].turns[number - 1] for agent, number in begun)

    @cached_property
    def closing(self) -> frozenset[TurnName]:
        """Turns that began when the run was already ending."""
        found: set[TurnName] = set()
        stopping = False
        for entry in self.entries:
            stopping = stopping or isinstance(entry, RunStopping)
            if stopping and isinstance(entry, TurnQueued):
                found.add((entry.agent, entry.turn))
        return frozenset(found)


class Kept:
    """What stays of a past run in one of ``chain``."""

    def __init__(self, past: Past, chain: Chain, again: Again) -> None:
        self._past = past
        self._again = again
        self._fresh = [agent for agent in past.state.edges.fed if self._asked(agent) or self._unheard(agent)]
        self._dropped = {name_of(turn) for turn in past.turns if self._falls(turn)}
        self.moving = self._reached()
        """Agents that have, or can come to have, a turn that is done again."""
        while self._drop_what_rests_on_dropped():
            self.moving = self._reached()

    def keeps(self, turn: TurnName) -> bool:
        """Whether the turn is not done again."""
        return turn not in self._dropped

    def keeps_event(self, event: EventState) -> bool:
        """Whether the event stays: nobody will emit it again. A plain retry hears from outside anew, too."""
        if event.agent is None:
            return self._again.keeps
        if event.turn:
            return self.keeps((event.agent, event.turn))
        return self.keeps_agent(event.agent)

    def keeps_agent(self, agent: str) -> bool:
        """Whether nothing that could still feed the agent is done again."""
        return agent not in self.moving

    def _asked(self, agent: str) -> bool:
        return not self._again.keeps or agent == self._again.agent

    def _unheard(self, agent: str) -> bool:
        """Whether it ran out of turns, which failed the run: it is fed again, and may find more."""
        heard = self._past.state.edges.listeners.get(f"{agent}.exhausted")
        return self._past.state.agents[agent].exhausted and not heard

    def _falls(self, turn: TurnState) -> bool:
        state = self._past.state
        if self._asked(turn.agent) or name_of(turn) in self._past.closing:
            return True
        if state.reason is Reason.RUN_STOPPED and RUN_STOP in state.chain.agents[turn.agent].emits:
            return True  # whoever may have ended the run is asked again: its word would be the end of the new one
        return not self._stands(turn)

    def _stands(self, turn: TurnState) -> bool:
        if turn.outcome is Outcome.SKIPPED:
            return turn.reason in _GOOD_SKIPS
        forgiven = self._past.state.chain.agents[turn.agent].continue_on_error
        return turn.outcome is Outcome.SUCCEEDED or (forgiven and turn.outcome in FAILURES)

    def _reached(self) -> set[str]:
        return self._past.state.edges.reach([*self._fresh, *dict.fromkeys(agent for agent, _ in self._dropped)])

    def _drop_what_rests_on_dropped(self) -> bool:
        """Whether there was any."""
        before = len(self._dropped)
        for turn in self._past.turns:
            if name_of(turn) not in self._dropped and self._rests_on_dropped(turn):
                self._dropped.add(name_of(turn))
        return len(self._dropped) > before

    def _rests_on_dropped(self, turn: TurnState) -> bool:
        if self._past.state.chain.agents[turn.agent].needs:
            return turn.agent in self.moving
        events = (self._past.state.event(number) for number in turn.consumed)
        return any(event.agent is not None and not self.keeps_event(event) for event in events)


def name_of(turn: TurnState | TurnQueued | TurnAdopted) -> TurnName:
    """Agent and number."""
    return turn.agent, turn.turn if isinstance(turn, TurnQueued | TurnAdopted) else turn.number
