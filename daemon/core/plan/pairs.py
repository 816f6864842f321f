"""Which chain of the head is which of the base: by id, else by what it holds.

A chain whose file was moved keeps its id when it says one; one that does not is known again if most of it is as it was.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from chainwright.daemon.core.graph import Agent, Chain, digest

ALIKE: Final = 0.6
"""From this share of equal agents on, two chains are one that was renamed."""

_MOST_COMPARED: Final = 10_000
"""Pairs of chains that are compared agent by agent; of more, only equal ones are known again."""

_HALF: Final = 0.5


def pairs(base: Mapping[str, Chain], head: Mapping[str, Chain]) -> Iterator[tuple[Chain | None, Chain | None]]:
    """Every chain of both, once: with its other self, or with None."""
    gone = [chain for name, chain in base.items() if name not in head]
    come = [chain for name, chain in head.items() if name not in base]
    renamed = _renamed(gone, come)
    known_again = set(renamed.values())
    for name, chain in head.items():
        yield base.get(name) or base.get(renamed.get(name, "")), chain
    for chain in gone:
        if chain.id not in known_again:
            yield chain, None


def _renamed(gone: list[Chain], come: list[Chain]) -> dict[str, str]:
    """New id → old id."""
    found = _equal(gone, come)
    gone = [chain for chain in gone if chain.id not in found.values()]
    come = [chain for chain in come if chain.id not in found]
    if len(gone) * len(come) > _MOST_COMPARED:
        return found
    scores = ((likeness(old, new), old.id, new.id) for old in gone for new in come)
    for score, old, new in sorted(scores, key=lambda one: (-one[0], one[1], one[2])):
        if score >= ALIKE and new not in found and old not in found.values():
            found[new] = old
    return found


def _equal(gone: list[Chain], come: list[Chain]) -> dict[str, str]:
    by_content = {_content(chain): chain.id for chain in gone}
    found: dict[str, str] = {}
    for chain in come:
        old = by_content.pop(_content(chain), None)
        if old is not None:
            found[chain.id] = old
    return found


def _content(chain: Chain) -> str:
    """Equal for chains that differ only in what they are called."""
    schedules = tuple(replace(schedule, id="") for schedule in chain.schedules)
    return digest(replace(chain, id="", name="", path="", schedules=schedules))


def likeness(one: Chain, other: Chain) -> float:
    """The share of agents that both have, from 0 to 1; one of the same name that does something else counts half."""
    together = len(one.agents) + len(other.agents)
    same = sum(_likeness(agent, other.agents.get(name)) for name, agent in one.agents.items())
    return 2 * same / together if together else 0.0


def _likeness(agent: Agent, other: Agent | None) -> float:
    if other is None:
        return 0.0
    return 1.0 if agent == other else _HALF
