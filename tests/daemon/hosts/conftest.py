"""Hosts of a daemon that is not there."""

import sys
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.core.hosts import KnownHost
from chainwright.daemon.hosts.trial import trial

OWNER = "0123456789ab"


@pytest.fixture
def try_host(tmp_path: Path) -> Any:
    """Tries an sshd as a host, its settings but for these; what was found by its check, in order."""

    async def carry_out(sshd: Any, asked: Any = None, **changes: Any) -> dict[str, Any]:
        settings = sshd.settings(**{"python": sys.executable} | changes)
        known = KnownHost(name="far", settings=settings, origin="added")
        return {one["check"]: one async for one in trial([known], home=tmp_path, owner=OWNER, asked=asked or {})}

    return carry_out
