"""What the writer puts into one transaction: runs, journal rows and projections of many callers, gathered, then executed together."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact, RunRequested
from chainwright.daemon.core.journal import Row, chained
from chainwright.daemon.store import announcements, changes, deliveries, projections
from chainwright.daemon.store import statements as sql
from chainwright.daemon.store.bulk import Bulk, Parameters
from chainwright.daemon.store.port import Append, HookDelivery, NotOwner, Once, StoreError

Entries = Sequence[tuple[float, Fact | Decision]]


class Head(NamedTuple):
    """Where a run's journal ends: number and hash of its last row, number of its last event."""

    seq: int
    hash: bytes
    event: int


class Heads:
    """The heads of the runs that are being written, as far as they are durable; what is not known is read."""

    def __init__(self) -> None:
        self._known: dict[str, Head] = {}

    def of(self, connection: sqlite3.Connection, run_id: str) -> Head | None:
        """A run's head, or None when it has no rows."""
        return self._known.get(run_id) or self._read(connection, run_id)

    def keep(self, moved: dict[str, Head], finished: set[str]) -> None:
        """These are durable now; of finished runs nothing more is expected."""
        self._known.update(moved)
        for run_id in finished:
            self._known.pop(run_id, None)

    def doubt(self) -> None:
        """Whether the last transaction is durable is not known: read everything anew."""
        self._known.clear()

    def _read(self, connection: sqlite3.Connection, run_id: str) -> Head | None:
        last = connection.execute(sql.JOURNAL_HEAD, (run_id,)).fetchone()
        if last is None:
            return None
        (event,) = connection.execute(sql.LAST_EVENT, (run_id,)).fetchone()
        return Head(seq=last[0], hash=last[1], event=event)


class KeyTaken(StoreError):
    """A delivery that is to become a run repeats one that has become one."""


