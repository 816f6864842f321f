"""Requests that are sent again under the same key."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.app import ROUTES

KEY = {"Idempotency-Key": "once"}
START, APPROVE = "/api/v1/runs", "/api/v1/runs/run-aaa111/approve"
UNKEYED = {
    "/hooks/{organization}/{environment}/{hook}": "a delivery has keys of its own",
    "/hooks/fetch/{repository}": "changes nothing that a second time would change again",
    "/api/v1/sign-in-links": "its answer is a secret, which is kept nowhere",
    "/api/v1/sessions/{session}/tickets": "its answer is a secret, which is kept nowhere",
    "/api/v1/sign-out": "changes nothing that a second time would change again",
    "/api/v1/shutdown": "changes nothing that a second time would change again",
    "/api/v1/artifacts": "what is kept is named by its content",
    "/api/v1/deployments/reconcile": "looks, and may look again",
    "/api/v1/repositories/{repository}/pushes": "judges, and changes nothing",
    "/api/v1/repositories/{repository}/reconcile": "looks, and may look again",
    "/api/v1/repositories/{repository}/changes": "for hooks: the commit that was pushed is the key",
    "/api/v1/hosts/{host}/test": "tries, and changes nothing",
    "/api/v1/sessions/{session}/signal": "what a second signal means is the agent's matter, and each is meant",
}


def test_every_route_that_changes_something_takes_a_key_or_says_why_not() -> None:
    unkeyed = {route.path for route in ROUTES if route.method != "GET" and route.keyed is None}

    assert unkeyed == UNKEYED.keys()


@pytest.mark.parametrize(("path", "body"), [(START, {"chain": "x"}), (APPROVE, {"comment": "fine"})])
async def test_the_same_request_has_the_same_answer(
    api: ClientSession, use_cases: Any, path: str, body: dict[str, str]
) -> None:
    first = await api.post(path, json=body, headers=KEY)
    again = await api.post(path, json=body, headers=KEY)

    assert (again.status, await again.read()) == (first.status, await first.read())
    assert again.headers.get("Location") == first.headers.get("Location")
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert len(use_cases.asked) == 1


async def test_another_request_under_the_same_key_is_refused(api: ClientSession, use_cases: Any) -> None:
    await api.post(START, json={"chain": "x"}, headers=KEY)

    for path, body in ((START, {"chain": "y"}), (APPROVE, {})):
        refused = await api.post(path, json=body, headers=KEY)
        assert (refused.status, (await refused.json())["code"]) == (422, "key-reused")
    assert len(use_cases.asked) == 1


async def test_a_body_that_means_the_same_is_the_same_request(api: ClientSession, use_cases: Any) -> None:
    await api.post(START, json={"chain": "x"}, headers=KEY)

    assert (await api.post(START, json={"inputs": {}, "chain": "x"}, headers=KEY)).status == 201
    assert len(use_cases.asked) == 1


@pytest.mark.parametrize("path", [START, APPROVE])
async def test_what_was_refused_may_be_asked_again(api: ClientSession, use_cases: Any, path: str) -> None:
    use_cases.refusal = Refusal(Code.CONFLICT, "not now")
    assert (await api.post(path, json={"chain": "x"} if path == START else {}, headers=KEY)).status == 409
    use_cases.refusal = None

    assert (await api.post(path, json={"chain": "x"} if path == START else {}, headers=KEY)).ok


async def test_a_repeat_is_refused_while_the_first_is_under_way(api: ClientSession, use_cases: Any) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()

    async def slow(*_: Any) -> dict[str, Any]:
        asked.set()
        await answered.wait()
        return {}

    use_cases.answer_approval = slow
    first = asyncio.create_task(api.post(APPROVE, json={}, headers=KEY))
    await asyncio.wait_for(asked.wait(), 20)

    refused = await api.post(APPROVE, json={}, headers=KEY)
    assert (refused.status, "is under way" in (await refused.json())["title"]) == (409, True)
    answered.set()
    assert (await first).ok


async def test_nothing_is_done_twice_when_the_end_of_the_first_is_not_known(api: ClientSession, use_cases: Any) -> None:
    use_cases.refusal = RuntimeError("as if the daemon had died")
    assert (await api.post(APPROVE, json={}, headers=KEY)).status == 500
    use_cases.refusal = None

    refused = await api.post(APPROVE, json={}, headers=KEY)
    assert (refused.status, "is not known" in (await refused.json())["title"]) == (409, True)
    assert len(use_cases.asked) == 1


async def test_a_run_whose_start_was_not_answered_is_asked_for_again_under_its_key(
    api: ClientSession, use_cases: Any
) -> None:
    use_cases.refusal = RuntimeError("as if the daemon had died")
    assert (await api.post(START, json={"chain": "x"}, headers=KEY)).status == 500
    use_cases.refusal = None

    assert (await api.post(START, json={"chain": "x"}, headers=KEY)).status == 201
    assert [asked[4]["idempotency_key"] for asked in use_cases.asked] == ["once", "once"]
