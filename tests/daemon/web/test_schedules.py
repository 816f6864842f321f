"""Routes of schedules."""

from typing import Any

import pytest
from aiohttp import ClientSession

from chainwright.schemas.api import RunSummary
from chainwright.schemas.pages import Page
from chainwright.schemas.schedules import FirePage, ScheduleDetail


async def test_schedules_are_listed(api: ClientSession, use_cases: Any, schedule: dict[str, Any]) -> None:
    use_cases.listed["schedules"] = [schedule]

    answer = await api.get("/api/v1/schedules", params={"chain": "team/brief"})

    assert Page[ScheduleDetail].model_validate(await answer.json()).items[0].chain == "brief"
    assert use_cases.asked == [("schedules", "team/brief")]


async def test_what_became_of_due_times_is_listed(api: ClientSession, use_cases: Any, schedule: dict[str, Any]) -> None:
    use_cases.listed["fires"] = [schedule["last"]]

    answer = await api.get("/api/v1/schedules/5eed/fires", params={"limit": 3, "cursor": 60.5})

    assert FirePage.model_validate(await answer.json()).items[0].missed == "paused by ann"
    assert use_cases.asked == [("schedule_fires", "5eed", 3, 60.5)]


@pytest.mark.parametrize(
    ("verb", "body", "asked"),
    [
        ("pause", {"chain": "team/brief"}, ("pause_schedules", "team/brief", None)),
        ("pause", {"chain": "brief", "until": 60.0}, ("pause_schedules", "brief", 60.0)),
        ("resume", {"chain": "brief"}, ("resume_schedules", "brief")),
    ],
)
async def test_people_hold_schedules_back_and_let_them_go(
    api: ClientSession, use_cases: Any, verb: str, body: dict[str, Any], asked: Any
) -> None:
    assert (await api.post(f"/api/v1/schedules/{verb}", json=body)).status == 200
    assert use_cases.asked == [asked]


async def test_a_schedule_is_run_now(api: ClientSession, use_cases: Any) -> None:
    answer = await api.post("/api/v1/schedules/run", json={"chain": "brief", "schedule": "5eed"})

    assert (answer.status, answer.headers["Location"]) == (201, "/api/v1/runs/run-aaa111")
    assert RunSummary.model_validate(await answer.json()).id == "run-aaa111"
    assert use_cases.asked == [("run_schedule", "brief", "5eed")]


@pytest.mark.parametrize(
    "body", [{}, {"chain": "brief", "until": "soon"}, {"chain": "brief", "for": 5}, {"chain": "brief", "until": 1e300}]
)
async def test_what_is_no_pause_is_refused(api: ClientSession, use_cases: Any, body: dict[str, Any]) -> None:
    assert (await api.post("/api/v1/schedules/pause", json=body)).status == 422
    assert use_cases.asked == []
