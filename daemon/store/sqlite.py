"""The store on one SQLite file: the embedded mode, a cluster of one daemon.

    append ─► writer (one thread, group commit) ─► batch ─► journal + projections ─► file
    runs, run, … ─► readers (threads that cannot write) ─► queries, views ◄───────────┘

The methods are documented on the port. Copying the file without its ``-wal`` loses data; ``VACUUM INTO`` is the way to copy it.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.core.change_requests import ChangeRequest, ChangeState
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.due import Pause
from chainwright.daemon.core.facts import Fact, RunRequested
from chainwright.daemon.core.hosts import HostEntry
from chainwright.daemon.core.journal import Row
from chainwright.daemon.core.keyed_requests import KeptAnswer, KeyedRequest, KnownRequest
from chainwright.daemon.core.letters import Letter
from chainwright.daemon.core.ref_telling import ToldMove
from chainwright.daemon.core.statistics import EndedAttempt, EndedRun
from chainwright.daemon.store import (
    announcements,
    change_requests,
    connection,
    deliveries,
    feed,
    hosts,
    keyed_requests,
    letters,
    migrate,
    overviews,
    queries,
    ref_moves,
    refs,
    run_pages,
    statistics,
    views,
)
from chainwright.daemon.store import statements as sql
from chainwright.daemon.store.batch import Batch, KeyTaken
from chainwright.daemon.store.folder_lock import FolderLock
from chainwright.daemon.store.gathering import Gathering
from chainwright.daemon.store.port import (
    EVERY_RUN,
    AcceptedPush,
    Append,
    Deployment,
    EventFilter,
    EventPage,
    Failure,
    Fed,
    Fire,
    HookDelivery,
    KnownDelivery,
    NotOwner,
    Once,
    OpenRun,
    Outgoing,
    PlannedPull,
    RefusedDeployment,
    RefusedPush,
    RunFilter,
    RunPage,
    SeenRef,
    StoredInput,
    StoreError,
    StoreStatistics,
    Told,
)
from chainwright.daemon.store.projections import json_text
from chainwright.daemon.store.readers import Readers
from chainwright.daemon.store.writer import Writer

T = TypeVar("T")


class SqliteStore:
    """A :class:`~chainwright.daemon.store.port.Store` in the file ``path``, whose folder it locks while it is open."""

    def __init__(self, path: Path, *, node: str = "local", clock: Callable[[], float] = time.time) -> None:
        self.epoch = 0
        self._path = path
        self._node = node
        self._clock = clock
        self._lock = FolderLock(path.with_suffix(".lock"))
        self._writer: Writer | None = None
        self._readers: Readers | None = None
        self._known: Gathering[deliveries.Asked, KnownDelivery | None]
        self._known = Gathering(partial(self._ask, deliveries.known), "look for deliveries")

    async def open(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.take()
            self._connect()
        except (sqlite3.Error, OSError) as error:
            self._lock.release()
            raise connection.translated(error, self._path) from error
        except StoreError:
            self._lock.release()
            raise

    async def close(self) -> None:
        if self._readers:
            await self._known.close()
            await self._readers.close()
            self._readers = None
        if self._writer:
            with suppress(StoreError):  # a full disk must not keep us from letting go
                await self._change(sql.LEAVE_CLUSTER, self._clock(), self._node, self.epoch)
            await self._writer.close()
            self._writer = None
        self._lock.release()

    def statistics(self) -> StoreStatistics:
        writer = self._writing
        return StoreStatistics(
            commits=writer.commits,
            writes=writer.writes,
            commits_within=writer.times.within(),
            commits_s=writer.times.seconds,
            size_bytes=sum(map(_size, (self._path, self._path.with_name(f"{self._path.name}-wal")))),
        )

    # what changes

    async def create_run(
        self,
        request: RunRequested,
        entries: Sequence[tuple[float, Fact | Decision]],
        once: Once | None = None,
        delivery: HookDelivery | None = None,
        announcements: Sequence[Announcement] = (),
    ) -> str:
        def create(batch: Batch) -> str:
            run_id = batch.create(request, entries, once, delivery, (self._node, self.epoch))
            if run_id == request.run_id:
                batch.announce(announcements)
            return run_id

        try:
            return await self._writing.write(create, run_id=request.run_id)
        except KeyTaken:
            assert delivery is not None
            first = await self.known_delivery(delivery.source, delivery.keys, delivery.received_at)
            if first is None or first.run_id is None:
                raise
            return first.run_id

    async def append(self, append: Append) -> None:
        await self._writing.write(lambda batch: batch.append(append), run_id=append.run_id)

    async def record_missed(self, schedule: str, reasons: Mapping[float, str]) -> int:
        return await self._change(
            sql.RECORD_MISSED, schedule, json_text([(float(due), why) for due, why in reasons.items()])
        )

    async def announce(self, announcements: Sequence[Announcement]) -> None:
        await self._writing.write(lambda batch: batch.announce(announcements))

    async def see_refs(
        self, repository: str, seen: Mapping[str, SeenRef], at: float, moves: Sequence[ToldMove] = ()
    ) -> None:
        def see(batch: Batch) -> None:
            batch.flush()
            refs.record(batch.connection, repository, seen, at)
            ref_moves.record(batch.connection, moves)
            batch.announce(one for move in moves for one in move.told)

        await self._writing.write(see)

    async def refuse_push(self, push: RefusedPush) -> None:
        def refuse(batch: Batch) -> None:
            batch.flush()
            ref_moves.refuse(batch.connection, push)

        await self._writing.write(refuse)

    async def settle_announcement(self, key: str, told: Told) -> None:
        await self._change(announcements.SETTLE, told.fate, told.at, told.run_id, told.reason, key)

    async def pause_schedules(self, chain: str, pause: Pause) -> None:
        await self._change(sql.PAUSE_SCHEDULES, chain, pause.actor, pause.at, pause.until)

    async def resume_schedules(self, chain: str, actor: str, at: float) -> None:
        await self._change(sql.RESUME_SCHEDULES, chain, actor, at)

    async def keep_definition(self, digest: str, chain_json: bytes) -> None:
        await self._change(sql.KEEP_DEFINITION, digest, chain_json)

    async def record_deployment(self, deployment: Deployment) -> int:
        where = (deployment.repository, deployment.environment, deployment.commit, deployment.deployed_at)
        why = (deployment.head, deployment.cause, deployment.actor, deployment.message)
        values = (*where, json_text(deployment.chains), deployment.hash, *why)
        number: int = await self._writing.write(partial(_query, sql.RECORD_DEPLOYMENT, values))
        return number

    async def record_push(self, push: AcceptedPush) -> None:
        await self._change(sql.RECORD_PUSH, push.repository, push.commit, push.actor, push.message, push.pushed_at)

    async def record_refusal(self, refusal: RefusedDeployment) -> None:
        where = (refusal.repository, refusal.environment, refusal.commit, refusal.refused_at)
        await self._change(sql.RECORD_REFUSAL, *where, json_text(refusal.diagnostics))

    async def keep_input(self, attempt_id: str, data: bytes) -> int:
        statement = partial(_query, sql.KEEP_INPUT, (attempt_id, len(data), data))
        seq: int = await self._writing.write(lambda batch: self._fenced(batch, attempt_id, statement))
        return seq

    async def acknowledge_input(self, attempt_id: str, seq: int) -> None:
        statement = partial(_execute, sql.ACKNOWLEDGE_INPUT, (attempt_id, seq))
        await self._writing.write(lambda batch: self._fenced(batch, attempt_id, statement))

    async def record_delivery(self, delivery: HookDelivery) -> None:
        await self._writing.write(lambda batch: batch.record(delivery))

    async def prune_deliveries(self, now: float, room_bytes: int) -> int:
        return await self._directly(deliveries.prune, now, room_bytes)

    async def open_change(self, change: ChangeRequest) -> int:
        return await self._directly(change_requests.open_one, change)

    async def record_change(self, change: ChangeRequest) -> None:
        await self._directly(change_requests.record, change)

    async def record_host(self, organization: str, entry: HostEntry) -> None:
        await self._directly(hosts.record, (organization, entry))

    async def begin_request(self, organization: str, request: KeyedRequest) -> KnownRequest | None:
        return await self._directly(keyed_requests.begin, organization, request, self._clock())

    async def answer_request(self, organization: str, request: KeyedRequest, answer: KeptAnswer) -> KnownRequest:
        return await self._directly(keyed_requests.answer, organization, request, answer, self._clock())

    async def drop_request(self, organization: str, key: str) -> None:
        await self._directly(keyed_requests.drop, organization, key)

    async def next_number(self, organization: str, repository: str, chain: str) -> int:
        number: int = await self._writing.write(partial(_query, sql.NEXT_NUMBER, (organization, repository, chain)))
        return number

    # what is asked

    async def known_request(self, organization: str, key: str) -> KnownRequest | None:
        return await self._ask(keyed_requests.known, organization, key, self._clock())

    async def open_announcements(self) -> list[Announcement]:
        return await self._ask(announcements.unsettled)

    async def seen_refs(self, repository: str) -> dict[str, SeenRef] | None:
        return await self._ask(refs.seen, repository)

    async def moves(self, repository: str | None, limit: int, before: int | None) -> list[dict[str, Any]]:
        return await self._ask(ref_moves.page, repository, limit, before)

    async def is_worked_on(self, repository: str, commit: str) -> bool:
        return await self._ask(ref_moves.is_worked_on, repository, commit)

    async def told(self, keys: Sequence[str]) -> dict[str, Told]:
        return await self._ask(announcements.told, keys)

    async def open_runs(self) -> list[OpenRun]:
        await self._change(sql.OWN_UNFINISHED_RUNS, self._node, self.epoch, self.epoch)
        return await self._ask(queries.open_runs)

    async def host_of(self, attempt_id: str) -> str | None:
        return await self._ask(queries.host_of, attempt_id)

    async def journal(self, run_id: str) -> tuple[Row, ...]:
        return await self._ask(queries.journal, run_id)

    async def verify(self, run_id: str) -> int | None:
        return await self._ask(queries.first_bad_row, run_id)

    async def definition(self, digest: str) -> bytes | None:
        return await self._ask(queries.definition, digest)

    async def deployment(self, repository: str, environment: str) -> Deployment | None:
        found = await self.deployments(repository, environment, 1)
        return found[0] if found else None

    async def deployments(
        self, repository: str, environment: str, limit: int = 50, before: int | None = None
    ) -> list[Deployment]:
        return await self._ask(queries.deployments, repository, environment, limit, before)

    async def push_of(self, repository: str, commit: str) -> AcceptedPush | None:
        return await self._ask(queries.push_of, repository, commit)

    async def refusal(self, repository: str, environment: str) -> RefusedDeployment | None:
        return await self._ask(queries.refusal, repository, environment)

    async def refusals(
        self, repository: str, environment: str, limit: int, before: int | None = None
    ) -> list[RefusedDeployment]:
        return await self._ask(queries.refusals, repository, environment, limit, before)

    async def child_of(self, attempt_id: str) -> str | None:
        return await self._ask(queries.child_of, attempt_id)

    async def last_input(self, attempt_id: str) -> int:
        return await self._ask(queries.last_input, attempt_id)

    async def pending_input(self, attempt_id: str, after: int) -> list[StoredInput]:
        return await self._ask(queries.pending_input, attempt_id, after)

    async def runs(
        self, organization: str, wanted: RunFilter = EVERY_RUN, *, limit: int = 50, before: str | None = None
    ) -> RunPage:
        return await self._ask(partial(run_pages.page, limit=limit, before=before), organization, wanted)

    async def recent_runs(
        self, organization: str, chains: Sequence[str], limit: int
    ) -> dict[str, list[dict[str, Any]]]:
        return await self._ask(overviews.recent, organization, chains, limit)

    async def ended_of_chain(
        self, organization: str, chain: str, limit: int
    ) -> tuple[list[EndedRun], list[EndedAttempt]]:
        return await self._ask(statistics.ended, organization, chain, limit)

    async def ended_since(self, organization: str, at: float) -> dict[str, int]:
        return await self._ask(overviews.ended_since, organization, at)

    async def all_events(
        self, organization: str, wanted: EventFilter, *, limit: int, before: tuple[str, int] | None
    ) -> EventPage:
        return await self._ask(partial(overviews.events, limit=limit, before=before), organization, wanted)

    async def find_runs(self, organization: str, prefix: str, limit: int = 2) -> list[str]:
        return await self._ask(views.run_ids, organization, prefix, limit)

    async def run(self, run_id: str) -> dict[str, Any] | None:
        return await self._ask(views.run, run_id)

    async def events(self, run_id: str) -> list[dict[str, Any]]:
        return await self._ask(views.events, run_id)

    async def fires(self, schedule: str, limit: int = 50, before: float | None = None) -> list[Fire]:
        return await self._ask(queries.fires, schedule, limit, before)

    async def pauses(self) -> dict[str, Pause]:
        return await self._ask(queries.pauses)

    async def last_fire(self, schedule: str) -> float | None:
        return await self._ask(queries.last_fire, schedule)

    async def known_delivery(self, source: str, keys: tuple[str, ...], now: float) -> KnownDelivery | None:
        return await self._known.ask(deliveries.Asked(source, keys, now))

    async def deliveries(
        self, organization: str, *, hook: str | None, fate: str | None, limit: int, before: str | None
    ) -> list[dict[str, Any]]:
        page = partial(deliveries.page, hook=hook, fate=fate, limit=limit, before=before)
        return await self._ask(page, organization)

    async def find_deliveries(self, organization: str, prefix: str) -> list[str]:
        return await self._ask(deliveries.ids, organization, prefix)

    async def delivery(self, delivery_id: str) -> dict[str, Any] | None:
        return await self._ask(deliveries.one, delivery_id)

    async def delivered(self, delivery_id: str) -> tuple[dict[str, str], bytes] | None:
        return await self._ask(deliveries.content, delivery_id)

    async def change(self, organization: str, number: int) -> ChangeRequest | None:
        return await self._ask(change_requests.one, organization, number)

    async def unsettled_changes(self) -> list[ChangeRequest]:
        return await self._ask(change_requests.unsettled)

    async def changes(
        self,
        organization: str,
        *,
        repository: str | None,
        states: Sequence[ChangeState],
        limit: int,
        before: int | None,
    ) -> list[dict[str, Any]]:
        page = partial(change_requests.page, repository=repository, states=states, limit=limit, before=before)
        return await self._ask(page, organization)

    # what live streams follow

    def watch(self, heard: Callable[[], None]) -> None:
        self._writing.watch(heard)

    async def feed_head(self) -> int:
        return await self._ask(feed.head)

    async def feed(self, after: int, limit: int) -> list[Fed] | None:
        return await self._ask(feed.part, after, limit)

    async def note(self, topic: str, subject: str, kind: str, at: float) -> None:
        await self._change(feed.NOTE, topic, subject, kind, at)

    async def host_entries(self, organization: str) -> list[HostEntry]:
        return await self._ask(hosts.entries, organization)

    # what leaves for others

    async def plan_pull(self, planned: PlannedPull) -> None:
        await self._directly(letters.plan_pull, planned)

    async def forget_pulls(self, forge: str, still: tuple[int, ...]) -> None:
        await self._directly(letters.forget_pulls, (forge, still))

    async def seen_pulls(self, forge: str) -> dict[int, str]:
        return await self._ask(letters.seen_pulls, forge)

    async def due_letters(self, now: float, limit: int) -> list[Letter]:
        return await self._ask(letters.due, now, limit)

    async def letter_sent(self, letter: Letter) -> None:
        await self._directly(letters.sent, letter)

    async def letter_failed(self, failure: Failure) -> None:
        await self._directly(letters.failed, failure)

    async def outgoing(self) -> Outgoing:
        return await self._ask(letters.outgoing)

    # within

    def _connect(self) -> None:
        """Blocking, on purpose: nothing can be done before the database is there."""
        writing = connection.writer(self._path)
        try:
            migrate.migrate(writing, migrate.migrations(), self._clock())
            (self.epoch,) = writing.execute(sql.JOIN_CLUSTER, (self._node,)).fetchone()
            self._readers = Readers(self._path)
        except (sqlite3.Error, StoreError):
            writing.close()
            raise
        self._writer = Writer(writing, self._path)
        self._writer.start()

    @property
    def _writing(self) -> Writer:
        if self._writer is None:
            raise StoreError(f"{self._path} is not open")
        return self._writer

    async def _change(self, statement: str, *parameters: Any) -> int:
        """Execute one statement durably; the number of rows that it changed."""
        return await self._writing.write(partial(_execute, statement, parameters))

    async def _directly(self, change: Callable[..., T], *values: Any) -> T:
        """A change by statements of its own."""

        def carry_out(batch: Batch) -> T:
            batch.flush()
            return change(batch.connection, *values)

        return await self._writing.write(carry_out)

    async def _ask(self, question: Callable[..., T], *arguments: Any) -> T:
        if self._readers is None:
            raise StoreError(f"{self._path} is not open")
        return await self._readers.ask(lambda reading: question(reading, *arguments))

    def _fenced(self, batch: Batch, attempt_id: str, change: Callable[[Batch], T]) -> T:
        batch.flush()
        if not batch.connection.execute(sql.OWNED_ATTEMPT, (attempt_id, self.epoch)).fetchone():
            raise NotOwner(f"attempt {attempt_id} is not owned under epoch {self.epoch}")
        return change(batch)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _execute(statement: str, parameters: tuple[Any, ...], batch: Batch) -> int:
    batch.flush()
    return batch.connection.execute(statement, parameters).rowcount


def _query(statement: str, parameters: tuple[Any, ...], batch: Batch) -> Any:
    """The one value that a statement with RETURNING gives."""
    batch.flush()
    (value,) = batch.connection.execute(statement, parameters).fetchone()
    return value
