"""What the daemon measures of itself. ``docs/api.md`` lists each; a test holds the two together.

Labels have few values, whatever people call their chains and hosts: states, outcomes, fates.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chainwright.daemon.engine import Engine
from chainwright.daemon.store.port import StoreStatistics
from chainwright.daemon.web.port import Distribution, Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What is known outside of the engine."""

    version: str
    started_at: float
    sessions: int
    terminals: int
    hosts: Mapping[str, int]
    """By state."""
    deliveries: Mapping[str, int]
    """By fate."""
    store: StoreStatistics


def measures_of(engine: Engine, counted: Counted) -> Iterator[Measure | Distribution]:
    """Of this moment, and counts since the daemon began."""
    yield Measure("info", "gauge", "Which version runs", {(counted.version,): 1.0}, ("version",))
    yield Measure("start_time_seconds", "gauge", "When the daemon began, since the epoch", _one(counted.started_at))
    yield from _of_runs(engine)
    yield Measure("sessions_running", "gauge", "Sessions that hold a slot of a host", _one(counted.sessions))
    yield Measure("terminals_open", "gauge", "People and programs at terminals", _one(counted.terminals))
    yield Measure("streams_open", "gauge", "Readers of the live feed", _one(engine.changes.listening))
    yield Measure("hosts", "gauge", "Hosts, by state", _by(counted.hosts), ("state",))
    yield Measure("deliveries", "counter", "Deliveries to webhooks, by fate", _by(counted.deliveries), ("fate",))
    yield from _of_store(counted.store)


def _of_runs(engine: Engine) -> Iterator[Measure]:
    tally = engine.tally
    yield Measure("runs_open", "gauge", "Runs that have not ended, by state", _by(engine.open_counts()), ("state",))
    yield Measure("journal_entries", "counter", "Entries made durable", _one(tally.entries))
    yield Measure("runs_requested", "counter", "Runs begun, by trigger", _by(tally.runs_requested), ("trigger",))
    yield Measure("runs_finished", "counter", "Runs ended, by outcome", _by(tally.runs_finished), ("outcome",))
    ended = _by(tally.attempts_finished)
    yield Measure("attempts_finished", "counter", "Attempts ended, by outcome", ended, ("outcome",))


def _of_store(store: StoreStatistics) -> Iterator[Measure | Distribution]:
    yield Measure(
        "store_bytes", "gauge", "The database on the disk, with what is not merged yet", _one(store.size_bytes)
    )
    yield Measure("store_writes", "counter", "Writes made durable; many share a commit", _one(store.writes))
    yield Distribution("store_commit_seconds", "Time of a commit", store.commits_within, store.commits_s)


def _one(value: float) -> dict[tuple[str, ...], float]:
    return {(): float(value)}


def _by(counts: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    return {(str(name),): float(count) for name, count in counts.items()}
