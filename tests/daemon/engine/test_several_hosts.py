"""Sessions on several hosts: each attempt is asked for on one of them, and never on two."""

import asyncio

import pytest
from tests.daemon.engine.conftest import ANN

from chainwright.daemon.core.graph import CHAIN_JSON, Call, Retry, Strategy
from chainwright.daemon.engine import sessions as module
from chainwright.daemon.testing import ScriptedRunner, agent_of, chain_of
from chainwright.runners.port import HostUnreachable, NoTerminal, NotReached

FIRST = "a-1-1"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(module, "PAUSES_S", (0.001,))


def on(*labels, **fields):
    return chain_of(agent_of("a", runs_on=labels, **fields))


def ends():
    return ScriptedRunner(lambda session: session.exits(0))


def attempt_in(view):
    return view["agents"]["a"]["turns"][0]["attempts"][0]


async def chosen(bench, run_id):
    """The hosts on record, in their order."""
    return [row.entry().host for row in await bench.store.journal(run_id) if row.kind == "HostChosen"]


async def test_it_runs_where_its_labels_are_and_that_is_on_record_before_it_starts(bench):
    bench.adds("cpu", runner=ends())
    there = bench.adds("g1", "gpu", runner=ends())
    run_id = await bench.begin(on("gpu"))
    found = await bench.ended(run_id)

    assert (found["outcome"], attempt_in(found)["host"]) == ("succeeded", "g1")
    assert there.starts == [f"{run_id}-{FIRST}"]
    kinds = await bench.kinds(run_id)
    assert kinds.index("HostChosen") < kinds.index("SessionStarted")


async def test_who_asks_for_no_labels_is_here_without_a_word(bench):
    bench.runner.part = lambda session: session.exits(0)
    run_id = await bench.begin(on())
    await bench.ended(run_id)

    assert "HostChosen" not in await bench.kinds(run_id)


async def test_labels_may_come_from_the_matrix(bench):
    first, second = bench.adds("g1", runner=ends()), bench.adds("g2", runner=ends())
    chain = on("${{ matrix.host }}", strategy=Strategy(matrix={"host": ["g1", "g2"]}))
    await bench.ended(await bench.begin(chain))

    assert (len(first.starts), len(second.starts)) == (1, 1)


async def test_a_value_that_is_no_label_fails_the_turn(bench):
    found = await bench.ended(await bench.begin(on("${{ run.id }} x")))

    assert "is no label of a host" in str(found)


async def test_an_agent_whose_label_no_host_has_waits_for_one_that_has_it(bench):
    run_id = await bench.begin(on("gpu"))
    await bench.reaches(run_id, "SessionDelayed")
    told = attempt_in(await bench.store.run(run_id))
    assert (told["reason"], told["detail"]) == ("no-host", "no host has the label gpu; there are: local (no labels)")

    bench.adds("g1", "gpu", runner=ends())
    assert (await bench.ended(run_id))["outcome"] == "succeeded"


async def test_a_full_host_queues_and_others_with_the_label_take_over(bench):
    first = bench.adds("g1", "gpu", slots=1)
    second = bench.adds("g2", "gpu", slots=1, runner=ends())
    for _ in range(3):
        await bench.begin(on("gpu"))
    await first.until(lambda: len(first.starts) + len(second.starts) == 3, "three starts")

    assert (len(first.starts), len(second.starts)) == (1, 2)


# hosts that do not answer


async def test_a_host_that_was_not_even_asked_gives_way_to_another(bench):
    """Or one dead machine of ten would hold a tenth of the work for ever."""
    away = ScriptedRunner()
    bench.adds("g1", "gpu", runner=away, closed=lambda: "no route" if away.starts else "")
    away.fails("start", NotReached("no route"))
    other = bench.adds("g2", "gpu", runner=ends())
    run_id = await bench.begin(on("gpu"))
    await bench.ended(run_id)

    assert (await chosen(bench, run_id), other.starts) == (["g1", "g2"], [f"{run_id}-{FIRST}"])


async def test_a_host_that_may_have_heard_is_asked_until_it_answers(bench):
    """Its answer was lost, not the start: nobody else may be asked."""
    unsure = bench.adds("g1", "gpu", runner=ends())
    unsure.fails("start", HostUnreachable("the link was cut"))
    other = bench.adds("g2", "gpu", runner=ends())
    run_id = await bench.begin(on("gpu"))
    await bench.ended(run_id)

    assert (await chosen(bench, run_id), other.starts) == (["g1"], [])
    assert unsure.starts == [f"{run_id}-{FIRST}"] * 2


