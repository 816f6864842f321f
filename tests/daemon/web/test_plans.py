"""The route of plans."""

from typing import Any

import pytest
from aiohttp import ClientSession

from chainwright.daemon.core.plan.markdown import MARKER
from chainwright.daemon.core.plan.report import Plan, Side
from chainwright.schemas.plan import PlanView

EMPTY = Plan(base=Side(revision="main"), head=Side(revision="feature"))


@pytest.mark.parametrize(
    ("form", "media", "begin"),
    [("json", "application/json", "{"), ("text", "text/plain", "plan: main"), ("markdown", "text/markdown", MARKER)],
)
async def test_a_plan_comes_in_each_form(api: ClientSession, use_cases: Any, form: str, media: str, begin: str) -> None:
    async def plan(*_: Any, **__: Any) -> Plan:
        return EMPTY

    use_cases.plan = plan
    answer = await api.get("/api/v1/plan", params={"head": "feature", "format": form})

    assert (answer.status, answer.content_type) == (200, media)
    assert (await answer.text()).startswith(begin)


async def test_what_is_asked_reaches_the_use_case(api: ClientSession, use_cases: Any) -> None:
    asked: list[Any] = []

    async def plan(_: Any, head: str, **more: Any) -> Plan:
        asked.append((head, more))
        return EMPTY

    use_cases.plan = plan
    answer = await api.get("/api/v1/plan?head=feature&base=main&from_common=true&branch=main")

    assert asked == [("feature", {"base": "main", "from_common": True, "branch": "main"})]
    assert PlanView.model_validate(await answer.json()).is_empty


@pytest.mark.parametrize("query", ["", "head=", "head=x&format=html", "head=x&more=1"])
async def test_what_does_not_fit_is_refused(api: ClientSession, query: str) -> None:
    assert (await api.get(f"/api/v1/plan?{query}")).status == 422
