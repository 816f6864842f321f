"""A movement of the chain repository's refs, and what is known of it.

A push is told apart by its ref alone: where it came from, and whether several refs came together, is not known to whoever looks at a
repository from outside, and does not matter. Noticing movements and reading what lies between is the callers' part; which chains one
starts is said in ``ref_filters`` and ``ref_telling``.
"""

from dataclasses import dataclass
from typing import Final

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
    def became(self) -> str:
        """What became of the request whose head it is, in GitHub's words."""
        if self.after is None:
            return "closed"
        if self.before is not None:
            return "synchronize"
        return "opened" if self.number == 1 else "reopened"

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
