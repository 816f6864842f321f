"""Watching a run: what it looks like now, again and again until its end, also across a restart of the daemon.

A thread reads the stream of changes and only says that something has changed; the run itself is then read whole. So nothing is
worked out twice, a change that was missed is made good by the next look, and a burst of changes costs one look.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from chainwright.daemon.cli.client import Changes, Client, quoted
from chainwright.daemon.cli.failures import Failure, Unreachable
from chainwright.daemon.web.codes import EXIT_TIMEOUT

TICK_S: Final = 0.125
"""Between two pictures; also the least time between two looks."""
LOOK_ANYWAY_S: Final = 5.0
AWAY_LIMIT_S: Final = 60.0


class TookTooLong(Failure):
    """The caller's own limit has passed; the run goes on."""

    exit_code = EXIT_TIMEOUT


class Watch:
    """A run being watched. Use as a context manager: its thread ends with the block."""

    def __init__(self, client: Client, run_id: str) -> None:
        self._client = client
        self._run_id = run_id
        self._changed = threading.Event()
        self._over = threading.Event()
        self._stream: Changes | None = None
        self._thread = threading.Thread(target=self._listen, name=f"changes of {run_id}", daemon=True)
        self.away_since: float | None = None
        """Monotonic time since when nobody answers; None while the daemon is there."""

    def __enter__(self) -> "Watch":
        self._changed.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._stream is not None:
            self._stream.close()
        self._thread.join(timeout=1.0)

    def pictures(self, limit_s: float | None) -> Iterator[dict[str, Any]]:
        """The RunDetail at least once a tick, new after a change; the last one is finished.

        Raises TookTooLong after ``limit_s``, Unreachable when the daemon stays away, Refused.
        """
        due = time.monotonic() + limit_s if limit_s is not None else float("inf")
        detail, looked = self._look(None), time.monotonic()
        while True:
            if detail is not None:
                yield detail
                if detail["state"] == "finished":
                    return
            if time.monotonic() > due:
                raise TookTooLong(
                    f"it has not ended within {limit_s:g} s", f"it goes on: chainwright show {self._run_id}"
                )
            if self._wait(due) or time.monotonic() - looked > LOOK_ANYWAY_S or self.away_since:
                detail, looked = self._look(detail), time.monotonic()

    def _wait(self, due: float) -> bool:
        """Whether something has changed, after at most a tick."""
        left = max(due - time.monotonic(), 0.001)
        if not self._changed.wait(min(TICK_S, left)):
            return False
        self._changed.clear()
        return True

    def _look(self, before: dict[str, Any] | None) -> dict[str, Any] | None:
        try:
            detail: dict[str, Any] = self._client.get(f"/runs/{quoted(self._run_id)}")
        except Unreachable:
            self.away_since = self.away_since or time.monotonic()
            if time.monotonic() - self.away_since > AWAY_LIMIT_S:
                raise
            return before
        self.away_since = None
        return detail

    def _listen(self) -> None:
        """Until the run or the block ends. What goes wrong here is found, and told, by the next look."""
        seen = 0
        while not self._over.is_set():
            try:
                with self._client.changes(f"run:{self._run_id}", seen) as self._stream:
                    for change in self._stream:
                        seen = change["seq"]
                        self._changed.set()
                break
            except Failure:
                self._changed.set()
                self._over.wait(TICK_S)
        self._changed.set()
