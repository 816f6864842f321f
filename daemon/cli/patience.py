"""Waiting for a daemon that was there and is away: it was killed, or is being upgraded, and comes back."""

import time
from typing import Final

from chainwright.daemon.cli.failures import Unreachable
from chainwright.daemon.cli.output import talk

LIMIT_S: Final = 60.0
PAUSE_S: Final = 0.1


class Patience:
    """Bounds one absence after another, each by itself."""

    def __init__(self, meanwhile: str) -> None:
        self._meanwhile = meanwhile
        self._since: float | None = None

    def end(self) -> None:
        """It is there."""
        if self._since is not None:
            talk("the daemon is back")
        self._since = None

    def wait(self, away: Unreachable) -> None:
        """Let a moment pass; raises ``away`` once this absence has lasted too long."""
        now = time.monotonic()
        if self._since is None:
            talk(f"the daemon is away, {self._meanwhile}; waiting for it …")
            self._since = now
        if now - self._since > LIMIT_S:
            raise away
        time.sleep(PAUSE_S)
