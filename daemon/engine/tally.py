"""How often what has happened since the daemon began: counts of journal entries, for whoever measures."""

from collections import Counter

from chainwright.daemon.core.decisions import AttemptFinished, RunFinished
from chainwright.daemon.core.facts import RunRequested
from chainwright.daemon.engine.run_scope import Entries


class Tally:
    """Counts of what was made durable."""

    def __init__(self) -> None:
        self.entries = 0
        self.runs_requested: Counter[str] = Counter()
        """By the kind of their trigger."""
        self.runs_finished: Counter[str] = Counter()
        """By outcome."""
        self.attempts_finished: Counter[str] = Counter()
        """By outcome."""

    def count(self, entries: Entries) -> None:
        """These are durable now."""
        self.entries += len(entries)
        for _, entry in entries:
            match entry:
                case RunRequested():
                    self.runs_requested[entry.trigger.kind] += 1
                case RunFinished():
                    self.runs_finished[entry.outcome] += 1
                case AttemptFinished():
                    self.attempts_finished[entry.outcome] += 1