async def test_a_full_table_of_terminals_gives_way_to_nobody(bench):
    """The host answers, and soon has room: what stands on it may be a workspace that took minutes."""
    full = bench.adds("g1", "gpu", runner=ends())
    full.fails("start", NoTerminal("full"))
    run_id = await bench.begin(on("gpu"))
    await bench.ended(run_id)

    assert full.starts == [f"{run_id}-{FIRST}"] * 2


async def test_cancelled_while_its_host_may_have_heard_it_is_looked_for_there(bench):
    """It runs: it is told to end, and its end is recorded like any other."""
    unsure = bench.adds("g1", "gpu")
    unsure.loses_answers(1)
    unsure.fails("poll", *[HostUnreachable("away")] * 3)
    run_id = await bench.begin(on("gpu"))
    await unsure.until(lambda: bool(unsure.lives), "the start that nobody heard of")
    await bench.engine.cancel_run(ANN, run_id)
    found = await bench.ended(run_id)

    assert (found["outcome"], unsure.lives[f"{run_id}-{FIRST}"].stops) == ("cancelled", 1)


async def test_the_next_daemon_looks_where_it_was_placed(bench):
    there = bench.adds("g1", "gpu")
    bench.adds("g2", "gpu")
    run_id = await bench.begin(on("gpu"))
    session = await there.started(f"{run_id}-{FIRST}")
    await bench.restart()
    session.exits(0)
    found = await bench.ended(run_id)

    assert (found["outcome"], there.starts) == ("succeeded", [f"{run_id}-{FIRST}"])


async def test_the_next_daemon_starts_nothing_elsewhere_while_that_host_is_away(bench):
    there = bench.adds("g1", "gpu")
    other = bench.adds("g2", "gpu")
    run_id = await bench.begin(on("gpu"))
    session = await there.started(f"{run_id}-{FIRST}")
    there.fails("poll", *[HostUnreachable("away")] * 5)
    await bench.restart()
    await there.until(lambda: not there._errors["poll"], "the host's return")
    session.exits(0)
    await bench.ended(run_id)

    assert other.starts == []


# hosts that are taken away


async def test_sessions_of_a_host_that_is_removed_are_lost(bench):
    there = bench.adds("g1", "gpu")
    run_id = await bench.begin(on("gpu"))
    session = await there.started(f"{run_id}-{FIRST}")
    await bench.reaches(run_id, "SessionStarted")
    bench.removes("g1")
    session.cuts_links()
    found = await bench.ended(run_id)

    assert (found["outcome"], attempt_in(found)["outcome"]) == ("failed", "lost")


async def test_they_are_tried_again_elsewhere_only_if_nothing_of_them_can_be_left(bench):
    """A machine that was taken away may still run them."""
    there = bench.adds("g1", "gpu")
    run_id = await bench.begin(on("gpu", retry=Retry(max=1, on=frozenset({"lost"}))))
    session = await there.started(f"{run_id}-{FIRST}")
    await bench.reaches(run_id, "SessionStarted")
    bench.adds("g2", "gpu")
    bench.removes("g1")
    session.cuts_links()

    assert (await bench.ended(run_id))["outcome"] == "failed"


# called chains


async def test_agents_of_a_called_chain_run_where_their_caller_says(bench):
    there = bench.adds("g1", "gpu", runner=ends())
    called = chain_of(agent_of("b"), id="called", callable=True)
    await bench.store.keep_definition("digest of called", CHAIN_JSON.dump_json(called))
    calling = chain_of(agent_of("a", calls=Call(chain="called", definition="digest of called"), runs_on=("gpu",)))
    found = await bench.ended(await bench.begin(calling))

    assert (found["outcome"], len(there.starts)) == ("succeeded", 1)


async def test_nothing_is_left_held(bench):
    bench.adds("g1", "gpu", runner=ends(), slots=2)
    runs = [await bench.begin(on("gpu")) for _ in range(5)]
    await asyncio.gather(*(bench.ended(run) for run in runs))

    assert bench.engine.placement.held == 0
