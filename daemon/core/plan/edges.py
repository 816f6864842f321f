"""Who starts whom, compared: edges that come and go.

An event that a thousand agents emit and a thousand hear has a million edges; so they are counted by multiplication, and only the first
of them are made.
"""

from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import Final

from chainwright.daemon.core.graph import AUTOMATIC_EVENTS, Chain
from chainwright.daemon.core.plan.report import Edge, Edges

MAX_EDGES: Final = 50
"""Edges of one chain that a plan names."""

_NEED: Final = ""

_Ends = tuple[frozenset[str], frozenset[str]]
"""Who may emit an event, and who hears it."""

_NOBODY: Final[_Ends] = (frozenset(), frozenset())


def changed_edges(before: Chain | None, after: Chain | None) -> Edges:
    """The edges that come and go."""
    old, new = _ends(before), _ends(after)
    come = _new_edges(old, new)
    gone = _new_edges(new, old)
    return Edges(added=come[0], added_count=come[1], removed=gone[0], removed_count=gone[1])


def edges_of(chain: Chain, most: int) -> tuple[Edge, ...]:
    """The first ``most`` edges."""
    return tuple(islice(_made({}, _ends(chain)), most))


def _ends(chain: Chain | None) -> dict[tuple[str, str], _Ends]:
    """(event, "") or ("", needed agent) → the two ends of the edges."""
    if chain is None:
        return {}
    emitters = _emitters(chain)
    ends: dict[tuple[str, str], _Ends] = {}
    for name, hearers in _hearers(chain).items():
        ends[name, _NEED] = (frozenset(emitters.get(name, ())), frozenset(hearers))
    for agent in chain.agents.values():
        for need in (one for one in agent.needs if one in chain.agents):
            sources, targets = ends.get((_NEED, need), _NOBODY)
            ends[_NEED, need] = (sources | {need}, targets | {agent.id})
    return ends


def _hearers(chain: Chain) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for agent in chain.agents.values():
        for name in agent.listens.names if agent.listens else ():
            found.setdefault(name, []).append(agent.id)
    return found


def _emitters(chain: Chain) -> dict[str, list[str]]:
    found = {f"{name}.{word}": [name] for name in chain.agents for word in AUTOMATIC_EVENTS}
    for agent in chain.agents.values():
        for event in agent.emits:
            found.setdefault(event, []).append(agent.id)
    return found


def _new_edges(old: dict[tuple[str, str], _Ends], new: dict[tuple[str, str], _Ends]) -> tuple[tuple[Edge, ...], int]:
    count = sum(_size(ends) - _size(_both(ends, old.get(key, _NOBODY))) for key, ends in new.items())
    return tuple(islice(_made(old, new), MAX_EDGES)), count


def _made(old: dict[tuple[str, str], _Ends], new: dict[tuple[str, str], _Ends]) -> Iterator[Edge]:
    for (event, need), (sources, targets) in new.items():
        known_sources, known_targets = old.get((event, need), _NOBODY)
        fresh = product(sorted(sources - known_sources), sorted(targets))
        also = product(sorted(sources & known_sources), sorted(targets - known_targets))
        yield from _edges(fresh, event)
        yield from _edges(also, event)


def _edges(ends: Iterable[tuple[str, str]], event: str) -> Iterator[Edge]:
    return (Edge(source=source, target=target, event=event) for source, target in ends)


def _both(one: _Ends, other: _Ends) -> _Ends:
    return one[0] & other[0], one[1] & other[1]


def _size(ends: _Ends) -> int:
    return len(ends[0]) * len(ends[1])
