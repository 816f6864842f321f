"""Where the refs of each repository led when they were looked at last."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from chainwright.daemon.store.port import SeenRef

_SEE_REPOSITORY: Final = "INSERT INTO seen_repository (repository, at) VALUES (?, ?) ON CONFLICT DO NOTHING"
_SEE_REF: Final = """
INSERT INTO seen_ref (repository, ref, "commit", moves) VALUES (?, ?, ?, ?)
ON CONFLICT (repository, ref) DO UPDATE SET "commit" = excluded."commit", moves = excluded.moves
"""
_IS_SEEN: Final = "SELECT 1 FROM seen_repository WHERE repository = ?"
_SEEN: Final = 'SELECT ref, "commit", moves FROM seen_ref WHERE repository = ?'


def record(connection: sqlite3.Connection, repository: str, seen: Mapping[str, SeenRef], at: float) -> None:
    """Remember these, besides those that are known."""
    connection.execute(_SEE_REPOSITORY, (repository, at))
    rows: Iterable[tuple[object, ...]] = ((repository, ref, one.commit, one.moves) for ref, one in seen.items())
    connection.executemany(_SEE_REF, rows)


def seen(connection: sqlite3.Connection, repository: str) -> dict[str, SeenRef] | None:
    """What is remembered of a repository by the names of its refs; None when it was never looked at."""
    if not connection.execute(_IS_SEEN, (repository,)).fetchone():
        return None
    return {ref: SeenRef(commit=commit, moves=moves) for ref, commit, moves in connection.execute(_SEEN, (repository,))}
