"""Routes of runs."""

import getpass
from typing import Any

import pytest
from aiohttp import ClientSession

from chainwright.schemas.api import (
    EventView,
    Explanation,
    JournalEntry,
    RunDetail,
    RunPage,
    RunSummary,
)
from chainwright.schemas.pages import Page


async def test_a_started_run_is_created_at_its_location(api: ClientSession, use_cases: Any) -> None:
    body = {"chain": "team/hello", "inputs": {"n": 1}, "ref": "v1"}

    answer = await api.post("/api/v1/runs", json=body, headers={"Idempotency-Key": "once"})

    assert answer.status == 201
    assert answer.headers["Location"] == "/api/v1/runs/run-aaa111"
    assert RunSummary.model_validate(await answer.json()).state == "running"
    options = {"ref": "v1", "environment": None, "idempotency_key": "once"}
    assert use_cases.asked == [("start_run", getpass.getuser(), "team/hello", {"n": 1}, options)]


async def test_a_key_that_is_too_long_is_refused_before_anything_is_asked(api: ClientSession, use_cases: Any) -> None:
    answer = await api.post("/api/v1/runs", json={"chain": "x"}, headers={"Idempotency-Key": "k" * 201})

    assert (answer.status, use_cases.asked) == (422, [])


async def test_a_list_passes_its_filters_on(api: ClientSession, use_cases: Any) -> None:
    answer = await api.get("/api/v1/runs?chain=a/b&state=running&limit=3&cursor=c")

    assert len(RunPage.model_validate(await answer.json()).items) == 1
    assert use_cases.asked == [("runs", {"chain": "a/b", "state": "running"}, {"limit": 3, "cursor": "c"})]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "colour=red", "state=ill", "outcome=x", "since=-1", "text="]
)
async def test_a_filter_that_does_not_fit_is_refused(api: ClientSession, query: str) -> None:
    assert (await api.get(f"/api/v1/runs?{query}")).status == 422


@pytest.mark.parametrize("name", ["run-aaa111", "run-a", "@last"])
async def test_a_run_is_shown_by_its_id_a_prefix_or_as_the_last(api: ClientSession, name: str) -> None:
    answer = await api.get(f"/api/v1/runs/{name}")

    assert RunDetail.model_validate(await answer.json()).id == "run-aaa111"


async def test_cancel_answers_with_the_run(api: ClientSession) -> None:
    answer = await api.post("/api/v1/runs/run-a/cancel")

    assert RunSummary.model_validate(await answer.json()).state == "stopping"


async def test_retry_creates_a_linked_run(api: ClientSession) -> None:
    answer = await api.post("/api/v1/runs/run-aaa111/retry")

    assert answer.headers["Location"] == "/api/v1/runs/run-bbb222"
    assert RunSummary.model_validate(await answer.json()).retry_of == "run-aaa111"


async def test_an_event_is_sent_with_any_json_as_its_data(api: ClientSession, use_cases: Any) -> None:
    answer = await api.post("/api/v1/runs/run-a/events", json={"name": "draft.ready", "data": [1, None]})

    assert answer.status == 202
    assert EventView.model_validate(await answer.json()).name == "draft.ready"
    assert use_cases.asked == [("inject_event", "run-a", "draft.ready", [1, None], None)]


async def test_an_events_name_must_be_one(api: ClientSession) -> None:
    answer = await api.post("/api/v1/runs/run-a/events", json={"name": "two words"})

    assert answer.status == 422
    assert (await answer.json())["detail"].startswith("name: must be an event name: up to 64 of")


async def test_the_events_of_a_run_are_listed(api: ClientSession, use_cases: Any) -> None:
    use_cases.listed["events"] = [{"number": 1}]

    assert await (await api.get("/api/v1/runs/run-a/events")).json() == {"items": [{"number": 1}], "next": None}


async def test_the_journal_is_listed(api: ClientSession) -> None:
    answer = await api.get("/api/v1/runs/run-a/journal")

    assert Page[JournalEntry].model_validate(await answer.json()).items[0].kind == "RunRequested"


async def test_an_agent_is_explained(api: ClientSession) -> None:
    answer = await api.get("/api/v1/runs/run-a/agents/greet/explanation")

    assert Explanation.model_validate(await answer.json()).lines == ["It waits for draft.ready."]


async def test_who_knows_an_answer_is_not_sent_it_again(api: ClientSession, use_cases: Any, make: Any) -> None:
    first = await api.get("/api/v1/runs/run-aaa111")
    known = {"If-None-Match": first.headers["ETag"]}

    again = await api.get("/api/v1/runs/run-aaa111", headers=known)
    assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", first.headers["ETag"])

    use_cases.details["run-aaa111"] = make.detail(state="stopping")
    assert (await api.get("/api/v1/runs/run-aaa111", headers=known)).status == 200


async def test_a_retry_takes_an_idempotency_key(api: ClientSession, use_cases: Any) -> None:
    await api.post("/api/v1/runs/run-a/retry", headers={"Idempotency-Key": "once"})

    assert use_cases.asked[0][2]["idempotency_key"] == "once"
