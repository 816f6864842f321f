"""The store of what chains are told: movements of refs, events for chains that listen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.core.ref_telling import ToldMove


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRef:
    """Where a ref led when it was looked at last: ``commit`` is None for one that was gone. ``moves`` counts its movements."""

    commit: str | None
    moves: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPush:
    """A push that was not let in. ``updates`` are refs, each with the ids that it was to move between; ``lines`` what the pusher read."""

    repository: str
    updates: Sequence[tuple[str, str, str]]
    actor: str
    at: float
    lines: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of telling a chain something."""

    fate: Literal["started", "filtered", "unfit", "refused"]
    """A run began, or its ``if`` did not hold, or its inputs did not fit, or it cannot be started."""
    at: float
    run_id: str | None = None
    reason: str = ""


class TellingStore(Protocol):
    """What has moved, and whom it was told."""

    async def announce(self, announcements: Sequence[Announcement]) -> None:
        """Record what chains have to be told, all of it or nothing; what is on record already stays as it is."""

    async def settle_announcement(self, key: str, told: Told) -> None:
        """What became of an announcement, once: the first answer stays."""

    async def open_announcements(self) -> list[Announcement]:
        """What chains have yet to be told, in the order in which it happened."""

    async def told(self, keys: Sequence[str]) -> dict[str, Told]:
        """What became of these announcements; those that are open or unknown are not among them."""

    async def see_refs(
        self, repository: str, seen: Mapping[str, SeenRef], at: float, moves: Sequence[ToldMove] = ()
    ) -> None:
        """Remember where these refs of a repository lead, what moved, and what chains have to be told of that: all of it or nothing."""

    async def refuse_push(self, push: RefusedPush) -> None:
        """Remember a push that was not let in."""

    async def seen_refs(self, repository: str) -> dict[str, SeenRef] | None:
        """What is remembered of a repository's refs, by name; None when it was never looked at."""

    async def moves(self, repository: str | None, limit: int, before: int | None) -> list[dict[str, Any]]:
        """The newest movements of refs and refused pushes, in the shape of ``schemas.repositories.MoveView``; ``before`` is the id of the
        last one of the page before."""

    async def is_worked_on(self, repository: str, commit: str) -> bool:
        """Whether any run, of whatever time, works at the commit."""
