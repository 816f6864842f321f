"""Legs of a matrix as the command line sees them: parts of a turn in a RunDetail."""

from collections.abc import Iterator
from typing import Any

Thing = dict[str, Any]


def leg_of(turn: Thing, attempt: Thing) -> Thing | None:
    """The leg that an attempt is a try of; None without a matrix."""
    return next((leg for leg in turn["legs"] if leg["leg"] == attempt["leg"]), None)


def is_called(leg: Thing | None, name: str) -> bool:
    """Whether a person who says this means the leg: its number, its name, or its values in a row."""
    if leg is None:
        return False
    return name in (leg["leg"], leg["name"], ", ".join(str(value) for value in leg["matrix"].values()))


def with_legs(agents: dict[str, Thing]) -> dict[str, Thing]:
    """The agents, each followed by the legs of its last turn: under names of their own, with a ``title`` for people."""
    return {key: thing for name, agent in agents.items() for key, thing in ((name, agent), *_parts(name, agent))}


def _parts(name: str, agent: Thing) -> Iterator[tuple[str, Thing]]:
    """In the shape of an agent, with the attempts that are its own."""
    for turn in agent["turns"][-1:]:
        for leg in turn["legs"]:
            attempts = [attempt for attempt in turn["attempts"] if attempt["leg"] == leg["leg"]]
            own = {**turn, "attempts": attempts, "legs": []}
            yield f"{name}/{leg['leg']}", {**leg, "title": f"  {leg['name']}", "turns": [own]}
