"""What the conformance suites need of each adapter: a runner that is open."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from chainwright.runners.local import LocalRunner
from chainwright.runners.port import Runner


@pytest.fixture(params=["local"])
async def runner(
    request: pytest.FixtureRequest, tmp_path: Path, sweep: Callable[[Path], None]
) -> AsyncIterator[Runner]:
    """An open runner of each kind. The SSH runner joins here."""
    local = LocalRunner(tmp_path / "s", bin_folder=tmp_path / "bin", command=("false",))
    try:
        await local.open()
        yield local
        await local.close()
    finally:
        sweep(tmp_path / "s")
