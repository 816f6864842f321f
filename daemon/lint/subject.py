"""One chain as the rules see it: the draft, where its parts are written, who feeds whom, and its expressions."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from chainwright.daemon.core.feeds import Feeds
from chainwright.daemon.core.graph import Agent, Chain
from chainwright.daemon.definition.load import Document
from chainwright.daemon.definition.nodes import Mapping, Node, Path, at, key_span, scalars
from chainwright.daemon.lint.reads import Reads, reads_of
from chainwright.daemon.lint.texts import Text, texts_of
from chainwright.schemas.diagnostic import Span

START: Final = Span(end_column=2)

_SHOWN_BY_CALLS: Final = {"outputs": "outputs", "events": "emits"}
"""Field of a called chain → field of the agent that calls it."""

_ALL: Final = "*"
"""Stands for every field."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A chain file that could be understood at least in part."""

    document: Document
    chain: Chain
    root: Node

    @cached_property
    def feeds(self) -> Feeds:
        """Who can start whom."""
        return Feeds(self.chain)

    @cached_property
    def texts(self) -> list[Text]:
        """Every text in which expressions may stand."""
        return list(texts_of(self.root))

    @cached_property
    def reads(self) -> Reads:
        """Which inputs and outputs the expressions of the file read."""
        return reads_of(self.root)

    @property
    def agents(self) -> dict[str, Agent]:
        """The agents that were understood, by id."""
        return self.chain.agents

    @cached_property
    def known_ids(self) -> dict[str, None]:
        """Every id that is written, understood or not, in the order of the file."""
        agents = at(self.root, "agents")
        return dict.fromkeys(agents.entries if isinstance(agents, Mapping) else self.agents)

    def lost(self, agent: str, *fields: str) -> bool:
        """Whether something of these fields of the agent could not be understood; a wholly lost agent has lost all.

        What a reusable agent lost, its users lost.
        """
        return not self._losses.get(agent, frozenset()).isdisjoint((*fields, _ALL))

    def any_lost(self, *fields: str) -> bool:
        """Whether some agent has lost something of these fields."""
        return not self._lost_somewhere.isdisjoint((*fields, _ALL))

    @cached_property
    def _lost_somewhere(self) -> frozenset[str]:
        return frozenset().union(*self._losses.values())

    @cached_property
    def _losses(self) -> dict[str, frozenset[str]]:
        """Agent → the fields of which something was lost."""
        found: dict[str, set[str]] = {agent: set() for agent in self.known_ids}
        for path in self.document.lost:
            if path in {(), ("agents",), ("defaults",), ("defaults", "uses")}:
                return dict.fromkeys(found, frozenset({_ALL}))
            if path[0] == "agents" and path[1] in found:
                found[str(path[1])].add(_field(path[2:]))
        return {agent: frozenset(lost | self._losses_in_use(agent)) for agent, lost in found.items()}

    def _losses_in_use(self, agent: str) -> set[str]:
        uses = self.agents[agent].uses if agent in self.agents else None
        if uses is None:
            return set()
        if called := self.document.library.chains.get(uses):
            return {ours for theirs, ours in _SHOWN_BY_CALLS.items() if called.lost(theirs)}
        used = self.document.library.documents.get(uses)
        if used is None or used.model is None or used.form is None:
            return {_ALL}
        return {_field(path) for path in used.form.lost}

    def key(self, *path: str | int) -> Span:
        """Where the last key of the path is written, else the nearest above it."""
        places = (key_span(self.root, *path[:depth]) for depth in range(len(path), 0, -1))
        return next((place for place in places if place is not None), START)

    def value(self, *path: str | int) -> Span:
        """Where the value at the path is written, else the nearest key above it."""
        node = at(self.root, *path)
        return node.span if node else self.key(*path)

    def word(self, word: str, *path: str | int) -> Span:
        """Where this text is written at or below the path, as a value or as a key; else the path's key."""
        below = at(self.root, *path)
        if isinstance(below, Mapping) and word in below.entries:
            return below.entries[word].key.span
        found = (scalar.span for _, scalar in scalars(below) if scalar.value == word)
        return next(found, self.key(*path))


def _field(path: Path) -> str:
    """The field of an agent in which something was lost; without knowing what it uses, nothing of it is known."""
    return _ALL if not path or path[0] == "uses" else str(path[0])
