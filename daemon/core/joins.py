"""Which waiting events start the next turn of an agent (semantics 14).

``any`` takes the oldest event; ``all`` the oldest of each name; ``quorum`` the oldest of the first names to be there, and whatever
else is waiting is surplus: two rounds of a vote are never mixed. ``first`` is a quorum of one.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.core.graph import Listen

Inbox = Mapping[str, deque[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Event numbers that a turn consumes, and those that its firing makes worthless."""

    consumed: tuple[int, ...]
    surplus: tuple[int, ...] = ()


def take(listen: Listen, inbox: Inbox) -> Taken | None:
    """What the next turn would take, or None while something is missing."""
    return _MODES[listen.mode](listen, inbox)


def _any(listen: Listen, inbox: Inbox) -> Taken | None:
    heads = [inbox[name][0] for name in listen.names if inbox[name]]
    return Taken(consumed=(min(heads),)) if heads else None


def _all(listen: Listen, inbox: Inbox) -> Taken | None:
    if not all(inbox[name] for name in listen.names):
        return None
    return Taken(consumed=tuple(inbox[name][0] for name in listen.names))


def _quorum(listen: Listen, inbox: Inbox) -> Taken | None:
    heads = sorted(inbox[name][0] for name in listen.names if inbox[name])
    if len(heads) < listen.count:
        return None
    consumed = tuple(heads[: listen.count])
    waiting = sorted(number for name in listen.names for number in inbox[name])
    return Taken(consumed=consumed, surplus=tuple(number for number in waiting if number not in consumed))


_MODES: Final[dict[str, Callable[[Listen, Inbox], Taken | None]]] = {
    "any": _any,
    "all": _all,
    "quorum": _quorum,
    "first": _quorum,
}
