"""How a SQLite file is opened for writing and for reading, and what its errors mean to a caller of the store."""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Final

from chainwright.daemon.store.port import StoreBusy, StoreError, StoreFull

OLDEST_SQLITE: Final = (3, 37, 0)
"""The first with STRICT tables, which keep a mistake of ours from storing bytes as text."""

BUSY_MS: Final = 5_000
"""How long to wait for the lock of another connection: a person's ``sqlite3`` shell, at most."""

_EVERY: Final = f"""
PRAGMA busy_timeout = {BUSY_MS};
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA temp_store = MEMORY;
"""

# FULL: in WAL mode NORMAL does not wait for the disk, so a power cut could take back what was acknowledged.
# secure_delete: acknowledged input is overwritten, not merely unlinked from its page.
_WRITER: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA cache_size = -8192;
PRAGMA journal_size_limit = 67108864;
"""

_READER: Final = "PRAGMA query_only = ON;"

_FULL: Final = frozenset({sqlite3.SQLITE_FULL})
_HELD: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_INPUT_OUTPUT: Final = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
_ROOM_NEEDED: Final = 64 * 1024
"""Below this many free bytes an I/O error is taken for what it almost certainly is: a full disk."""


def writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes and checkpoints. Creates the file, readable by its owner only."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: {'.'.join(map(str, OLDEST_SQLITE))} is needed")
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return _connect(path, _EVERY + _WRITER)


def reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot change anything."""
    return _connect(path, _EVERY + _READER)


def translated(error: Exception, path: Path) -> StoreError:
    """What the caller is to see of whatever went wrong."""
    match error:
        case StoreError():
            return error
        case sqlite3.Error():
            return _of_sqlite(error, path)
        case OSError(errno=errno.ENOSPC):
            return StoreFull(f"the disk under {path} is full: {error.strerror}")
        case OSError():
            return StoreError(f"{path}: {error.strerror}")
        case _:
            return StoreError(f"cannot be written: {error!r}")


def _of_sqlite(error: sqlite3.Error, path: Path) -> StoreError:
    if _is_full(error, path):
        return StoreFull(f"the disk under {path} is full: {error}")
    if _code(error) in _HELD:
        return StoreBusy(f"another process holds {path}: {error}")
    return StoreError(f"{path}: {error}")


def _connect(path: Path, pragmas: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        connection.executescript(pragmas)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_full(error: sqlite3.Error, path: Path) -> bool:
    code = _code(error)
    return code in _FULL or (code in _INPUT_OUTPUT and _free_bytes(path) < _ROOM_NEEDED)


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF  # the rest says which operation failed


def _free_bytes(path: Path) -> int:
    room = os.statvfs(path.parent)
    return room.f_bavail * room.f_frsize
