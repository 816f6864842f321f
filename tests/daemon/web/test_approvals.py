"""Routes of approvals."""

from typing import Any

import pytest
from aiohttp import ClientSession

from chainwright.daemon.core.verdicts import Answer
from chainwright.schemas.api import RunSummary
from chainwright.schemas.approvals import ApprovalView
from chainwright.schemas.pages import Page


async def test_what_waits_is_listed(api: ClientSession, use_cases: Any, approval: dict[str, Any]) -> None:
    use_cases.listed["approvals"] = [approval]

    answer = await api.get("/api/v1/approvals")

    assert Page[ApprovalView].model_validate(await answer.json()).items[0].agent == "post"


@pytest.mark.parametrize("verdict", ["approve", "reject"])
async def test_an_answer_names_the_agent_and_carries_a_comment(
    api: ClientSession, use_cases: Any, verdict: Any
) -> None:
    answer = await api.post(f"/api/v1/runs/run-a/{verdict}", json={"agent": "post", "comment": "why"})

    assert RunSummary.model_validate(await answer.json()).id == "run-aaa111"
    assert use_cases.asked == [("answer_approval", "run-a", Answer(verdict=verdict, agent="post", comment="why"))]


async def test_an_answer_needs_nothing_more_than_a_run(api: ClientSession, use_cases: Any) -> None:
    assert (await api.post("/api/v1/runs/run-a/approve")).status == 200
    assert use_cases.asked == [("answer_approval", "run-a", Answer(verdict="approve"))]
