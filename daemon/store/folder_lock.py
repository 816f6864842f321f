"""The lock on a state folder: two daemons on one folder would answer for the same runs.

``flock`` and not a pid file: the kernel frees it with its holder, so there is nothing stale to judge. The pid inside is for
people. The descriptor is not inherited by a program that is executed; a process that only forks would keep the lock.
"""

import fcntl
import os
from pathlib import Path

from chainwright.daemon.store.port import StoreLocked


class FolderLock:
    """Held from :meth:`take` until :meth:`release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises :class:`StoreLocked`, which names the holder, when another process (or store) has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _sign(descriptor)
        except BlockingIOError as held:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise StoreLocked(f"{self._path.parent} is in use by process {holder}") from held
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go, if held. The file stays: deleting it would let two holders lock two different files."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _sign(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
