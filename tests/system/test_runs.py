"""`chainwright runs`: newest first, filtered, page by page; and `@last`."""

import json

import pytest

from chainwright.daemon.cli.failures import Refused
from chainwright.daemon.config import Home

FILES = {
    "workflows/one.yaml": "agents:\n  a:\n    run: 'true'\n",
    "workflows/other.yaml": "agents:\n  a:\n    run: 'false'\n",
    "workflows/hold.yaml": "agents:\n  a:\n    run: cat\n",
}


@pytest.fixture(scope="module")
def ids(daemon):
    """Of three runs of one chain and two of another that have ended, and one that runs."""
    found = [daemon.ended(chain)["id"] for chain in ("one", "one", "other", "one", "other")]
    return [*found, daemon.run("hold")]


def listed(chainwright, *options):
    return [json.loads(line)["id"] for line in chainwright("runs", "--json", *options).out.splitlines()]


def test_newest_first(chainwright, ids):
    assert listed(chainwright) == ids[::-1]


def test_of_one_chain(chainwright, ids):
    assert listed(chainwright, "--chain", "other") == [ids[4], ids[2]]


def test_in_one_state(chainwright, ids):
    assert listed(chainwright, "--state", "running") == [ids[5]]


def test_at_most_so_many(chainwright, ids):
    assert listed(chainwright, "--limit", "2") == ids[:3:-1]


def test_pages_follow_one_another(daemon, ids):
    seen, cursor = [], None
    while True:
        page = daemon.client.get("/runs", limit=2, cursor=cursor)
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == ids[::-1]


def test_in_a_pipe_the_fields_are_separated_by_tabs(chainwright, ids):
    rows = chainwright("runs").rows

    assert [row[0] for row in rows] == ids[::-1]
    assert rows[0][3] == "running"


def test_numbers_count_per_chain(chainwright, ids):
    rows = {row[0]: row[2] for row in chainwright("runs").rows}

    assert [rows[one] for one in ids] == ["1", "2", "1", "3", "2", "1"]


def test_a_request_under_a_key_is_done_once(daemon):
    run, body, key = daemon.run("hold"), {"name": "asked", "data": None}, {"Idempotency-Key": "asked-once"}
    told = daemon.client.post(f"/runs/{run}/cancel", {}, key)

    assert daemon.client.post(f"/runs/{run}/cancel", {}, key) == told
    with pytest.raises(Refused) as refused:
        daemon.client.post(f"/runs/{run}/events", body, key)
    assert refused.value.code == "key-reused"


@pytest.mark.usefixtures("ids")
def test_how_the_last_runs_of_a_chain_went_is_told(chainwright):
    """In words with a row for each agent, and as the API has it."""
    plain = chainwright("statistics", "other")
    told = json.loads(chainwright("statistics", "one", "--last", "2", "--json").out)

    assert (plain.err.strip(), plain.rows) == ("2 runs: 0% succeeded", [["a", "2", "2", "-", "-"]])
    assert (told["outcomes"], told["success"], told["failures"]) == ({"succeeded": 2}, 1.0, [])
    assert (told["agents"][0]["agent"], told["agents"][0]["took"]["count"]) == ("a", 2)
    assert chainwright("statistics", "nonesuch").code == 4


@pytest.mark.parametrize("options", [("--state", "nonesuch"), ("--limit", "0")])
def test_a_filter_that_cannot_be_is_a_usage_error(chainwright, ids, options):
    assert chainwright("runs", *options).code == 2


def test_without_a_daemon_it_gives_6(command, root):
    assert command(Home(root / "nothing"), "runs").code == 6
