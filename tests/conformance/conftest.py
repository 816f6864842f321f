"""What the conformance suites need of each adapter: a runner that is open."""

import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chainwright.runners.local import LocalRunner
from chainwright.runners.port import Runner
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import HostPorter
from chainwright.runners.ssh.runner import SshRunner

OWNERS = itertools.count(1)


@pytest.fixture(params=["local", "ssh"])
async def runner(
    request: pytest.FixtureRequest, tmp_path: Path, sweep: Callable[[Path], None]
) -> AsyncIterator[Runner]:
    """An open runner of each kind; of a host over a real sshd."""
    make = _local if request.param == "local" else _over_ssh
    runner, root = make(request, tmp_path)
    try:
        await runner.open()
        yield runner
        await runner.close()
    finally:
        sweep(root)


def _local(_: pytest.FixtureRequest, tmp_path: Path) -> tuple[Runner, Path]:
    return LocalRunner(tmp_path / "s", bin_folder=tmp_path / "bin", command=("false",)), tmp_path / "s"


def _over_ssh(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Runner, Path]:
    sshd: Any = request.getfixturevalue("shared_sshd")
    owner = f"o{next(OWNERS)}"
    connections = HostConnections("far", sshd.settings(), home=tmp_path, chance=Random(1))
    root = Path(sshd.settings().root) / owner / "s"
    return SshRunner(connections, HostPorter(connections, owner=owner), chance=Random(1)), root
