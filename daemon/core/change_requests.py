"""A change request: commits that somebody wants a branch to have, what people say about them, and what may become of them.

Everything that happened to one is an entry, in order, with its time and its actor; the rest follows from the entries. An answer is
about one head: a new push leaves it in the history and takes its weight away.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.plan.report import NeededApproval, Plan
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.verdicts import may_answer


class ChangeState(StrEnum):
    """How far a change request is."""

    OPEN = "open"
    MERGING = (
        "merging"  # its commit is made and approved, and its branch may have it already: the next daemon finds out
    )
    MERGED = "merged"
    CLOSED = "closed"


class Step(StrEnum):
    """What can happen to a change request."""

    OPENED = "opened"
    PUSHED = "pushed"
    COMMENTED = "commented"
    APPROVED = "approved"
    REJECTED = "rejected"
    MERGE_BEGUN = "merge-begun"
    MERGE_FAILED = "merge-failed"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. ``head`` is the newest commit of the change then; ``at`` in seconds since the epoch, UTC."""

    at: float
    step: Step
    actor: str
    is_owner: bool = False
    """Whether the actor stands for every team and role."""
    head: str
    commit: str = ""
    """Of a merge: what the branch is to lead to."""
    onto: str = ""
    """Of a merge: what the branch led to."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """One of them with its whole history; ``branch`` is without ``refs/heads/``."""

    number: int
    organization: str
    repository: str
    branch: str
    title: str
    entries: tuple[Entry, ...]

    @property
    def head(self) -> str:
        """The newest commit that was pushed to it."""
        return self.entries[-1].head

    @property
    def author(self) -> str:
        """Who opened it."""
        return self.entries[0].actor

    @property
    def authors(self) -> frozenset[str]:
        """Everybody who pushed to it: none of them can approve it."""
        return frozenset(one.actor for one in self.entries if one.step in _PUSHES)

    @property
    def state(self) -> ChangeState:
        """How far it is."""
        return next(AFTER[one.step] for one in reversed(self.entries) if one.step in AFTER)

    @property
    def answers(self) -> Mapping[str, Entry]:
        """The last answer of each person to the head as it is."""
        given = (one for one in self.entries if one.step in _ANSWERS and one.head == self.head)
        return {one.actor: one for one in given}

    @property
    def merge(self) -> Entry | None:
        """The last merge that was begun."""
        return next((one for one in reversed(self.entries) if one.step is Step.MERGE_BEGUN), None)


_PUSHES: Final = frozenset({Step.OPENED, Step.PUSHED})
_ANSWERS: Final = frozenset({Step.APPROVED, Step.REJECTED})
AFTER: Final[Mapping[Step, ChangeState]] = {
    Step.OPENED: ChangeState.OPEN,
    Step.MERGE_BEGUN: ChangeState.MERGING,
    Step.MERGE_FAILED: ChangeState.OPEN,
    Step.MERGED: ChangeState.MERGED,
    Step.CLOSED: ChangeState.CLOSED,
}
"""Steps that lead to another state."""
POSSIBLE: Final[Mapping[ChangeState, frozenset[Step]]] = {
    ChangeState.OPEN: frozenset({*Step} - {Step.OPENED, Step.MERGE_FAILED, Step.MERGED}),
    ChangeState.MERGING: frozenset({Step.MERGE_FAILED, Step.MERGED, Step.COMMENTED}),
    ChangeState.MERGED: frozenset({Step.COMMENTED}),
    ChangeState.CLOSED: frozenset({Step.COMMENTED}),
}
"""Steps that each state allows."""
_DONE: Final[Mapping[Step, str]] = {
    Step.PUSHED: "pushed to",
    Step.COMMENTED: "commented on",
    Step.MERGE_BEGUN: "merged",
}
"""Steps in people's words, where their names are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What its merge would do now, by environment, and whether the commits fit together."""

    plans: Mapping[str, Plan] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()
    """Files that both sides changed in ways that cannot be joined."""


def check(change: ChangeRequest, step: Step) -> None:
    """Raises Refusal when this cannot happen to it now."""
    if step not in POSSIBLE[change.state]:
        hint = "a push without change=N, or with change=new, opens another one" if step is Step.PUSHED else ""
        what = _DONE.get(step, step)
        raise Refusal(Code.CONFLICT, f"change {change.number} is {change.state}: it cannot be {what} any more", hint)


def answer(change: ChangeRequest, actor: Actor, *, agrees: bool, head: str | None, text: str, at: float) -> Entry:
    """The entry that an answer is. Raises Refusal: the actor is an author, or read another head."""
    step = Step.APPROVED if agrees else Step.REJECTED
    check(change, step)
    if agrees and actor.name in change.authors:
        raise Refusal(
            Code.DENIED, f"{actor.name} pushed to change {change.number} and cannot approve it", "another person has to"
        )
    if head is not None and not change.head.startswith(head):
        raise Refusal(
            Code.CONFLICT, f"change {change.number} is at {change.head[:12]} now, not at {head[:12]}", "read it again"
        )
    return entry(change, step, actor, at, text=text)


def entry(change: ChangeRequest, step: Step, actor: Actor, at: float, *, text: str = "") -> Entry:
    """Something that happens to it as it is, whoever's doing. Raises Refusal when it cannot."""
    check(change, step)
    return Entry(at=at, step=step, actor=actor.name, is_owner=actor.is_owner, head=change.head, text=text)


def hindrances(change: ChangeRequest, outlook: Outlook) -> tuple[str, ...]:
    """Everything that keeps its branch from having it, in sentences; empty when it can be merged."""
    return tuple(dict.fromkeys(_hindrances(change, outlook)))


def _hindrances(change: ChangeRequest, outlook: Outlook) -> Iterator[str]:
    yield from (f"both sides changed {path}: merge {change.branch} into it and push" for path in outlook.conflicts)
    for one in change.answers.values():
        if one.step is Step.REJECTED:
            yield f"{one.actor} rejected it" + (f": {one.text}" if one.text else "")
    for name, plan in outlook.plans.items():
        if not plan.head.is_valid:
            yield f"it does not load in {name}: push a head that does"
        yield from (f"the policy forbids it: {one}" for one in plan.violations)
    yield from (_asked(*lack) for lack in lacking(change, outlook))


def needed(outlook: Outlook) -> tuple[NeededApproval, ...]:
    """The approvals that its plans ask for, each once."""
    return tuple(dict.fromkeys(one for plan in outlook.plans.values() for one in plan.approvals))


def lacking(change: ChangeRequest, outlook: Outlook) -> Iterator[tuple[NeededApproval, int]]:
    """Approvals that are asked for and were not given to this head, and how many of each."""
    agreed = [one for one in change.answers.values() if one.step is Step.APPROVED and one.actor not in change.authors]
    people: Sequence[Actor] = [Actor(name=one.actor, is_owner=one.is_owner) for one in agreed]
    for one in needed(outlook):
        left = one.count - sum(may_answer(one.by, person) for person in people)
        if left > 0:
            yield one, left


def _asked(asked: NeededApproval, left: int) -> str:
    who = f"of {', '.join(asked.by)}" if asked.by else "of anybody but its authors"
    reasons = "; ".join(map(str, asked.because[:_REASONS]))
    return f"{left} more approval{'s' * (left != 1)} {who}, because {reasons}"


_REASONS: Final = 3
"""That one sentence names."""
