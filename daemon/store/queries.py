"""Questions that the daemon asks for its own work: journals, open runs, deployments, fire times, pending input."""

import json
import sqlite3
from collections import defaultdict
from typing import Any

from chainwright.daemon.core.due import Pause
from chainwright.daemon.core.journal import Row, first_broken
from chainwright.daemon.store import statements as sql
from chainwright.daemon.store.port import AcceptedPush, Deployment, Fire, OpenRun, RefusedDeployment, StoredInput


def journal(connection: sqlite3.Connection, run_id: str) -> tuple[Row, ...]:
    """All rows of a run."""
    return tuple(_row(*columns) for columns in connection.execute(sql.JOURNAL, (run_id,)))


def first_bad_row(connection: sqlite3.Connection, run_id: str) -> int | None:
    """Where the hash chain breaks, or, if rows are missing at its end, the first of them."""
    rows = journal(connection, run_id)
    broken = first_broken(run_id, rows)
    known = connection.execute(sql.LAST_SEQ, (run_id,)).fetchone()
    if broken is None and known and known[0] > len(rows):
        return len(rows) + 1
    return broken


def open_runs(connection: sqlite3.Connection) -> list[OpenRun]:
    """Every run that has not finished, of each organization the oldest first."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for run_id, *columns in connection.execute(sql.UNFINISHED_JOURNALS):
        rows[run_id].append(_row(*columns))
    offsets: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for run_id, attempt_id, offset in connection.execute(sql.UNFINISHED_OFFSETS):
        offsets[run_id][attempt_id] = offset
    return [OpenRun(run_id=run_id, rows=tuple(found), offsets=offsets[run_id]) for run_id, found in rows.items()]


def host_of(connection: sqlite3.Connection, attempt_id: str) -> str | None:
    """Where an attempt's session is or was."""
    found = connection.execute(sql.HOST_OF_ATTEMPT, (attempt_id,)).fetchone()
    return found[0] if found else None


def definition(connection: sqlite3.Connection, digest: str) -> bytes | None:
    """A compiled chain."""
    found = connection.execute(sql.DEFINITION, (digest,)).fetchone()
    return found[0] if found else None


def deployments(
    connection: sqlite3.Connection, repository: str, environment: str, limit: int, before: int | None
) -> list[Deployment]:
    """The one in force, and those before it; or those before one of the past."""
    found = connection.execute(sql.DEPLOYMENTS, (repository, environment, limit, before))
    names = [column[0] for column in found.description]
    rows = (dict(zip(names, row, strict=True)) for row in found)
    return [Deployment(**row | {"chains": json.loads(row["chains"])}) for row in rows]


def push_of(connection: sqlite3.Connection, repository: str, commit: str) -> AcceptedPush | None:
    """The newest push of a commit."""
    found = connection.execute(sql.PUSH, (repository, commit)).fetchone()
    if found is None:
        return None
    _, _, actor, message, pushed_at = found
    return AcceptedPush(repository=repository, commit=commit, actor=actor, message=message, pushed_at=pushed_at)


def refusal(connection: sqlite3.Connection, repository: str, environment: str) -> RefusedDeployment | None:
    """The newest, if nothing was deployed after it."""
    found = connection.execute(sql.REFUSAL, (repository, environment)).fetchone()
    return _refused(repository, environment, found) if found else None


def refusals(
    connection: sqlite3.Connection, repository: str, environment: str, limit: int, before: int | None
) -> list[RefusedDeployment]:
    """Those on record, newest first."""
    rows = connection.execute(sql.REFUSALS, (repository, environment, limit, before))
    return [_refused(repository, environment, row) for row in rows]


def _refused(repository: str, environment: str, row: tuple[Any, ...]) -> RefusedDeployment:
    commit, refused_at, diagnostics, number = row
    return RefusedDeployment(
        repository=repository,
        environment=environment,
        commit=commit,
        refused_at=refused_at,
        diagnostics=tuple(json.loads(diagnostics)),
        id=number,
    )


def child_of(connection: sqlite3.Connection, attempt_id: str) -> str | None:
    """The run that an attempt is."""
    found = connection.execute(sql.CHILD_OF, (attempt_id,)).fetchone()
    return found[0] if found else None


def last_input(connection: sqlite3.Connection, attempt_id: str) -> int:
    """The number of the newest input of an attempt."""
    (seq,) = connection.execute(sql.LAST_INPUT, (attempt_id,)).fetchone()
    return int(seq)


def pending_input(connection: sqlite3.Connection, attempt_id: str, after: int) -> list[StoredInput]:
    """Input that was not acknowledged."""
    found = connection.execute(sql.PENDING_INPUT, (attempt_id, after))
    return [StoredInput(seq=seq, data=data) for seq, data in found]


def fires(connection: sqlite3.Connection, schedule: str, limit: int, before: float | None) -> list[Fire]:
    """Due times with a row, newest first."""
    found = connection.execute(sql.FIRES, (schedule, limit, before))
    return [
        Fire(schedule=schedule, due=due, run_id=run_id, missed=missed, outcome=outcome)
        for due, run_id, missed, outcome in found
    ]


def pauses(connection: sqlite3.Connection) -> dict[str, Pause]:
    """See :meth:`~.port.Store.pauses`."""
    found = connection.execute(sql.PAUSES)
    return {chain: Pause(actor=actor, at=at, until=until) for chain, actor, at, until in found}


def last_fire(connection: sqlite3.Connection, schedule: str) -> float | None:
    """The newest due time with a row."""
    (due,) = connection.execute(sql.LAST_FIRE, (schedule,)).fetchone()
    return float(due) if due is not None else None


def _row(seq: int, at: float, kind: str, body: bytes, digest: bytes) -> Row:
    return Row(seq=seq, at=at, kind=kind, body=body, hash=digest)
