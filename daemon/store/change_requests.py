"""Change requests in the store: their entries, and what lists show of each."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from chainwright.daemon.core.change_requests import ChangeRequest, ChangeState, Entry, Step

_OPEN: Final = """
INSERT INTO change_request (organization, repository, branch, title, author, state, head, opened_at, changed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number
"""
_ENTRY: Final = """
INSERT INTO change_entry (change, seq, at, step, actor, is_owner, head, "commit", onto, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_MOVE: Final = "UPDATE change_request SET state = ?, head = ?, changed_at = ? WHERE number = ?"
_ENTRIES: Final = """
SELECT at, step, actor, is_owner, head, "commit", onto, text FROM change_entry WHERE change = ? ORDER BY seq
"""
_SUMMARY: Final = """
SELECT number, repository, branch, title, author, state, head, opened_at, changed_at FROM change_request
"""
_PAGE: Final = f"""{_SUMMARY}
WHERE organization = ?1 AND (?2 IS NULL OR repository = ?2) AND state IN (SELECT value FROM json_each(?3)) AND number < ?4
ORDER BY number DESC LIMIT ?5
"""
_ONE: Final = (
    "SELECT number, organization, repository, branch, title FROM change_request WHERE organization = ? AND number = ?"
)
_UNSETTLED: Final = "SELECT organization, number FROM change_request WHERE state IN ('open', 'merging') ORDER BY number"
_NEWEST: Final = 2**62


def open_one(connection: sqlite3.Connection, change: ChangeRequest) -> int:
    """Write a new one; its number."""
    about = (change.organization, change.repository, change.branch, change.title, change.author)
    at = change.entries[0].at
    (number,) = connection.execute(_OPEN, (*about, change.state, change.head, at, at)).fetchone()
    _write(connection, number, 1, change.entries[0])
    return int(number)


def record(connection: sqlite3.Connection, change: ChangeRequest) -> None:
    """Write the last entry of one; what lists show follows from all of them. IntegrityError when another wrote meanwhile."""
    _write(connection, change.number, len(change.entries), change.entries[-1])
    connection.execute(_MOVE, (change.state, change.head, change.entries[-1].at, change.number))


def _write(connection: sqlite3.Connection, number: int, seq: int, entry: Entry) -> None:
    who = (entry.at, entry.step, entry.actor, entry.is_owner)
    connection.execute(_ENTRY, (number, seq, *who, entry.head, entry.commit, entry.onto, entry.text))


def one(connection: sqlite3.Connection, organization: str, number: int) -> ChangeRequest | None:
    """One of them, whole."""
    found = connection.execute(_ONE, (organization, number)).fetchone()
    if found is None:
        return None
    names = ("number", "organization", "repository", "branch", "title")
    return ChangeRequest(**dict(zip(names, found, strict=True)), entries=tuple(_entries(connection, number)))


def unsettled(connection: sqlite3.Connection) -> list[ChangeRequest]:
    """All that are neither merged nor closed."""
    found = (one(connection, *row) for row in connection.execute(_UNSETTLED).fetchall())
    return [change for change in found if change is not None]


def _entries(connection: sqlite3.Connection, number: int) -> Iterator[Entry]:
    rows = connection.execute(_ENTRIES, (number,))
    names = [column[0] for column in rows.description]
    for row in rows:
        entry = Entry(**dict(zip(names, row, strict=True)))
        yield replace(entry, step=Step(entry.step), is_owner=bool(entry.is_owner))


def page(
    connection: sqlite3.Connection,
    organization: str,
    *,
    repository: str | None,
    states: Sequence[ChangeState],
    limit: int,
    before: int | None,
) -> list[dict[str, Any]]:
    """Those in these states, newest first, in the shape of ``schemas.change_requests.ChangeView``."""
    wanted = "[" + ", ".join(f'"{state}"' for state in states) + "]"
    rows = connection.execute(_PAGE, (organization, repository, wanted, before or _NEWEST, limit))
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows]
