"""The rows of what chains are told, and the questions about them."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.store.bulk import Parameters
from chainwright.daemon.store.changes import ANNOUNCE
from chainwright.daemon.store.port import Told
from chainwright.daemon.store.projections import json_text

SETTLE: Final = """
UPDATE announcement SET fate = ?, told_at = ?, started = ?, reason = ? WHERE key = ? AND fate IS NULL
"""

_OPEN: Final = f"""
SELECT {", ".join(ANNOUNCE.columns.split())} FROM announcement WHERE fate IS NULL ORDER BY id
"""
_OF_RUN: Final = """
SELECT kind, listener, at, event, fate, told_at, started, reason FROM announcement WHERE run_id = ? ORDER BY id
"""
_TOLD: Final = "SELECT fate, told_at, started, reason FROM announcement WHERE key = ? AND fate IS NOT NULL"


def rows_of(announcements: Iterable[Announcement]) -> Iterator[Parameters]:
    """For :data:`~chainwright.daemon.store.changes.ANNOUNCE`."""
    for one in announcements:
        address = (one.listener, one.organization, one.environment, one.run_id)
        yield (one.key, one.kind, *address, one.at, json_text(one.event), one.depth)


def unsettled(connection: sqlite3.Connection) -> list[Announcement]:
    """What chains have yet to be told, in the order in which it happened."""
    return [_announcement(row) for row in connection.execute(_OPEN)]


def of_run(connection: sqlite3.Connection, run_id: str) -> list[dict[str, Any]]:
    """What a run told others, in the shape of ``schemas.announcement_api.AnnouncementView``."""
    return [_shown(row) for row in connection.execute(_OF_RUN, (run_id,))]


def told(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Told]:
    """What became of those that are no longer open."""
    found = ((key, connection.execute(_TOLD, (key,)).fetchone()) for key in keys)
    return {key: Told(fate=row[0], at=row[1], run_id=row[2], reason=row[3]) for key, row in found if row}


def _announcement(row: tuple[Any, ...]) -> Announcement:
    given = dict(zip(ANNOUNCE.columns.split(), row, strict=True))
    return Announcement(**{**given, "event": json.loads(given["event"])})


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    kind, listener, at, event, fate, told_at, started, reason = row
    return {
        "kind": kind,
        "name": json.loads(event)["name"],
        "chain": listener,
        "at": at,
        "fate": fate,
        "told_at": told_at,
        "run_id": started,
        "reason": reason,
    }
