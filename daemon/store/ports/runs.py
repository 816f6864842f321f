"""The store of runs: their journals, who owns them, what was typed into their terminals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact, RunRequested
from chainwright.daemon.core.journal import Row
from chainwright.daemon.store.ports.triggers import HookDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What makes a run happen only once: the same (scope, key) always leads to the same run.

    ``scope`` is ``api`` for an Idempotency-Key, ``call`` for the attempt that a child run is, ``announcement`` for what a chain was told, or ``schedule:<id>`` for a fire time, whose ``key`` is made by :meth:`of_fire`.
    """

    scope: str
    key: str

    @classmethod
    def of_fire(cls, schedule: str, due: float) -> "Once":
        """For the run that a due time of a schedule becomes."""
        return cls(scope=f"schedule:{schedule}", key=repr(float(due)))

    @property
    def fire(self) -> tuple[str, float] | None:
        """The schedule and its due time, if it is about one."""
        kind, _, schedule = self.scope.partition(":")
        return (schedule, float(self.key)) if kind == "schedule" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Entries of one run to make durable together, in order, each with its time.

    ``offsets`` are the consumed positions of ``events.log`` by attempt, recorded in the same transaction. ``follows`` is the number
    of the entry that these come after: a repeat of what was written, by a caller who was told that it had failed, is then known as
    one. None appends whatever is there.
    """

    run_id: str
    epoch: int
    entries: Sequence[tuple[float, Fact | Decision]]
    offsets: dict[str, int] = field(default_factory=dict)
    follows: int | None = None
    announcements: Sequence[Announcement] = ()
    """What these entries tell other chains, recorded in the same transaction; one that is on record already stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A run that has not finished, as found at start."""

    run_id: str
    rows: tuple[Row, ...]
    offsets: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInput:
    """Typed terminal input, kept until the session has taken it."""

    seq: int
    data: bytes


class RunStore(Protocol):
    """Journals of runs, and what the daemon asks of them for its own work."""

    async def create_run(
        self,
        request: RunRequested,
        entries: Sequence[tuple[float, Fact | Decision]],
        once: Once | None = None,
        delivery: HookDelivery | None = None,
        announcements: Sequence[Announcement] = (),
    ) -> str:
        """Store a new run with its first entries (``request`` is the first) and return its id when durable.

        If ``once``, or a key of ``delivery``, was seen before, nothing is written and the id of the run it led to is returned. A
        schedule's fire row, the delivery that the run comes of, and what the entries tell other chains, are written in the same
        transaction.
        """

    async def append(self, append: Append) -> None:
        """Write entries of a run and their projections; returns when durable. Many calls share one commit.

        Calls for the same run are written in the order in which they were made, without waiting for each other. Raises
        :class:`StoreUnavailable` (the same append may be made again), :class:`NotOwner`, :class:`StoreError`.
        """

    async def keep_input(self, attempt_id: str, data: bytes) -> int:
        """Store typed input before it is sent; returns its sequence number, from 1 for each attempt."""

    async def acknowledge_input(self, attempt_id: str, seq: int) -> None:
        """The session has taken input up to ``seq``: its bytes are forgotten, length and number stay."""

    async def next_number(self, organization: str, repository: str, chain: str) -> int:
        """The number of the next run of this chain, from 1; each is given once, and higher than that of any run on record."""

    async def open_runs(self) -> list[OpenRun]:
        """Every run that has not finished, now owned by this daemon."""

    async def host_of(self, attempt_id: str) -> str | None:
        """The host on record for an attempt's session; None for one that was placed nowhere yet, or is not known."""

    async def journal(self, run_id: str) -> tuple[Row, ...]:
        """All rows of a run; empty if there is none."""

    async def verify(self, run_id: str) -> int | None:
        """The number of the first row that breaks the run's hash chain, or None."""

    async def child_of(self, attempt_id: str) -> str | None:
        """The run that an attempt is; None when it is none, or that was not begun."""

    async def last_input(self, attempt_id: str) -> int:
        """The sequence number of the newest input that was stored, taken or not; 0 for none."""

    async def pending_input(self, attempt_id: str, after: int) -> list[StoredInput]:
        """Input that the session has not taken, from sequence number ``after + 1``."""
