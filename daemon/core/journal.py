"""Journal entries: facts and decisions of one run, numbered without a gap and chained by hash.

``hash(n) = SHA-256(hash(n-1) ‖ seq ‖ at ‖ body)`` with the run's id as ``hash(0)``, so a changed, missing or swapped entry
anywhere is found by :func:`first_broken`. The store writes what :func:`chained` returns and nothing else.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Discriminator, TypeAdapter

from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact

Entry = Annotated[Fact | Decision, Discriminator("kind")]

ENTRY_JSON: Final[TypeAdapter[Fact | Decision]] = TypeAdapter(Entry)
"""Turns an entry into the JSON of the journal, and back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry as it is written: ``at`` is the time of the fact that it is or follows from."""

    seq: int
    at: float
    kind: str
    body: bytes
    hash: bytes

    def entry(self) -> Fact | Decision:
        """The fact or decision that the body holds."""
        return ENTRY_JSON.validate_json(self.body)


def chained(
    run_id: str, last: tuple[int, bytes] | None, entries: Iterable[tuple[float, Fact | Decision]]
) -> Iterator[Row]:
    """The rows for ``(at, entry)`` pairs that follow ``last`` (its number and hash; None at the start of a run)."""
    seq, before = last or (0, run_id.encode())
    for at, entry in entries:
        seq += 1
        body = ENTRY_JSON.dump_json(entry)
        before = _digest(before, seq, at, body)
        yield Row(seq=seq, at=at, kind=entry.kind, body=body, hash=before)


def first_broken(run_id: str, rows: Iterable[Row]) -> int | None:
    """The number of the first row that does not follow from the one before it, or None if all do."""
    before, expected = run_id.encode(), 1
    for row in rows:
        if row.seq != expected or row.hash != _digest(before, row.seq, row.at, row.body):
            return expected
        before, expected = row.hash, expected + 1
    return None


def _digest(before: bytes, seq: int, at: float, body: bytes) -> bytes:
    return hashlib.sha256(b"%b\n%d\n%.6f\n%b" % (before, seq, at, body)).digest()
