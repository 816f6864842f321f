"""The store of what leaves for others: letters to forges."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chainwright.daemon.core.letters import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPull:
    """A pull request whose plan was made: from what, and what is to be told of it."""

    forge: str
    number: int
    seen: str
    letters: Sequence[Letter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A letter that did not arrive: when to try again, or never again."""

    letter: Letter
    due_at: float
    fault: str
    is_dead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What has not arrived: how many letters wait, and the dead ones (subject and fault), newest first."""

    waiting: int
    dead: tuple[tuple[str, str], ...]


class LetterStore(Protocol):
    """Letters that wait, and those that are dead."""

    async def plan_pull(self, planned: PlannedPull) -> None:
        """Keep what the plan of a pull request was made from and, in the same transaction, the letters that tell of it."""

    async def forget_pulls(self, forge: str, still: tuple[int, ...]) -> None:
        """Forget the pull requests of a forge but for these."""

    async def seen_pulls(self, forge: str) -> dict[int, str]:
        """What the last plan of each open pull request was made from."""

    async def due_letters(self, now: float, limit: int) -> list[Letter]:
        """Letters that are to be sent now, the longest due first."""

    async def letter_sent(self, letter: Letter) -> None:
        """Forget a letter that has arrived; one that took its place meanwhile stays."""

    async def letter_failed(self, failure: Failure) -> None:
        """Note that a letter has not arrived, and when it is tried again, if ever."""

    async def outgoing(self) -> Outgoing:
        """How many letters wait, and which are dead."""
