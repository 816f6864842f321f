"""Connections to a real sshd, and a porter there."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import HostPorter


@pytest.fixture
async def connect(tmp_path: Path) -> AsyncIterator[Callable[..., HostConnections]]:
    """Makes the connections to an sshd: it, and what its settings differ in."""
    made: list[HostConnections] = []

    def make(sshd: Any, jump: HostConnections | None = None, **changes: Any) -> HostConnections:
        made.append(HostConnections("far", sshd.settings(**changes), home=tmp_path, jump=jump, chance=Random(1)))
        return made[-1]

    yield make
    for connections in reversed(made):
        await connections.close()


@pytest.fixture
async def make_porter(connect: Callable[..., HostConnections]) -> AsyncIterator[Callable[..., HostPorter]]:
    """Makes the porter of an sshd."""
    made: list[HostPorter] = []

    def make(sshd: Any, **changes: Any) -> HostPorter:
        made.append(HostPorter(connect(sshd, **changes), owner="me"))
        return made[-1]

    yield make
    for porter in made:
        await porter.close()
