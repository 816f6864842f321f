"""Routes that show the whole."""

from typing import Any

import pytest
from aiohttp import ClientSession

from chainwright.schemas.overview_api import Calendar, ChainSource, ChainVersion, EventsPage, Overview, SettingView
from chainwright.schemas.pages import Page


async def test_how_things_stand_is_told(api: ClientSession) -> None:
    told = Overview.model_validate(await (await api.get("/api/v1/overview")).json())

    assert (told.runs, told.ended) == ({"running": 1}, {"failed": 2})


async def test_events_of_all_runs_have_filters_and_pages(api: ClientSession, use_cases: Any, make: Any) -> None:
    use_cases.listed["all_events"] = [{**make.event(1, "draft.ready"), "run_id": "r", "chain": "brief"}]

    answer = await api.get("/api/v1/events?name=draft.ready&unmatched=true&limit=3&cursor=run-a:7")

    assert EventsPage.model_validate(await answer.json()).items[0].chain == "brief"
    asked = {"name": "draft.ready", "unmatched": True, "limit": 3, "cursor": "run-a:7"}
    assert use_cases.asked == [("all_events", asked)]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=a:b", "cursor=:1", "limit=0", "unmatched=perhaps"])
async def test_events_that_cannot_be_meant_are_refused(api: ClientSession, query: str) -> None:
    assert (await api.get(f"/api/v1/events?{query}")).status == 422


async def test_due_times_are_shown_for_a_time(api: ClientSession, use_cases: Any) -> None:
    answer = await api.get("/api/v1/schedules/calendar?from=1&until=9.5")

    assert Calendar.model_validate(await answer.json()).items[0].at == 5.0
    assert use_cases.asked == [("calendar", 1.0, 9.5)]


@pytest.mark.parametrize("query", ["", "from=1", "from=x&until=2", "from=-1&until=2", "from=1&until=inf"])
async def test_a_time_that_is_none_is_refused(api: ClientSession, query: str) -> None:
    assert (await api.get(f"/api/v1/schedules/calendar?{query}")).status == 422


async def test_settings_come_with_their_origins(api: ClientSession) -> None:
    told = Page[SettingView].model_validate(await (await api.get("/api/v1/settings")).json())

    assert (told.items[0].name, told.items[0].origin) == ("log.level", "default")


async def test_a_chains_source_and_versions_are_asked_by_its_id(api: ClientSession, use_cases: Any) -> None:
    source = ChainSource.model_validate(await (await api.get("/api/v1/sources/team/hello?ref=v1")).json())
    versions = await (await api.get("/api/v1/versions/team/hello?limit=2")).json()

    assert source.path == "workflows/team/hello.yaml"
    assert Page[ChainVersion].model_validate(versions).items[0].in_force
    assert use_cases.asked == [("chain_source", "team/hello", "v1"), ("chain_versions", "team/hello", 3)]


async def test_a_recording_is_an_asciicast_and_names_its_attempt(api: ClientSession, use_cases: Any) -> None:
    answer = await api.get("/api/v1/runs/run-a/recording?agent=greet&turn=2")

    assert (answer.content_type, answer.headers["X-Attempt-Id"]) == ("application/x-asciicast", "att-1")
    assert await answer.read() == b"hello\r\nbye\r\n"
    asked = {"agent": "greet", "turn": 2, "attempt": None, "leg": None}
    assert use_cases.asked == [("recording", "run-a", asked)]


async def test_a_journal_is_read_in_parts(api: ClientSession, use_cases: Any) -> None:
    assert (await api.get("/api/v1/runs/run-a/journal?after=5&limit=10")).status == 200
    assert use_cases.asked == [("journal", "run-a", {"after": 5, "limit": 11})]
