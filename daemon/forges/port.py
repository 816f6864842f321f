"""What we ask of a forge, whichever it is: requests to merge, what reviewers said of them, our one comment, our status.

Each family of APIs is a file: ``github``, ``gitea``, ``gitlab``. Every method ends within a time limit and raises ``Later`` or ``Never``
of ``daemon.outbox``: who must act, and when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class End(StrEnum):
    """How a request is that may not be open any more."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull or merge request. Names of branches are without ``refs/heads/``."""

    number: int
    head: str
    base: str
    author: str
    head_ref: str
    """Where the repository has its head."""
    mark_ref: str = ""
    """What a status of its head is filed under, where the forge asks for that."""
    title: str = ""
    url: str = ""
    has_reviewers: bool = True
    """Whether anybody is asked to review it, where its listing tells that."""
    end: End = End.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody who may says of the head as it is. Of several answers of a person the last one counts."""

    actor: str
    agrees: bool


class Forge(Protocol):
    """One repository of one forge, asked with one token."""

    async def pulls(self) -> list[Pull]:
        """Those that are open."""

    async def pull(self, number: int) -> Pull | None:
        """One, open or not; None for one that the forge does not know."""

    async def answers(self, pull: Pull) -> Sequence[Answer]:
        """In their order. What was taken back, or said of another head, or by somebody whose word has no weight, is none."""

    async def say(self, number: int, marker: str, text: str) -> None:
        """Have our one comment with this marker say so: the one that is there is changed, or one is made."""

    async def mark(self, commit: str, ref: str, status: Mapping[str, str]) -> None:
        """Set a status of a commit: ``{state, context, description}``, where the state is success, pending or failure.

        ``ref`` is a ``Pull.mark_ref``.
        """
