"""Lists of runs: newest first, by pages, of one organization."""

from itertools import product

import pytest

from chainwright.daemon.core.decisions import RunFinished, RunStarted
from chainwright.daemon.core.states import Outcome
from chainwright.daemon.store import run_pages
from chainwright.daemon.store.port import RunFilter
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


async def every(store, wanted=None, limit=7, organization="default"):
    """All runs that fit, by pages."""
    rows, before = [], None
    for _ in range(100):
        page = await store.runs(organization, wanted or RunFilter(), limit=limit, before=before)
        rows += page.rows
        before = page.next
        if before is None:
            return rows
    raise AssertionError("the pages never end")


async def test_all_runs_newest_first_in_the_published_shape(store):
    runs = (await store.runs("default")).rows
    for run in runs:
        RunSummary.model_validate(run)

    assert numbers(runs) == list(range(30, 0, -1))


FILTERS = [
    {name: value for name, value in zip(("chain", "state", "outcome", "trigger", "text"), values, strict=True) if value}
    for values in product(
        (None, "a", "unknown"),
        (None, "queued", "finished", "stopping"),
        (None, "succeeded", "failed"),
        (None, "manual", "schedule"),
        (None, "B", "RUN-00001", "zzz"),
    )
]


def fits(run, wanted):
    text = wanted.get("text", "").lower()
    kept = {name: value for name, value in wanted.items() if name not in ("text", "trigger")}
    return (
        all(run[name] == value for name, value in kept.items())
        and run["trigger"]["kind"] in (wanted.get("trigger"), run["trigger"]["kind"] * ("trigger" not in wanted))
        and (text in run["chain"] or run["id"].startswith(text))
    )


async def test_filters_choose_what_filtering_the_whole_list_would(store):
    """Any of them together."""
    everything = await every(store)
    for wanted in FILTERS:
        expected = [run for run in everything if fits(run, wanted)]

        assert await every(store, RunFilter(**wanted)) == expected, wanted


async def test_a_page_looks_through_a_bounded_part_and_says_where_to_go_on(store, monkeypatch):
    monkeypatch.setattr(run_pages, "WINDOW", 5)
    everything = await every(store)
    for wanted in FILTERS:
        expected = [run for run in everything if fits(run, wanted)]

        assert await every(store, RunFilter(**wanted), limit=2) == expected, wanted


async def test_a_text_that_many_chains_fit_is_looked_for_row_by_row(store, requested):
    for number in range(40, 60):
        request = requested(number, chain=f"many-{number}")
        await store.create_run(request, [(float(number), request)])

    assert numbers(await every(store, RunFilter(text="MANY"))) == list(range(59, 39, -1))


async def test_a_list_may_begin_at_an_id(store):
    assert numbers(await every(store, RunFilter(since="run-000028"))) == [30, 29, 28]


async def test_pages_follow_each_other_without_gap_or_repeat(store):
    pages, before = [], None
    while True:
        page = await store.runs("default", limit=7, before=before)
        pages.append(numbers(page.rows))
        if (before := page.next) is None:
            break

    assert [len(page) for page in pages] == [7, 7, 7, 7, 2]
    assert [number for page in pages for number in page] == list(range(30, 0, -1))


async def test_another_organization_is_another_history(store):
    assert numbers(await every(store, organization="acme")) == [31]
    assert await every(store, organization="nobody") == []
    assert await store.find_runs("default", "run-000031") == []


async def test_the_last_runs_of_chains_are_found_together(store):
    found = await store.recent_runs("default", ["a", "b", "unknown"], 2)

    assert {chain: numbers(runs) for chain, runs in found.items()} == {"a": [30, 28], "b": [29, 27], "unknown": []}


async def test_ends_are_counted_by_outcome(store):
    """Run n has ended at second n, if n is divisible by three and one more."""
    ended = [number for number in range(1, 31) if number % 3 == 2]

    assert await store.ended_since("default", 15.0) == {"succeeded": len([one for one in ended if one >= 15])}
    assert await store.ended_since("default", 1e9) == {}


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


async def test_the_ended_runs_of_a_chain_are_told_newest_first(store):
    """Of the chain b, run n has ended if n leaves 2 when divided by 3."""
    runs, attempts = await store.ended_of_chain("default", "b", 3)

    assert [(run.number, run.outcome, run.ended_at) for run in runs] == [
        (29, "succeeded", 29.0),
        (23, "succeeded", 23.0),
        (17, "succeeded", 17.0),
    ]
    assert attempts == []
    assert await store.ended_of_chain("acme", "b", 3) == ([], [])
