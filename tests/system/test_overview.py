"""What a daemon tells of itself as a whole: how things stand, due times, events of all runs, sources and versions, recordings."""

import json
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chainwright.schemas.api import ChainSummary, JournalEntry
from chainwright.schemas.inbox_api import InboxItem
from chainwright.schemas.overview_api import Calendar, ChainSource, ChainVersion, EventsPage, Overview, SettingView
from chainwright.schemas.pages import Page
from chainwright.schemas.run_pictures_api import RunGraph, RunTimeline

HELLO = "on: {manual: , schedule: [{cron: '0 7 * * 1', timezone: UTC}]}\nagents:\n  greet:\n    run: |\n      printf 'hel\\033[1mlo'\n"
FILES = {
    "workflows/hello.yaml": HELLO,
    "workflows/events.yaml": """
agents:
  draft:
    emits: [draft.ready, draft.unheard]
    run: chainwright emit draft.ready; chainwright emit draft.unheard
  edit: {on: draft.ready, run: 'true'}
""",
    "workflows/ask.yaml": "agents:\n  post: {approval: {message: Post it?}, run: 'true'}\n",
}
MONDAY_S = 1_796_022_000.0  # 30 November 2026, 07:00 UTC


@pytest.fixture(scope="module")
def used(daemon):
    """A daemon that has run what there is."""
    daemon.ended("hello")
    daemon.ended("events")
    return daemon


def test_how_things_stand(used, by_and_by):
    run = used.run("ask")
    by_and_by(lambda: used.client.items("/inbox"))
    told = Overview.model_validate(used.client.get("/overview"))
    (waits,) = Page[InboxItem].model_validate(used.client.get("/inbox")).items
    used.client.post(f"/runs/{run}/approve", {"agent": "post"})
    used.end(run)

    assert (told.waiting, waits.kind, waits.agent, waits.excerpt) == (1, "approval", "post", "Post it?")
    assert told.ended["succeeded"] >= 2
    assert told.next[0].chain == "hello"
    assert len(told.next) == 10


def test_a_run_is_shown_as_a_graph_and_as_a_line_of_time(used, chainwright):
    run = used.client.items("/runs", chain="events")[0]
    graph = RunGraph.model_validate(used.client.get(f"/runs/{run['id']}/graph"))
    timeline = RunTimeline.model_validate(used.client.get(f"/runs/{run['id']}/timeline"))

    assert [(one.source, one.to, one.event, one.travelled) for one in graph.arrows] == [
        ("draft", "edit", "draft.ready", 1)
    ]
    assert (timeline.since, timeline.until) == (run["created_at"], run["ended_at"])
    assert [(lane.agent, len(lane.attempts), len(lane.waits)) for lane in timeline.lanes] == [
        ("draft", 1, 1),
        ("edit", 1, 1),
    ]
    drawn = chainwright("show", run["id"], "--graph").rows
    assert [row[:4] for row in drawn] == [
        ["draft", "succeeded", "1", "with the run"],
        ["edit", "succeeded", "1", "on draft.ready"],
    ]
    assert "━" in chainwright("show", run["id"], "--timeline").out


def test_the_inputs_of_a_chain_have_a_schema(used, chainwright):
    schema = json.loads(chainwright("schema", "hello", "--inputs").out)

    assert (schema["title"], schema["type"], schema["additionalProperties"]) == ("hello", "object", False)


def test_measurements_are_what_prometheus_reads(used):
    address, token = used.client.get("/status")["listen"], used.home.token.read_text()
    request = urllib.request.Request(f"{address}/metrics", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        families = {one.name: one for one in text_string_to_metric_families(answer.read().decode())}
    values = {one.name: one.value for family in families.values() for one in family.samples if not one.labels}

    assert values["chainwright_store_bytes"] > 4096
    assert values["chainwright_store_commit_seconds_count"] >= 2
    assert values["chainwright_journal_entries_total"] > 10
    assert families["chainwright_hosts"].samples[0].labels == {"state": "connected"}


def test_chains_come_with_their_last_runs(used):
    (chain,) = [one for one in used.client.items("/chains") if one["id"] == "hello"]

    assert [one.outcome for one in ChainSummary.model_validate(chain).recent] == ["succeeded"]


def test_due_times_are_in_a_calendar(used):
    day_s = 86_400
    told = Calendar.model_validate(
        used.client.get("/schedules/calendar", **{"from": MONDAY_S, "until": MONDAY_S + 14 * day_s})
    )

    assert [one.at for one in told.items] == [MONDAY_S, MONDAY_S + 7 * day_s]
    assert told.is_whole


def test_events_of_all_runs_are_found_and_those_that_nobody_took(used):
    every = EventsPage.model_validate(used.client.get("/events"))
    unmatched = EventsPage.model_validate(used.client.get("/events", unmatched="true"))

    assert {one.name for one in every.items} >= {"draft.ready", "draft.unheard"}
    assert [one.name for one in unmatched.items] == ["draft.unheard"]
    page = used.client.get("/events", limit=1)
    assert used.client.get("/events", limit=1, cursor=page["next"])["items"] != page["items"]


def test_a_chain_has_a_source_and_versions(used, by_and_by):
    before = used.client.get("/sources/hello")["commit"]
    after = used.repository.commit({"workflows/hello.yaml": HELLO + "# changed\n"})
    by_and_by(lambda: used.client.get("/sources/hello")["commit"] == after)

    source = ChainSource.model_validate(used.client.get("/sources/hello"))
    earlier = ChainSource.model_validate(used.client.get("/sources/hello", ref=before))
    versions = Page[ChainVersion].model_validate(used.client.get("/versions/hello")).items

    assert (source.text, earlier.text) == (HELLO + "# changed\n", HELLO)
    assert [(one.commit, one.in_force, one.author) for one in versions] == [
        (after, True, "Ada"),
        (before, False, "Ada"),
    ]


def test_settings_have_their_origins(used):
    told = Page[SettingView].model_validate(used.client.get("/settings")).items
    origins = {one.name: one.origin for one in told}

    assert origins["sessions.grace_s"] == "CHAINWRIGHT_SESSIONS__GRACE_S"
    assert (origins["log.level"], origins["repository.path"]) == ("default", "flag")


def test_a_terminal_is_recorded_with_its_times(used):
    (run,) = used.client.get("/runs", chain="hello")["items"]
    with used.client._send("GET", f"/api/v1/runs/{run['id']}/recording", None, {}, 20) as answer:
        head, *shown, end = [json.loads(line) for line in b"".join(answer).splitlines()]

    assert (head["version"], head["term"]["cols"]) == (3, 120)
    assert "".join(text for _, _, text in shown) == "hel\x1b[1mlo"
    assert end[1:] == ["x", "0"]


def test_a_journal_is_read_in_parts(used):
    (run,) = used.client.get("/runs", chain="hello")["items"]
    every = Page[JournalEntry].model_validate(used.client.get(f"/runs/{run['id']}/journal")).items
    part = Page[JournalEntry].model_validate(used.client.get(f"/runs/{run['id']}/journal", after=2, limit=3)).items

    assert part == every[2:5]
