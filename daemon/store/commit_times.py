"""How long commits take: counted by how many were done within a time, because a mean hides the slow ones."""

from itertools import accumulate
from typing import Final

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, float("inf"))


class CommitTimes:
    """Written by the thread that commits, read by any other."""

    def __init__(self) -> None:
        self._counts = [0] * len(BOUNDS_S)
        self.seconds = 0.0
        """Of all together."""

    def add(self, seconds: float) -> None:
        """One more."""
        self._counts[next(place for place, bound in enumerate(BOUNDS_S) if seconds <= bound)] += 1
        self.seconds += seconds

    def within(self) -> dict[float, int]:
        """How many took at most so long, by each bound; the last one holds all."""
        return dict(zip(BOUNDS_S, accumulate(self._counts), strict=True))
