"""The document lists what is measured."""

import re
from pathlib import Path
from types import SimpleNamespace

from chainwright.daemon.engine.tally import Tally
from chainwright.daemon.measures import measures_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"


def test_every_measure_is_documented_and_nothing_else_is():
    engine = SimpleNamespace(tally=Tally(), changes=SimpleNamespace(listening=0), open_counts=lambda: {"running": 1})
    names = {
        f"chainwright_{one.name}{'_total' * (one.kind == 'counter')}"
        for one in measures_of(engine, version="1", started_at=1.0, sessions=0)
    }
    documented = set(re.findall(r"^\| `(chainwright_\w+)` \|", DOCUMENT.read_text(), re.M))

    assert {name for name in documented if "http" not in name} == names
