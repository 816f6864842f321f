"""Rules over the chains of a repository together: no chain may come to call itself, or others too deep (semantics 27)."""

from collections.abc import Iterator, Mapping

from chainwright.daemon.core.calling import MAX_DEPTH
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.definition.load import Document
from chainwright.daemon.definition.nodes import at
from chainwright.daemon.lint.rule import Finding
from chainwright.daemon.lint.subject import START


def check_calls(documents: Mapping[str, Document]) -> Iterator[tuple[Document, str, Finding]]:
    """Document, rule and finding for each call that leads back or too deep; ``documents`` by the id of their chain."""
    chains = {name: document.draft for name, document in documents.items() if document.draft is not None}
    depths: dict[str, int] = {}
    for name, chain in chains.items():
        for agent, called in _calls(chain):
            way = _way(called, name, chains)
            if way is not None:
                shown = " → ".join((name, *way))
                message = f'the chain "{name}" comes to call itself: {shown}'
                hint = "a loop belongs into one chain, as events with max-turns"
                yield documents[name], "call-cycle", _finding(documents[name], agent, message, hint)
    if not any(_way(name, name, chains, moved=False) for name in chains):
        yield from _too_deep(documents, chains, depths)


def _too_deep(
    documents: Mapping[str, Document], chains: Mapping[str, Chain], depths: dict[str, int]
) -> Iterator[tuple[Document, str, Finding]]:
    for name, chain in chains.items():
        for agent, called in _calls(chain):
            if called in chains and _depth(called, chains, depths) + 1 > MAX_DEPTH:
                message = f"from here chains call each other more than {MAX_DEPTH} deep"
                yield (
                    documents[name],
                    "call-depth",
                    _finding(documents[name], agent, message, "put some of them together"),
                )


def _finding(document: Document, agent: str, message: str, hint: str) -> Finding:
    node = at(document.root, "agents", agent, "uses")
    return Finding(span=node.span if node else START, message=message, hint=hint)


def _calls(chain: Chain) -> Iterator[tuple[str, str]]:
    """Agent and chain of every call."""
    return ((agent.id, agent.calls.chain) for agent in chain.agents.values() if agent.calls is not None)


def _way(start: str, to: str, chains: Mapping[str, Chain], *, moved: bool = True) -> list[str] | None:
    """The chains from ``start`` on that lead to ``to``, both included; None when none do. Not ``moved`` asks for a step at least."""
    seen: set[str] = set()
    ways = [[start]]
    while ways:
        way = ways.pop(0)
        if way[-1] == to and (moved or len(way) > 1):
            return way
        for _, called in _calls(chains[way[-1]]) if way[-1] in chains else ():
            if called not in seen:
                seen.add(called)
                ways.append([*way, called])
    return None


def _depth(name: str, chains: Mapping[str, Chain], depths: dict[str, int]) -> int:
    """Calls below a chain; there is no cycle."""
    if name not in depths:
        below = [_depth(called, chains, depths) + 1 for _, called in _calls(chains[name]) if called in chains]
        depths[name] = max(below, default=0)
    return depths[name]
