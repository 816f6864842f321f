"""How fast a live view is fed: no faster than a person, or a browser, could follow."""

from collections.abc import Callable
from typing import Final

BYTES: Final = 512 << 10
WITHIN_S: Final = 0.1


class Pace:
    """Counts what is shown within a tenth of a second. ``now`` is a clock that never goes back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._began = now()
        self._shown = 0

    def rest_after(self, size: int) -> float:
        """So many bytes have been shown: how many seconds to rest before more of them; 0 for none."""
        now = self._now()
        if now - self._began >= WITHIN_S:
            self._began, self._shown = now, 0
        self._shown += size
        if self._shown < BYTES:
            return 0.0
        rest_s = self._began + WITHIN_S - now
        self._began, self._shown = now + rest_s, 0
        return rest_s
