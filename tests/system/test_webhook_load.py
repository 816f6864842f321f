"""I1 under load: fifty clients deliver for ten seconds, once in peace and once while the daemon is killed again and again.

Only counts are asserted. ``make bench`` takes the times.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

CLIENTS, FOR_S = 50, 10.0


def _load() -> ModuleType:
    """The clients of the benchmark: with importlib as import mode, tests cannot import what is no test."""
    spec = importlib.util.spec_from_file_location(
        "chainwright_webhook_load", Path(__file__).parents[1] / "bench" / "webhook_load.py"
    )
    assert spec is not None and spec.loader is not None
    sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[spec.name])
    return sys.modules[spec.name]


load = _load()


@pytest.mark.parametrize("kills", [False, True], ids=["in peace", "killed every 1.5 s"])
async def test_no_acknowledged_delivery_is_lost_or_doubled(root: Path, kills: bool) -> None:
    async with load.Daemon(root) as daemon:
        sent = await load.send(daemon, clients=CLIENTS, for_s=FOR_S, kills=kills)

    assert len(sent.acknowledged) >= CLIENTS
    assert (sent.kills > 0) == kills
    assert load.faults(daemon.home, sent) == []
