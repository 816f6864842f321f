"""What a movement of refs tells the chains in force, and why those that listen to the like are not told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.ref_filters import against_push, against_request
from chainwright.daemon.core.ref_moves import Changes, PullRequest, RefMove

Kind = Literal["push", "pull_request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """The chains in force in an environment, at the time at which they are told."""

    organization: str
    environment: str
    chains: Mapping[str, Chain]
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A chain that listens to movements of the kind, and is not told of one."""

    environment: str
    chain: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldMove:
    """A movement with whom it is told, for the record."""

    kind: Kind
    move: RefMove
    at: float
    actor: str | None = None
    told: Sequence[Announcement] = ()
    passed_over: Sequence[PassedOver] = ()

    @property
    def key(self) -> str:
        """Begins the keys of what is told of it."""
        return f"{self.kind}:{self.move.key}"


def told_push(move: RefMove, changes: Changes, listening: Sequence[Listening], at: float) -> ToldMove:
    """Whom a push is told."""
    event = {
        "source": _source(move, changes),
        "data": {"paths": list(changes.paths), "message": changes.message, "forced": changes.is_forced},
    }
    heard = [
        (place, chain.id, against_push(chain.on_push, move, changes))
        for place in listening
        for chain in place.chains.values()
        if chain.on_push
    ]
    return _told("push", move, changes, event, heard, at)


def told_request(
    move: RefMove, changes: Changes, request: PullRequest, listening: Sequence[Listening], at: float
) -> ToldMove:
    """Whom it is told what became of a pull request; of one that has ended, ``after`` is the head that it had."""
    event = {
        "source": _source(move, changes) | {"branch": request.base, "after": move.head},
        "data": {
            "type": move.became,
            "number": request.number,
            "title": request.title,
            "url": request.url,
            "merged": request.is_merged,
            "paths": list(changes.paths),
            "message": changes.message,
        },
    }
    heard = [
        (place, chain.id, against_request(chain.on_pull_request, move, changes, request))
        for place in listening
        for chain in place.chains.values()
        if chain.on_pull_request
    ]
    return _told("pull_request", move, changes, event, heard, at)


def _told(  # noqa: PLR0917 - all that makes it up, private, and called twice
    kind: Kind,
    move: RefMove,
    changes: Changes,
    event: dict[str, Any],
    heard: Sequence[tuple[Listening, str, str]],
    at: float,
) -> ToldMove:
    passed = [PassedOver(environment=one.environment, chain=chain, reason=why) for one, chain, why in heard if why]
    told = [
        _announcement(kind, move, event | {"name": kind, "time": one.at}, chain, one)
        for one, chain, why in heard
        if not why
    ]
    return ToldMove(kind=kind, move=move, at=at, actor=changes.actor, told=told, passed_over=passed)


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


def _announcement(kind: Kind, move: RefMove, event: dict[str, Any], listener: str, place: Listening) -> Announcement:
    return Announcement(
        key=f"{kind}:{move.key}>{place.environment}/{listener}",
        kind=kind,
        listener=listener,
        organization=place.organization,
        environment=place.environment,
        at=place.at,
        run_id=None,
        event=event,
        depth=0,
    )
