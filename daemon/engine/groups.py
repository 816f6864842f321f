"""Who has the places of concurrency groups, and who waits for one, over all runs of this daemon (semantics 23).

Nothing here is written: what a run asked for and what it was told stand in its journal, and from all journals together this is made
again. A place is given back only when its release is durable, so that two never have it on record.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from chainwright.daemon.core.holds import RUN_CLAIMS

Told = Literal["granted", "refused", "taken"]
Key = tuple[str, str]
"""A run, and the name of a claim within it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A place that a run or a turn needs. ``family`` are claims whose place it shares: the run's own, and those of its ancestors."""

    run_id: str
    name: str
    organization: str
    group: str
    max: int
    queue: int
    cancel_in_progress: bool
    priority: int
    at: float
    family: tuple[Key, ...] = ()

    @property
    def key(self) -> Key:
        """By which it is known."""
        return self.run_id, self.name

    def __str__(self) -> str:
        """For people: the run, or which turn of it."""
        return f"run {self.run_id}" if self.name in RUN_CLAIMS else f"{self.name} of run {self.run_id}"


@dataclass(slots=True)
class _Group:
    holders: dict[Key, Claim] = field(default_factory=dict)
    guests: dict[Key, Claim] = field(default_factory=dict)
    """Those that share a holder's place."""
    waiting: list[Claim] = field(default_factory=list)
    """The highest priority first, equals by who came first."""
    leaving: set[Key] = field(default_factory=set)
    """Those that were told that something newer takes their place."""
    sizes: Counter[int] = field(default_factory=Counter)
    """How often each number of places was named by holders and those that wait: a hundred thousand may."""
    cancelling: int = 0
    """How many of these take places from older ones."""

    @property
    def size(self) -> int:
        """Places: the smallest number that any of those concerned has named."""
        return min(self.sizes)

    @property
    def is_full(self) -> bool:
        """Whether no place is free."""
        return len(self.holders) >= self.size

    def hold(self, claim: Claim) -> None:
        self.holders[claim.key] = claim
        self._concerns(claim, 1)

    def queue(self, claim: Claim) -> None:
        insort(self.waiting, claim, key=_turn)
        self._concerns(claim, 1)

    def first_in_line(self) -> Claim | None:
        """Who gets the next place that is free."""
        return next((claim for claim in self.waiting if claim.key not in self.leaving), None)

    def unqueue(self, claim: Claim) -> None:
        position = bisect_left(self.waiting, _turn(claim), key=_turn)
        assert self.waiting[position] is claim
        del self.waiting[position]
        self._concerns(claim, -1)

    def forget(self, claim: Claim) -> None:
        """Wherever it is."""
        self.leaving.discard(claim.key)
        if claim.key in self.holders:
            del self.holders[claim.key]
            self._concerns(claim, -1)
        elif self.guests.pop(claim.key, None) is None:
            self.unqueue(claim)

    def _concerns(self, claim: Claim, more: int) -> None:
        self.cancelling += more * claim.cancel_in_progress
        self.sizes[claim.max] += more
        if not self.sizes[claim.max]:
            del self.sizes[claim.max]


def _turn(claim: Claim) -> tuple[int, float, Key]:
    """Those that wait are served in its order."""
    return -claim.priority, claim.at, claim.key


class Groups:
    """Every concurrency group of every organization. ``tell`` says to a run what has become of its claim, and why."""

    def __init__(self, tell: Callable[[Claim, Told, str], None]) -> None:
        self._tell = tell
        self._groups: dict[tuple[str, str], _Group] = {}
        self._of: dict[str, dict[str, Claim]] = {}
        """The claims of each run by their names."""

    def restore(self, claims: Iterable[tuple[Claim, bool]]) -> None:
        """Know again who has a place (True) and who waits; nobody is told anything before :meth:`settle`."""
        for claim, has_place in sorted(claims, key=lambda one: (not one[1], one[0].at, one[0].key)):
            group = self._enter(claim)
            if has_place:
                self._place(group, claim)
            else:
                group.queue(claim)

    def settle(self) -> None:
        """Go on with what was restored."""
        for group in tuple(self._groups.values()):
            self._supersede(group)
            self._grant(group)

    def claim(self, claim: Claim) -> None:
        """Ask for a place; one that is known already is not asked for twice."""
        if claim.name in self._of.get(claim.run_id, ()):
            return
        group = self._enter(claim)
        if self._shares(group, claim):
            self._have(group, claim)
            return
        group.queue(claim)
        if group.is_full and len(group.waiting) > claim.queue and not claim.cancel_in_progress:
            group.unqueue(claim)
            self._leave(claim.run_id, claim.name)
            self._tell(claim, "refused", f'{len(group.waiting)} wait for a place of "{claim.group}"')
            return
        self._supersede(group)
        self._grant(group)

    def release(self, run_id: str, name: str) -> None:
        """Give a place back, or wait for it no longer; the next in line get what is free."""
        claim = self._leave(run_id, name)
        if claim is None:
            return
        group = self._groups[claim.organization, claim.group]
        group.forget(claim)
        self._grant(group)
        if not (group.holders or group.guests or group.waiting):
            del self._groups[claim.organization, claim.group]

    def release_all(self, run_id: str) -> None:
        """The run has ended: it needs no place any more."""
        for name in tuple(self._of.get(run_id, ())):
            self.release(run_id, name)

    def ahead_of(self, run_id: str, name: str) -> list[Claim]:
        """Those that have the places which a claim waits for, and those that wait before it; empty when it does not wait."""
        claim = self._of.get(run_id, {}).get(name)
        group = self._groups[claim.organization, claim.group] if claim else _Group()
        if claim not in group.waiting:
            return []
        return [*group.holders.values(), *group.waiting[: group.waiting.index(claim)]]

    # inside

    def _enter(self, claim: Claim) -> _Group:
        self._of.setdefault(claim.run_id, {})[claim.name] = claim
        return self._groups.setdefault((claim.organization, claim.group), _Group())

    def _leave(self, run_id: str, name: str) -> Claim | None:
        """Nobody of this name asks for anything any more."""
        claims = self._of.get(run_id, {})
        claim = claims.pop(name, None)
        if not claims:
            self._of.pop(run_id, None)
        return claim

    def _shares(self, group: _Group, claim: Claim) -> bool:
        return any(key in group.holders or key in group.guests for key in claim.family)

    def _place(self, group: _Group, claim: Claim) -> None:
        if self._shares(group, claim):
            group.guests[claim.key] = claim
        else:
            group.hold(claim)

    def _have(self, group: _Group, claim: Claim) -> None:
        self._place(group, claim)
        self._tell(claim, "granted", "")

    def _grant(self, group: _Group) -> None:
        while (claim := group.first_in_line()) and not group.is_full:
            group.unqueue(claim)
            self._have(group, claim)

    def _supersede(self, group: _Group) -> None:
        """Of a group whose newest claim takes places, only the newest stay: as many as there are places."""
        if not group.cancelling:
            return
        claims = sorted((*group.holders.values(), *group.waiting), key=lambda one: (one.at, one.key))
        if not claims[-1].cancel_in_progress:
            return
        for claim in claims[: -group.size]:
            if claim.key not in group.leaving:
                group.leaving.add(claim.key)
                self._tell(claim, "taken", f"by {claims[-1]}, which came later")
