"""One chain as the rules see it: the draft, where its parts are written, who feeds whom, and its expressions."""

from dataclasses import dataclass
from functools import cached_property

from chainwright.daemon.core.graph import Agent, Chain
from chainwright.daemon.definition.library import AgentDocument
from chainwright.daemon.definition.load import Document
from chainwright.daemon.definition.nodes import Mapping, Node, at, key_span, scalars
from chainwright.daemon.lint.feeds import Feeds
from chainwright.daemon.lint.texts import Text, texts_of
from chainwright.schemas.diagnostic import Span

START = Span(end_column=2)


@dataclass(frozen=True)
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

    @property
    def agents(self) -> dict[str, Agent]:
        """The agents that were understood, by id."""
        return self.chain.agents

    @cached_property
    def known_ids(self) -> list[str]:
        """Every id that is written, understood or not."""
        agents = at(self.root, "agents")
        return list(agents.entries) if isinstance(agents, Mapping) else list(self.agents)

    def lost(self, agent: str, *fields: str) -> bool:
        """Whether something of these fields of the agent could not be understood; a wholly lost agent has lost all.

        A reusable agent's losses are its user's, except that ``uses`` itself was understood.
        """
        own = any(
            path[:1] == ("agents",) and path[1:2] in {(), (agent,)} and _touches(path[2:], fields)
            for path in self.document.lost
        )
        return own or self._lost_in_use(agent, fields)

    def any_lost(self, *fields: str) -> bool:
        """Whether some agent has lost something of these fields."""
        return any(self.lost(agent, *fields) for agent in self.known_ids)

    def reusable(self, agent: str) -> AgentDocument | None:
        """The file of the reusable agent that this one is."""
        uses = self.agents[agent].uses if agent in self.agents else None
        return self.document.library.documents.get(uses) if uses else None

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

    def _lost_in_use(self, agent: str, fields: tuple[str, ...]) -> bool:
        uses = self.agents[agent].uses if agent in self.agents else None
        if uses is None:
            return False
        used = self.document.library.documents.get(uses)
        if used is None or used.model is None or used.form is None:
            return True
        return any(_touches(path, fields) for path in used.form.lost)


def _touches(path: tuple[str | int, ...], fields: tuple[str, ...]) -> bool:
    """Whether what was lost at a path within an agent is, holds or could give one of the fields."""
    return not path or path[0] in fields or path[0] in {"uses", "defaults"}
