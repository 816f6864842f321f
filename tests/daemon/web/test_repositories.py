"""Routes of repositories and of their hooks."""

from typing import Any

import pytest

ZEROS, ID = "0" * 40, "a" * 40
PUSHED = {"updates": [{"ref": "refs/heads/main", "old": ZEROS, "new": ID}], "options": ["plan-only"]}


async def test_a_hook_is_answered_with_the_verdict(api: Any, use_cases: Any) -> None:
    answer = await api.post("/api/v1/repositories/chains/pushes", json=PUSHED)

    assert await answer.json() == {"accepted": True, "lines": ["main: 1 chain"]}
    assert use_cases.asked[-1] == ("judge_push", "chains", {**PUSHED, "quarantine": None})


@pytest.mark.parametrize("bad", [{}, {"updates": [{"ref": "r"}]}, {**PUSHED, "more": 1}])
async def test_a_push_that_does_not_fit_is_refused(api: Any, bad: dict[str, Any]) -> None:
    assert (await api.post("/api/v1/repositories/chains/pushes", json=bad)).status == 422


async def test_one_repository_is_looked_at_now(api: Any, use_cases: Any) -> None:
    answer = await api.post("/api/v1/repositories/chains/reconcile")

    assert await answer.json() == {"lines": ["in force"]}
    assert use_cases.asked[-1] == ("reconcile_repository", "chains")


async def test_a_repository_is_hosted_by_its_name(api: Any, use_cases: Any) -> None:
    answer = await api.post("/api/v1/repositories", json={"name": "more"})

    assert (await answer.json())["path"] == "/h/more.git"
    assert use_cases.asked[-1] == ("host_repository", "more")
