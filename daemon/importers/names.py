"""Names of other tools → names that the chain language takes."""

import re
from collections.abc import Iterable
from typing import Final

_AGENT_LENGTH: Final = 48
_NOT_IN_ID: Final = re.compile(r"[^A-Za-z0-9_-]+")
_NOT_IN_EVENT: Final = re.compile(r"[^A-Za-z0-9._:/-]+")
_EVENT_LENGTH: Final = 64
_TAKEN: Final = frozenset({"run"})


def agent_id(name: str, taken: Iterable[str] = ()) -> str:
    """An agent's id made of ``name``, unlike those that are taken."""
    base = _NOT_IN_ID.sub("-", name).strip("-") or "agent"
    base = base if base[0].isalpha() or base[0] == "_" else f"_{base}"
    return unlike(base[:_AGENT_LENGTH], {*taken, *_TAKEN}, _AGENT_LENGTH)


def event_name(name: str) -> str:
    """An event's name made of ``name``; empty when nothing of it can stand."""
    return _NOT_IN_EVENT.sub("-", name).lstrip("._:/-")[:_EVENT_LENGTH]


def unlike(name: str, taken: Iterable[str], length: int = 100, joined: str = "-") -> str:
    """``name``, else with the first number that makes it unlike those taken, within ``length`` characters."""
    known = set(taken)
    if name not in known:
        return name
    numbered = (f"{name[: length - 4]}{joined}{number}" for number in range(2, len(known) + 3))
    return next(one for one in numbered if one not in known)


def chain_file(path: str) -> str:
    """The name of the chain file for a file of another tool."""
    stem = re.sub(r"(\.(chain|json|ya?ml))+$", "", path.rpartition("/")[2])
    return f"{_NOT_IN_ID.sub('-', stem).strip('-') or 'chain'}.yaml"
