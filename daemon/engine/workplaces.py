"""Where agents work on a host: what the engine asks of whoever prepares it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where an attempt works. Every path is absolute on the host that was asked."""

    folder: str
    """Its workspace."""
    repository: str
    """A bare repository for agents to read, whose HEAD is the commit; where the host cannot have one, nothing is there."""
    given_root: str
    """Below it each attempt of the run has a folder of its own, for the artifacts that it is given."""


class Workspaces(Protocol):
    """Where agents work, on one host.

    Whatever prepares raises OSError when it cannot be done (the tree is refused, the disk is full), CannotStart when it never can be
    there, and HostUnreachable when the host gives no answer now.
    """

    async def prepare(self, run_id: str, repository: str, commit: str) -> Workplace:
        """The run's checkout, made on the first call."""

    async def prepare_own(self, run_id: str, attempt_id: str, repository: str, commit: str) -> Workplace:
        """A checkout that this attempt has to itself, made on the first call."""

    async def prepare_worktree(
        self, run_id: str, attempt_id: str, repository: str, commit: str, *, anew: bool
    ) -> Workplace:
        """The git worktree of the attempt's turn; with ``anew`` it is as it was at the commit."""

    async def release(self, run_id: str, commit: str) -> None:
        """The run has ended, and no process of it is left; what was changed in its checkouts stays for people to see.

        A host that gives no answer keeps everything: it raises nothing for that.
        """

    async def link_events(self, run_id: str, attempt_id: str) -> None:
        """Make the attempt's event files visible below the run's folder. Raises nothing: it is there for people alone."""
