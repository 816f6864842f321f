"""What the daemon measures of itself. ``docs/api.md`` lists each; a test holds the two together."""

from collections.abc import Iterator, Mapping

from chainwright.daemon.engine import Engine
from chainwright.daemon.web.port import Measure


def measures_of(engine: Engine, *, version: str, started_at: float, sessions: int) -> Iterator[Measure]:
    """Of this moment, and counts since the daemon began."""
    tally, changes = engine.tally, engine.changes
    yield Measure("info", "gauge", "Which version runs", {(version,): 1.0}, ("version",))
    yield Measure("start_time_seconds", "gauge", "When the daemon began, since the epoch", {(): started_at})
    yield Measure("runs_open", "gauge", "Runs that have not ended, by state", _by(engine.open_counts()), ("state",))
    yield Measure("sessions_running", "gauge", "Sessions that hold a slot of a host", {(): float(sessions)})
    yield Measure("streams_open", "gauge", "Readers of the live feed", {(): float(changes.listening)})
    yield Measure("journal_entries", "counter", "Entries made durable", {(): float(tally.entries)})
    yield Measure("runs_requested", "counter", "Runs begun, by trigger", _by(tally.runs_requested), ("trigger",))
    yield Measure("runs_finished", "counter", "Runs ended, by outcome", _by(tally.runs_finished), ("outcome",))
    yield Measure(
        "attempts_finished", "counter", "Attempts ended, by outcome", _by(tally.attempts_finished), ("outcome",)
    )


def _by(counts: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    return {(str(name),): float(count) for name, count in counts.items()}
