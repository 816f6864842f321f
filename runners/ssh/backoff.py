"""How long to wait before a host is tried again."""

from random import Random
from typing import Final

FIRST_S: Final = 0.25
LONGEST_S: Final = 30.0


class Backoff:
    """Waits that double, each between half of it and the whole, so that what failed together does not come back together."""

    def __init__(self, chance: Random, *, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._chance = chance
        self._first_s = first_s
        self._longest_s = longest_s
        self.failures = 0

    def next_s(self) -> float:
        """The wait after one more failure."""
        whole = min(self._longest_s, self._first_s * 2.0 ** min(self.failures, 16))
        self.failures += 1
        return whole * (0.5 + self._chance.random() / 2)

    def reset(self) -> None:
        """It went well."""
        self.failures = 0
