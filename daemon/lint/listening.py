"""Rules over the chains of a repository together: what they tell one another (triggers ``event`` and ``chain``)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.core.calling import MAX_DEPTH
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.load import Document
from chainwright.daemon.definition.nodes import Scalar, Sequence, at
from chainwright.daemon.lint.rule import Entry, Finding
from chainwright.daemon.lint.subject import START
from chainwright.schemas.diagnostic import Severity, Span

UNKNOWN: Final = Entry(
    name="chain-unknown",
    doc="A chain waits for the end of a chain that does not exist.",
    why="It would never start. The id of a chain is its path below `workflows/` without ending, or its `id`.",
    bad="""
        on: {chain: {chains: [bild]}}
        agents: {a: {run: ./a.sh}}
        # file: workflows/build.yaml
        agents: {b: {run: ./b.sh}}
    """,
    good="""
        on: {chain: {chains: [build]}}
        agents: {a: {run: ./a.sh}}
        # file: workflows/build.yaml
        agents: {b: {run: ./b.sh}}
    """,
)
CYCLE: Final = Entry(
    name="chain-cycle",
    severity=Severity.WARNING,
    doc="Chains start each other in a circle.",
    why=(
        f"Each run of one leads to a run of the next, until {MAX_DEPTH} have followed one another and no further one is started. "
        "A loop belongs into one chain, where `max-turns` bounds it."
    ),
    bad="""
        on: {chain: {chains: [example]}}
        agents: {a: {run: ./a.sh}}
    """,
    good="""
        agents:
          ask: {on: [wrong], run: ./ask.sh, max-turns: 3, emits: [asked]}
          begin: {run: ./begin.sh, emits: [asked]}
          check: {on: [asked], run: ./check.sh, emits: [wrong]}
    """,
)
CONTRACT: Final = Entry(
    name="event-contract",
    doc="A chain lets out an event that does not carry what a listening chain takes.",
    why="Both declare the event in `events`. What the listener declares, every chain that lets the event out has to carry in the same type.",
    bad="""
        on: {event: draft.ready}
        events: {draft.ready: {words: integer}}
        agents: {a: {run: ./a.sh}}
        # file: workflows/write.yaml
        events: {draft.ready: {words: string}}
        agents: {write: {run: ./write.sh, emits: {draft.ready: {words: string}}}}
    """,
    good="""
        on: {event: draft.ready}
        events: {draft.ready: {words: integer}}
        agents: {a: {run: ./a.sh}}
        # file: workflows/write.yaml
        events: {draft.ready: {words: integer, title: string}}
        agents: {write: {run: ./write.sh, emits: {draft.ready: {words: integer, title: string}}}}
    """,
)
LISTENING_RULES: Final = (UNKNOWN, CYCLE, CONTRACT)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A chain hears another: by an event, or by the end of its runs where ``event`` is empty."""

    source: str
    event: str = ""


def check_listening(documents: Mapping[str, Document]) -> Iterator[tuple[Document, Entry, Finding]]:
    """Document, rule and finding; ``documents`` by the id of their chain."""
    chains = {name: document.draft for name, document in documents.items() if document.draft is not None}
    emitters = _emitters(chains)
    heard = {name: list(_heard(chain, chains, emitters)) for name, chain in chains.items()}
    starts = _starts(heard)
    for name, chain in chains.items():
        for finding in _unknown(documents[name], chain, chains):
            yield documents[name], UNKNOWN, finding
        for finding in _broken(documents[name], chain, heard[name], chains):
            yield documents[name], CONTRACT, finding
        if way := _way_back(name, starts):
            message = f"chains start each other in a circle: {' → '.join(way)}"
            hint = f"after {MAX_DEPTH} no further one starts; a loop belongs into one chain, as events with max-turns"
            yield documents[name], CYCLE, Finding(span=_span(documents[name], "on"), message=message, hint=hint)


def _heard(chain: Chain, chains: Mapping[str, Chain], emitters: Mapping[str, list[str]]) -> Iterator[_Heard]:
    for ended in chain.on_chain.chains if chain.on_chain else ():
        if ended in chains:
            yield _Heard(ended)
    for name in chain.on_event.names if chain.on_event else ():
        yield from (_Heard(other, name) for other in emitters.get(name, ()))


def _emitters(chains: Mapping[str, Chain]) -> dict[str, list[str]]:
    """Event → the chains that let it out: one of their agents may emit it. A chain that only listens declares it too."""
    found: dict[str, list[str]] = {}
    for name, chain in chains.items():
        emitted = {event for agent in chain.agents.values() for event in agent.emits} if chain.events else ()
        for event in chain.events:
            if event in emitted:
                found.setdefault(event, []).append(name)
    return found


def _starts(heard: Mapping[str, list[_Heard]]) -> dict[str, list[str]]:
    """Chain → those that it starts."""
    found: dict[str, list[str]] = {}
    for listener, sources in heard.items():
        for one in sources:
            found.setdefault(one.source, []).append(listener)
    return found


def _unknown(document: Document, chain: Chain, chains: Mapping[str, Chain]) -> Iterator[Finding]:
    for ended in chain.on_chain.chains if chain.on_chain else ():
        if ended not in chains:
            yield Finding(
                span=_place_of(document, ended),
                message=f'there is no chain "{ended}"',
                hint=near(ended, chains) or f"there are: {', '.join(sorted(chains))}",
            )


def _broken(document: Document, chain: Chain, heard: list[_Heard], chains: Mapping[str, Chain]) -> Iterator[Finding]:
    for one in heard:
        taken = chain.events.get(one.event)
        let_out = chains[one.source].events.get(one.event)
        if taken is None or let_out is None or not taken.payload or let_out.payload is None:
            continue
        for field, kind in taken.payload.items():
            found = let_out.payload.get(field)
            if found != kind:
                carried = f"as {found}" if found else "without it"
                yield Finding(
                    span=_span(document, "events", one.event),
                    message=f'"{one.event}" is taken with {field}: {kind}, and chain "{one.source}" lets it out {carried}',
                    hint="declare the same types in both",
                )


def _way_back(start: str, starts: Mapping[str, list[str]]) -> list[str] | None:
    """The shortest way from a chain over those that it starts back to itself, told once: by the first of its chains by name."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        for follower in starts.get(way[-1], ()):
            if follower == start:
                return [*way, start] if start == min(way) else None
            if follower not in seen:
                seen.add(follower)
                ways.append([*way, follower])
    return None


def _place_of(document: Document, ended: str) -> Span:
    written = at(document.root, "on", "chain", "chains")
    items = written.items if isinstance(written, Sequence) else ()
    found = next((item for item in items if isinstance(item, Scalar) and item.value == ended), written)
    return found.span if found is not None else START


def _span(document: Document, *path: str) -> Span:
    node = at(document.root, *path)
    return node.span if node is not None else START
