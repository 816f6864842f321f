"""Every refusal and fault is an RFC 9457 problem."""

import io
import logging
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.codes import MEANINGS, Misuse, exit_code
from chainwright.schemas.api import Problem


async def told(answer: ClientResponse) -> Problem:
    """The problem of an answer, which says what it is."""
    assert answer.content_type == "application/problem+json"
    problem = Problem.model_validate(await answer.json())
    assert problem.status == answer.status
    return problem


@pytest.mark.parametrize("code", Code)
async def test_a_refusal_is_answered_with_its_code_and_words(api: ClientSession, use_cases: Any, code: Code) -> None:
    use_cases.refusal = Refusal(code, "no", "because", ({"line": 3},))

    problem = await told(await api.get("/api/v1/runs/x"))

    assert (problem.status, problem.code) == (MEANINGS[code].status, code)
    assert (problem.title, problem.detail, problem.diagnostics) == ("no", "because", [{"line": 3}])


async def test_what_is_unavailable_says_when_to_come_back(api: ClientSession, use_cases: Any) -> None:
    use_cases.refusal = Refusal(Code.UNAVAILABLE, "the disk is full")

    assert (await api.get("/readyz")).headers["Retry-After"] == "1"


async def test_malformed_json_is_a_bad_request(api: ClientSession) -> None:
    problem = await told(await api.post("/api/v1/runs", data=b"{oops"))

    assert (problem.status, problem.code) == (400, Misuse.BAD_REQUEST)


async def test_an_unknown_field_is_refused_with_the_known_ones(api: ClientSession) -> None:
    problem = await told(await api.post("/api/v1/runs", json={"chain": "x", "imputs": {}}))

    assert (problem.status, problem.code) == (422, Code.INVALID_INPUT)
    assert problem.detail == "imputs: is not known; there are: chain, inputs, ref, environment"


async def test_a_missing_field_is_refused_by_name(api: ClientSession) -> None:
    problem = await told(await api.post("/api/v1/runs"))

    assert (problem.status, problem.detail) == (422, "chain: Field required")


async def test_a_body_beyond_the_limit_is_refused(api: ClientSession) -> None:
    problem = await told(await api.post("/api/v1/runs", data=io.BytesIO(b"x" * (1 << 20 | 1))))

    assert (problem.status, problem.code) == (413, Misuse.TOO_LARGE)


async def test_a_path_that_is_none_is_not_found(api: ClientSession) -> None:
    problem = await told(await api.get("/api/v1/nothing"))

    assert (problem.status, problem.code) == (404, Code.NOT_FOUND)
    assert "/api/v1/openapi.json" in problem.detail


async def test_another_method_is_refused_with_the_right_ones(api: ClientSession) -> None:
    answer = await api.delete("/api/v1/runs")

    assert (await told(answer)).code == Misuse.NO_METHOD
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


async def test_a_mistake_of_ours_is_logged_once_and_told_without_its_insides(
    api: ClientSession, use_cases: Any, caplog: pytest.LogCaptureFixture
) -> None:
    use_cases.refusal = RuntimeError("the password is hunter2")

    with caplog.at_level(logging.ERROR):
        problem = await told(await api.get("/api/v1/status"))

    assert (problem.status, problem.code) == (500, Misuse.INTERNAL)
    assert "hunter2" not in problem.model_dump_json()
    assert [record.message for record in caplog.records] == ["a request failed"]


def test_every_code_has_a_meaning() -> None:
    assert set(MEANINGS) == {*Code, *Misuse}


def test_a_code_of_a_newer_daemon_is_a_plain_failure() -> None:
    assert exit_code("brand-new") == 1
