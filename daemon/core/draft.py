"""A decision in the making: the state as it becomes, and the entries that took it there."""

from chainwright.daemon.core.decisions import Decision, RunStopping, TurnStopping
from chainwright.daemon.core.evolve import evolve
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.state import RunState, TurnState
from chainwright.daemon.core.states import Outcome, Reason


class Draft:
    """Collects what follows from one fact. Everything that decides gets this and only calls :meth:`record`."""

    __slots__ = ("at", "entries", "given_up", "settles", "state", "wish", "woken")

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
        self.given_up: list[TurnState] = []
        """Turns whose attempts are to be told to end, for the reason that is recorded with them."""

    def record(self, entry: Fact | Decision) -> None:
        """Add an entry and let the state become what it says."""
        evolve(self.state, entry)
        self.entries.append(entry)

    def wake(self, *agents: str) -> None:
        """Look at these agents again before the decision is complete."""
        self.woken.update(dict.fromkeys(agents))

    def give_up(self, turn: TurnState, reason: Reason, detail: str) -> None:
        """End a turn that runs once the present step is complete; it makes no further attempt from now on."""
        if turn.stopping is None:
            self.record(TurnStopping(agent=turn.agent, turn=turn.number, reason=reason, detail=detail))
            self.given_up.append(turn)

    def ask_to_stop(self, outcome: Outcome, reason: Reason, detail: str) -> None:
        """End the run once the present step is complete; the first wish stands."""
        if self.wish is None and self.state.stopping is None:
            self.wish = RunStopping(outcome=outcome, reason=reason, detail=detail)
