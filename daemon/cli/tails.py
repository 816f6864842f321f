"""The last line that each running agent wrote: a thread per followed attempt, and a bound on how many."""

import threading
from functools import partial
from typing import Any, Final

from chainwright.daemon.cli.client import Client, Stream
from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.output import printable

FOLLOWED: Final = 16
"""Attempts at once; of more nobody could read the lines."""
_LINE_LIMIT: Final = 4096


class Tails:
    """Last lines by attempt id. Use as a context manager: the threads end with the block."""

    def __init__(self, client: Client, run_id: str) -> None:
        self._client = client
        self._run_id = run_id
        self._lines: dict[str, str] = {}
        self._followers: dict[str, _Follower] = {}

    def __enter__(self) -> "Tails":
        return self

    def __exit__(self, *_: object) -> None:
        for follower in self._followers.values():
            follower.stop()

    def of(self, attempt_id: str) -> str:
        """The last line so far, without control characters; empty when there is none or it is not followed."""
        return self._lines.get(attempt_id, "")

    def follow(self, detail: dict[str, Any]) -> None:
        """Follow what runs in this picture of the run, and only that."""
        running = dict(_running(detail))
        for attempt_id in [one for one in self._followers if one not in running or not self._followers[one].is_alive]:
            self._followers.pop(attempt_id).stop()
        for attempt_id, place in running.items():
            if attempt_id not in self._followers and len(self._followers) < FOLLOWED:
                self._followers[attempt_id] = _Follower(self._client, self._run_id, attempt_id, place, self._lines)


def _running(detail: dict[str, Any]) -> Any:
    for agent, view in detail["agents"].items():
        for turn in view["turns"][-1:]:
            for attempt in turn["attempts"]:
                if attempt["state"] in ("running", "stopping"):
                    place = {"agent": agent, "turn": turn["turn"], "attempt": attempt["attempt"]}
                    yield attempt["id"], place | ({"leg": attempt["leg"]} if attempt["leg"] else {})


class _Follower:
    def __init__(
        self, client: Client, run_id: str, attempt_id: str, place: dict[str, Any], lines: dict[str, str]
    ) -> None:
        self._open = partial(client.log, run_id, follow=True, **place)
        self._attempt_id = attempt_id
        self._lines = lines
        self._stream: Stream | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._read, name=f"tail of {attempt_id}", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """False once the attempt, or the connection, has ended."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the thread."""
        self._stopped = True
        if self._stream is not None:
            self._stream.close()
        self._thread.join(timeout=0.2)

    def _read(self) -> None:
        """A broken connection ends it; the next picture of the run begins another one if the attempt still runs."""
        try:
            with self._open() as self._stream:
                rest = b""
                for chunk in self._stream:
                    if self._stopped:
                        return
                    rest = self._keep(rest + chunk)
        except Failure:
            return

    def _keep(self, text: bytes) -> bytes:
        lines = text.replace(b"\r", b"\n").split(b"\n")
        for line in reversed(lines):
            if said := printable(line.decode(errors="replace")).strip():
                self._lines[self._attempt_id] = said
                break
        return lines[-1][-_LINE_LIMIT:]