class Batch:
    """One transaction: whatever fails in it, all of it is rolled back.

    What is gathered is not in the tables before :meth:`flush`, which therefore comes before the commit and before everything that
    reads or changes them directly.
    """

    def __init__(self, connection: sqlite3.Connection, heads: Heads) -> None:
        self.connection = connection
        self._heads = heads
        self._moved: dict[str, Head] = {}
        self._finished: set[str] = set()
        self._once: dict[Once, str] = {}
        self._delivered: dict[tuple[str, str], str] = {}
        self._rows: dict[Bulk, list[Parameters]] = {statement: [] for statement in changes.ORDER}

    def append(self, append: Append) -> None:
        """Gather entries of a run."""
        head = self._moved.get(append.run_id) or self._heads.of(self.connection, append.run_id)
        if append.follows is not None and append.follows != (head.seq if head else 0):
            self._require_repeat(append)
            return
        rows = list(chained(append.run_id, (head.seq, head.hash) if head else None, append.entries))
        seq = rows[-1].seq if rows else head.seq if head else 0
        self._rows[changes.ADVANCE_RUN].append((append.run_id, append.epoch, seq))
        offsets = ((attempt_id, append.run_id, offset) for attempt_id, offset in append.offsets.items())
        self._rows[changes.CONSUME_EVENTS_LOG].extend(offsets)
        self._gather(append.run_id, head.event if head else 0, rows, append.entries)
        self.announce(append.announcements)

    def announce(self, told: Iterable[Announcement]) -> None:
        """Gather what chains have to be told."""
        self._rows[changes.ANNOUNCE].extend(announcements.rows_of(told))

    def _require_repeat(self, append: Append) -> None:
        """Entries that do not follow the last one are a repeat, row for row, or a mistake."""
        self.flush()
        last = (append.follows or 0) + len(append.entries)
        found = self.connection.execute(sql.JOURNAL_PART, (append.run_id, append.follows, last)).fetchall()
        before = (append.follows, found[0][1]) if append.follows and found else None
        wanted = [(row.seq, row.hash) for row in chained(append.run_id, before, append.entries)]
        if not append.entries or found[-len(wanted) :] != wanted:
            raise StoreError(f"entries of run {append.run_id} that follow number {append.follows} are others already")

    def create(
        self,
        request: RunRequested,
        entries: Entries,
        once: Once | None,
        delivery: HookDelivery | None,
        owner: tuple[str, int],
    ) -> str:
        """Gather a run with its first entries, unless ``once`` or ``delivery`` led to one before; the id of the one or the other."""
        if once is not None:
            if first := self._once.get(once) or _already(self.connection, once):
                return first
            self._remember(once, request)
        if delivery is not None:
            here = (self._delivered.get((delivery.source, key)) for key in delivery.keys)
            if first := next(filter(None, here), None):
                return first
            self.record(delivery)
        rows = list(chained(request.run_id, None, entries))
        self._rows[changes.CREATE_RUN].append(_run_row(request, owner, rows))
        numbered = (request.organization, request.repository, request.chain, request.number)
        self._rows[changes.RAISE_NUMBER].append(numbered)
        self._gather(request.run_id, 0, rows, entries)
        return request.run_id

    def record(self, delivery: HookDelivery) -> None:
        """Gather a delivery of a webhook."""
        for statement, parameters in deliveries.rows_of(delivery):
            self._rows[statement].append(parameters)
        if delivery.run_id is not None:
            self._delivered.update({(delivery.source, key): delivery.run_id for key in delivery.keys})

    def flush(self) -> None:
        """Execute what was gathered.

        Raises :class:`NotOwner` when any of its runs is not owned as its append says, :class:`KeyTaken` when any of its deliveries is a
        repeat. Looking for each delivery's keys first would cost a step, and so a wait for Python's lock, for each.
        """
        for statement, rows in self._rows.items():
            if not rows:
                continue
            latest = _latest(statement, rows)
            changed = statement.execute(self.connection, latest)
            if statement is changes.ADVANCE_RUN and changed < len(latest):
                raise _not_owned(latest)
            if statement is deliveries.TAKE_KEY and changed < len(latest):
                raise KeyTaken("a delivery of the same key has become a run")
            rows.clear()

    def committed(self) -> None:
        """All of it is durable."""
        self._heads.keep(self._moved, self._finished)

    def _remember(self, once: Once, request: RunRequested) -> None:
        self._once[once] = request.run_id
        self._rows[changes.REMEMBER_ONCE].append((once.scope, once.key, request.organization, request.run_id))
        if once.fire:
            self._rows[changes.RECORD_FIRE].append((*once.fire, request.run_id))

    def _gather(self, run_id: str, event: int, rows: list[Row], entries: Entries) -> None:
        journal = self._rows[changes.APPEND_JOURNAL]
        for row, (_, entry) in zip(rows, entries, strict=True):
            journal.append((run_id, row.seq, row.at, row.kind, row.body, row.hash))
            event += row.kind in projections.NUMBERED
            for statement, parameters in projections.project(entry, run_id, row.at, event):
                self._rows[statement].append(parameters)
        if rows:
            self._moved[run_id] = Head(rows[-1].seq, rows[-1].hash, event)
            if rows[-1].kind == "RunFinished":
                self._finished.add(run_id)


def _not_owned(rows: list[Parameters]) -> NotOwner:
    """At least one of these is not; who is told stands alone in its batch."""
    return NotOwner(f"not the owner of {', '.join(f'run {run_id} under epoch {epoch}' for run_id, epoch, _ in rows)}")


def _latest(statement: Bulk, rows: list[Parameters]) -> list[Parameters]:
    """Of several updates of one row the last: in one statement SQLite would take any."""
    if statement.key == 0 or len(rows) == 1:
        return rows
    return list({row[: statement.key]: row for row in rows}.values())


def _run_row(request: RunRequested, owner: tuple[str, int], rows: list[Row]) -> tuple[Any, ...]:
    trigger, inputs = projections.json_text(request.trigger), projections.json_text(request.inputs)
    address = (request.organization, request.repository, request.environment, request.chain, request.number)
    pinned = (request.works_on, request.commit, request.definition, trigger, inputs)
    parent = (request.parent.run_id, request.parent.attempt_id) if request.parent else (None, None)
    begun = (request.at, request.retry_of, *parent, request.trigger.kind)
    return (request.run_id, *owner, rows[-1].seq, *address, *pinned, *begun)


def _already(connection: sqlite3.Connection, once: Once) -> str | None:
    """The run that ``once`` led to. A due time that was recorded as missed can become no run any more."""
    found = connection.execute(sql.RUN_OF_ONCE, (once.scope, once.key)).fetchone()
    if found is None and once.fire and connection.execute(sql.FIRE, once.fire).fetchone():
        raise StoreError(f"schedule {once.fire[0]} has missed its due time {once.key}: it can become no run any more")
    return found[0] if found else None
