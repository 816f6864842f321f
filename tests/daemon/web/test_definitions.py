"""Routes of chains and deployments."""

from typing import Any

from aiohttp import ClientSession


async def test_a_chains_id_may_hold_slashes(api: ClientSession, use_cases: Any) -> None:
    answer = await api.get("/api/v1/chains/team/a/hello?ref=v1")

    assert (await answer.json())["id"] == "team/a/hello"
    assert use_cases.asked == [("chain", "team/a/hello", "v1")]


async def test_chains_and_deployments_are_listed(api: ClientSession, use_cases: Any) -> None:
    use_cases.listed = {"chains": [{"id": "a"}], "deployments": [{"commit": "c"}]}

    answers = [await (await api.get(f"/api/v1/{noun}")).json() for noun in ("chains", "deployments")]

    assert answers == [{"items": [{"id": "a"}], "next": None}, {"items": [{"commit": "c"}], "next": None}]


async def test_reconcile_looks_now(api: ClientSession, use_cases: Any) -> None:
    answer = await api.post("/api/v1/deployments/reconcile")

    assert (answer.status, use_cases.asked) == (200, [("reconcile",)])
