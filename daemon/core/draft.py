"""A decision in the making: the state as it becomes, and the entries that took it there."""

from chainwright.daemon.core.decisions import Decision, RunStopping
from chainwright.daemon.core.evolve import evolve
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.state import RunState
from chainwright.daemon.core.states import Outcome, Reason


class Draft:
    """Collects what follows from one fact. Everything that decides gets this and only calls :meth:`record`."""

    __slots__ = ("at", "entries", "settles", "state", "wish", "woken")

    def __init__(self, state: RunState, at: float) -> None:
        self.state = state
        self.at = at
        """The time of the fact: ``now`` for everything decided on it."""
        self.entries: list[Fact | Decision] = []
        self.woken: dict[str, None] = {}
        """Agents that may have what a turn needs, in the order in which that came about."""
        self.settles = False
        """Whether something ended, so that agents may have settled."""
        self.wish: RunStopping | None = None

    def record(self, entry: Fact | Decision) -> None:
        """Add an entry and let the state become what it says."""
        evolve(self.state, entry)
        self.entries.append(entry)

    def wake(self, *agents: str) -> None:
        """Look at these agents again before the decision is complete."""
        self.woken.update(dict.fromkeys(agents))

    def ask_to_stop(self, outcome: Outcome, reason: Reason, detail: str) -> None:
        """End the run once the present step is complete; the first wish stands."""
        if self.wish is None and self.state.stopping is None:
            self.wish = RunStopping(outcome=outcome, reason=reason, detail=detail)
