"""Lists of runs: newest first, by pages, of one organization."""

import pytest

from chainwright.daemon.core.decisions import RunFinished, RunStarted
from chainwright.daemon.core.states import Outcome
from chainwright.schemas.api import RunSummary

LIVES = {
    "queued": (),
    "running": (RunStarted(),),
    "finished": (RunStarted(), RunFinished(outcome=Outcome.SUCCEEDED)),
}


@pytest.fixture(autouse=True)
async def history(store, requested):
    """Runs 1–30, in turn queued, running, finished and of the chains a and b; run 31 is another organization's."""
    for number in range(1, 31):
        request = requested(number, chain="ab"[number % 2])
        entries = (request, *LIVES[("queued", "running", "finished")[number % 3]])
        await store.create_run(request, [(float(number), entry) for entry in entries])
    stranger = requested(31, organization="acme")
    await store.create_run(stranger, [(31.0, stranger)])


def numbers(runs):
    return [run["number"] for run in runs]


async def test_all_runs_newest_first_in_the_published_shape(store):
    runs = await store.runs("default")
    for run in runs:
        RunSummary.model_validate(run)

    assert numbers(runs) == list(range(30, 0, -1))


@pytest.mark.parametrize("state", [None, "queued", "running", "finished", "stopping"])
@pytest.mark.parametrize("chain", [None, "a", "b", "unknown"])
async def test_filters_choose_what_filtering_the_whole_list_would(store, chain, state):
    everything = await store.runs("default", limit=100)
    expected = [run for run in everything if chain in {None, run["chain"]} and state in {None, run["state"]}]

    assert await store.runs("default", chain=chain, state=state, limit=100) == expected


async def test_pages_follow_each_other_without_gap_or_repeat(store):
    pages, before = [], None
    while page := await store.runs("default", limit=7, before=before):
        pages.append(numbers(page))
        before = page[-1]["id"]

    assert [len(page) for page in pages] == [7, 7, 7, 7, 2]
    assert [number for page in pages for number in page] == list(range(30, 0, -1))


async def test_another_organization_is_another_history(store):
    assert numbers(await store.runs("acme")) == [31]
    assert await store.runs("nobody") == []
    assert await store.find_runs("default", "run-000031") == []


@pytest.mark.parametrize(
    ("prefix", "limit", "expected"),
    [
        ("", 1, [30]),
        ("", 2, [30, 29]),
        ("run-00002", 20, [29, 28, 27, 26, 25, 24, 23, 22, 21, 20]),
        ("run-000012", 2, [12]),
        ("run-9", 2, []),
        ("run-%", 2, []),
    ],
)
async def test_runs_are_found_by_the_beginning_of_their_id(store, prefix, limit, expected):
    assert await store.find_runs("default", prefix, limit) == [f"run-{number:06}" for number in expected]
