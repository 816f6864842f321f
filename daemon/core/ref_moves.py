"""Which chains a movement of the chain repository's refs starts, by GitHub's rules.

A push is told apart by its ref alone: where it came from, and whether several refs came together, is not known to whoever looks at a
repository from outside, and does not matter. Noticing movements and reading what lies between is the callers' part.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chainwright.daemon.core.announcements import Announcement, Kind
from chainwright.daemon.core.filters import lets_start
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.listening import PullRequestTrigger, PushTrigger

MAX_PATHS: Final = 1_000
"""Changed files that are looked at. Beyond, path filters let everything pass: a run too many rather than one that is missing."""

_BRANCHES: Final = "refs/heads/"
_TAGS: Final = "refs/tags/"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefMove:
    """A ref leads elsewhere than when it was seen last. ``before`` is None for one that is new, ``after`` for one that is gone."""

    repository: str
    ref: str
    before: str | None
    after: str | None
    number: int
    """Counts the movements of this ref, from 1: the same way there and back again is two movements more."""

    @property
    def branch(self) -> str | None:
        """The branch that it is, if it is one."""
        return self.ref.removeprefix(_BRANCHES) if self.ref.startswith(_BRANCHES) else None

    @property
    def tag(self) -> str | None:
        """The tag that it is, if it is one."""
        return self.ref.removeprefix(_TAGS) if self.ref.startswith(_TAGS) else None

    @property
    def head(self) -> str:
        """Where it leads; of one that is gone, where it led."""
        head = self.after or self.before
        assert head is not None
        return head

    @property
    def key(self) -> str:
        """Names this movement and no other."""
        return f"{self.repository}:{self.ref}:{self.number}:{self.before or ''}..{self.after or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What lies between the two ends of a movement."""

    paths: tuple[str, ...] = ()
    """Files that differ, at most :data:`MAX_PATHS`."""
    are_all: bool = False
    """Whether no other file differs; False too where there is nothing to compare with."""
    message: str = ""
    """Of the commit that it leads to."""
    actor: str | None = None
    """Who pushed it, where that is known."""
    is_forced: bool = False
    """Whether commits went that were there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """The pull or change request whose head has moved, or that has ended."""

    number: int
    base: str
    """The branch that it is to be merged into."""
    title: str = ""
    url: str = ""
    is_merged: bool = False
    """Of one that has ended."""


def starts_by_push(trigger: PushTrigger, move: RefMove, changes: Changes) -> bool:
    """Whether a push is one that the trigger waits for; that of a ref which is gone never is."""
    if move.after is None:
        return False
    if move.tag is not None:
        return _names(trigger.tags, trigger.tags_ignore, move.tag, other=trigger.branches or trigger.branches_ignore)
    if move.branch is None:
        return False
    other = trigger.tags or trigger.tags_ignore
    is_named = _names(trigger.branches, trigger.branches_ignore, move.branch, other=other)
    return is_named and _touches(trigger, changes)


def starts_by_pull_request(trigger: PullRequestTrigger, move: RefMove, changes: Changes, request: PullRequest) -> bool:
    """Whether what became of a pull request is something that the trigger waits for."""
    if _type(move) not in trigger.types:
        return False
    return lets_start(trigger.branches, trigger.branches_ignore, [request.base]) and _touches(trigger, changes)


def _names(patterns: Sequence[str], ignore: Sequence[str], name: str, *, other: Sequence[str]) -> bool:
    """Whether a branch or tag is meant; ``other`` are the filters of the other kind, which alone mean none of this one."""
    if not patterns and not ignore:
        return not other
    return lets_start(patterns, ignore, [name])


def _touches(trigger: PushTrigger | PullRequestTrigger, changes: Changes) -> bool:
    return not changes.are_all or lets_start(trigger.paths, trigger.paths_ignore, changes.paths)


def _type(move: RefMove) -> str:
    """In GitHub's words."""
    if move.after is None:
        return "closed"
    if move.before is not None:
        return "synchronize"
    return "opened" if move.number == 1 else "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """The chains in force in an environment, at the time at which they are told."""

    organization: str
    environment: str
    chains: Mapping[str, Chain]
    at: float


def pushed(move: RefMove, changes: Changes, listening: Listening) -> Iterator[Announcement]:
    """What a push tells the chains that wait for it."""
    data = {"paths": list(changes.paths), "message": changes.message, "forced": changes.is_forced}
    for chain in listening.chains.values():
        if chain.on_push and starts_by_push(chain.on_push, move, changes):
            yield _announcement("push", move, _source(move, changes), data, chain.id, listening)


def requested(move: RefMove, changes: Changes, request: PullRequest, listening: Listening) -> Iterator[Announcement]:
    """What a pull request tells the chains that wait for it; of one that has ended, ``after`` is the head that it had."""
    source = _source(move, changes) | {"branch": request.base, "after": move.head}
    data = {
        "type": _type(move),
        "number": request.number,
        "title": request.title,
        "url": request.url,
        "merged": request.is_merged,
        "paths": list(changes.paths),
        "message": changes.message,
    }
    for chain in listening.chains.values():
        if chain.on_pull_request and starts_by_pull_request(chain.on_pull_request, move, changes, request):
            yield _announcement("pull_request", move, source, data, chain.id, listening)


def _source(move: RefMove, changes: Changes) -> dict[str, Any]:
    return {
        "repository": move.repository,
        "ref": move.ref,
        "branch": move.branch,
        "tag": move.tag,
        "before": move.before,
        "after": move.after,
        "actor": changes.actor,
    }


def _announcement(  # noqa: PLR0917 - all that makes it up, private, and called twice
    kind: Kind, move: RefMove, source: dict[str, Any], data: dict[str, Any], listener: str, listening: Listening
) -> Announcement:
    return Announcement(
        key=f"{kind}:{move.key}>{listening.environment}/{listener}",
        kind=kind,
        listener=listener,
        organization=listening.organization,
        environment=listening.environment,
        at=listening.at,
        run_id=None,
        event={"name": kind, "source": source, "data": data, "time": listening.at},
        depth=0,
    )
