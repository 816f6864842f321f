"""The feed: what has changed, in the order in which it was committed. Triggers of the database write it (0014_feed.sql)."""

import sqlite3
from typing import Final

from chainwright.daemon.core.journal import Row
from chainwright.daemon.store.port import Fed

_HEAD: Final = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'feed'), 0)"
_OLDEST: Final = "SELECT ifnull(min(seq), 0) FROM feed"
_PART: Final = """
SELECT f.seq, f.topic, f.subject, f.kind, f.at, j.seq, j.at, j.kind, j.body
FROM (SELECT * FROM feed WHERE seq > ? ORDER BY seq LIMIT ?) AS f
LEFT JOIN journal AS j ON f.topic = 'runs' AND j.run_id = f.subject AND j.seq BETWEEN f.first AND f.last
ORDER BY f.seq, j.seq
"""
NOTE: Final = "INSERT INTO feed (topic, subject, kind, at) VALUES (?, ?, ?, ?)"


def head(connection: sqlite3.Connection) -> int:
    """The number of the newest change; 0 when there was none."""
    (seq,) = connection.execute(_HEAD).fetchone()
    return int(seq)


def part(connection: sqlite3.Connection, after: int, limit: int) -> list[Fed] | None:
    """The changes that follow number ``after``, at most so many; None when some of them are kept no longer."""
    (oldest,) = connection.execute(_OLDEST).fetchone()
    if oldest > after + 1:
        return None
    found: dict[int, Fed] = {}
    for seq, topic, subject, kind, at, *row in connection.execute(_PART, (after, limit)):
        fed = found.setdefault(seq, Fed(seq=seq, topic=topic, subject=subject, kind=kind, at=at, rows=[]))
        if row[0] is not None:
            number, written_at, entry, body = row
            fed.rows.append(Row(seq=number, at=written_at, kind=entry, body=body, hash=b""))
    return list(found.values())
