"""What runs and turns wait for, as it is written and as the run machine reads it."""

import pytest

from chainwright.daemon.core import graph
from chainwright.daemon.definition.library import NO_AGENTS
from chainwright.daemon.definition.load import load_chain_file


def chain(text: str) -> graph.Chain:
    loaded = load_chain_file("workflows/a.yaml", text.encode(), NO_AGENTS)
    assert loaded.diagnostics == ()
    assert loaded.chain is not None
    return loaded.chain


def agent(fields: str) -> graph.Agent:
    return chain(f"agents: {{a: {{run: x, {fields}}}}}").agents["a"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{}", graph.Approval()),
        ("{by: ann}", graph.Approval(by=("ann",))),
        (
            "{by: ['team:x', ann, ann], count: 2, timeout: 12h, on-timeout: approve, message: Go?}",
            graph.Approval(by=("team:x", "ann"), count=2, timeout_s=43_200.0, on_timeout="approve", message="Go?"),
        ),
    ],
)
def test_an_approval(written: str, read: graph.Approval) -> None:
    assert agent(f"approval: {written}").approval == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("train", graph.Concurrency(group="train")),
        ("{max: 2}", graph.Concurrency(max=2)),
        (
            "{group: g, max: 3, queue: 0, cancel-in-progress: true}",
            graph.Concurrency(group="g", max=3, queue=0, cancel_in_progress=True),
        ),
    ],
)
def test_concurrency_of_a_chain_and_of_an_agent(written: str, read: graph.Concurrency) -> None:
    assert agent(f"concurrency: {written}").concurrency == read
    assert chain(f"concurrency: {written}\nagents: {{a: {{run: x}}}}").concurrency == read


def test_priority() -> None:
    assert agent("priority: -5").priority == -5
