"""The document lists what is measured."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from chainwright.daemon.engine.tally import Tally
from chainwright.daemon.measures import Counted, measures_of
from chainwright.daemon.store.port import StoreStatistics

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
STORE = StoreStatistics(commits=1, writes=3, commits_within={0.1: 1, float("inf"): 1}, commits_s=0.05, size_bytes=4096)
COUNTED = Counted(
    version="1",
    started_at=1.0,
    sessions=0,
    terminals=2,
    hosts={"connected": 1},
    deliveries={"accepted": 7},
    store=STORE,
)


@pytest.fixture
def measures():
    engine = SimpleNamespace(tally=Tally(), changes=SimpleNamespace(listening=0), open_counts=lambda: {"running": 1})
    return list(measures_of(engine, COUNTED))


def test_every_measure_is_documented_and_nothing_else_is(measures):
    names = {f"chainwright_{one.name}{'_total' * (one.kind == 'counter')}" for one in measures}
    documented = set(re.findall(r"^\| `(chainwright_\w+)` \|", DOCUMENT.read_text(), re.M))

    assert {name for name in documented if "http" not in name} == names


def test_labels_are_no_names(measures):
    """Of what people make as many of as they like nothing is a label: each value would be a series for ever."""
    labels = {label for one in measures if one.kind != "histogram" for label in one.labels}

    assert labels == {"version", "state", "trigger", "outcome", "fate"}
