"""The core's timers on the event loop.

Due times are wall-clock times of the journal, so that they survive a restart. The wall clock may jump: a timer that the loop wakes too
early is set again, and nothing waits longer than :data:`LONGEST_NAP_S` before it looks at the clock anew.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine.ports import Clock

LONGEST_NAP_S: Final = 60.0


class Timers:
    """Named timers of one owner."""

    def __init__(self, clock: Clock, fire: Callable[[str], None]) -> None:
        self._clock = clock
        self._fire = fire
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def set(self, name: str, due: float) -> None:
        """Call ``fire(name)`` once when the clock has reached ``due``; replaces a timer of that name."""
        self.clear(name)
        nap = min(max(due - self._clock(), 0.0), LONGEST_NAP_S)
        self._handles[name] = asyncio.get_running_loop().call_later(nap, self._look, name, due)

    def clear(self, name: str) -> None:
        """Forget a timer."""
        if handle := self._handles.pop(name, None):
            handle.cancel()

    def clear_all(self) -> None:
        """Forget them all."""
        for name in tuple(self._handles):
            self.clear(name)

    def _look(self, name: str, due: float) -> None:
        if self._clock() < due:
            self.set(name, due)
            return
        self._handles.pop(name, None)
        reach("timer.fired")
        self._fire(name)
