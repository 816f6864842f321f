"""What people did to hosts, in the store: entries that are only ever added."""

import sqlite3
from typing import Final

from chainwright.daemon.core.hosts import HostEntry, HostStep
from chainwright.schemas.hosts import HostSettings

_RECORD: Final = """
INSERT INTO host_entry (organization, host, step, at, actor, settings, host_key, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_ENTRIES: Final = """
SELECT at, actor, host, step, settings, host_key, reason FROM host_entry WHERE organization = ? ORDER BY id
"""


def record(connection: sqlite3.Connection, written: tuple[str, HostEntry]) -> None:
    """Add an entry of an organization."""
    organization, entry = written
    settings = entry.settings.model_dump_json() if entry.settings is not None else None
    who = (organization, entry.host, entry.step, entry.at, entry.actor)
    connection.execute(_RECORD, (*who, settings, entry.host_key, entry.reason))


def entries(connection: sqlite3.Connection, organization: str) -> list[HostEntry]:
    """All of an organization, oldest first."""
    found = []
    for at, actor, host, step, settings, host_key, reason in connection.execute(_ENTRIES, (organization,)):
        told = HostSettings.model_validate_json(settings) if settings is not None else None
        about = {"at": at, "actor": actor, "host": host, "step": HostStep(step)}
        found.append(HostEntry(**about, settings=told, host_key=host_key, reason=reason))
    return found
