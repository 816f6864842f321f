"""Ids of runs: 18 characters that sort by time and can be typed."""

from collections.abc import Callable
from typing import Final

from chainwright.daemon.engine.ports import Clock

_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no i, l, o or u."""

_PAIRS: Final = tuple(first + second for first in _DIGITS for second in _DIGITS)
_TIME_CHARS: Final = 9
_RANDOM_BITS: Final = 45
_SHIFTS: Final = tuple(reversed(range(0, 5 * _TIME_CHARS + _RANDOM_BITS, 10)))
"""By which each pair of characters is found in an id."""


class RunIds:
    """Gives ids that ascend, also within one millisecond and while the clock stands still or goes back."""

    def __init__(self, clock: Clock, random_bits: Callable[[int], int]) -> None:
        self._clock = clock
        self._random_bits = random_bits
        self._last = 0

    def new(self) -> str:
        """The next id: 45 bits of milliseconds, then 45 bits of chance."""
        fresh = (int(self._clock() * 1000) << _RANDOM_BITS) | self._random_bits(_RANDOM_BITS)
        self._last = max(fresh, self._last + 1)
        return _text(self._last)


def first_at(at: float) -> str:
    """What no id that was made before this time reaches, and every later one does."""
    return _text(max(0, int(at * 1000)) << _RANDOM_BITS)


def _text(value: int) -> str:
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in _SHIFTS])
