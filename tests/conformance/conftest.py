"""What the conformance suites need of each adapter: a runner that is open, and the way to be sure that nothing stays behind."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from chainwright.runners import session_files
from chainwright.runners.local import LocalRunner
from chainwright.runners.port import Runner


@contextmanager
def swept(root: Path) -> Iterator[None]:
    """Kill whatever a test has left below ``root``, by the records of the sessions."""
    try:
        yield
    finally:
        for folder in root.iterdir() if root.exists() else ():
            record = session_files.child(folder) if folder.is_dir() else None
            if record and session_files.lock_is_held(folder):
                with suppress(ProcessLookupError):
                    os.kill(record.host_pid, signal.SIGKILL)
            for pid in session_files.group_members(record) if record else ():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


@pytest.fixture(params=["local"])
async def runner(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Runner]:
    """An open runner of each kind. The SSH runner joins here."""
    local = LocalRunner(tmp_path / "s", bin_folder=tmp_path / "bin", command=("false",))
    with swept(tmp_path / "s"):
        await local.open()
        yield local
        await local.close()
