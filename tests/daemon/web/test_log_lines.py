"""Logs line by line."""

from typing import Any

from aiohttp import ClientSession

from chainwright.schemas.log_api import LogLines, LogMatches


async def test_lines_are_asked_for_by_their_numbers(api: ClientSession, use_cases: Any) -> None:
    answer = await api.get("/api/v1/runs/run-a/log/lines?agent=greet&first=7&limit=2")

    assert LogLines.model_validate(await answer.json()).lines[0].text == "hello"
    whose = {"agent": "greet", "turn": None, "attempt": None, "leg": None}
    assert use_cases.asked == [("log_lines", "run-a", {**whose, "first": 7, "limit": 2})]


async def test_a_search_wants_a_text(api: ClientSession) -> None:
    refused = await api.get("/api/v1/runs/run-a/log/matches?agent=greet&text=")
    answer = await api.get("/api/v1/runs/run-a/log/matches?agent=greet&text=x")

    assert (refused.status, (await refused.json())["code"]) == (422, "invalid-input")
    assert LogMatches.model_validate(await answer.json()).numbers == [1]
