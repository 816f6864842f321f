"""Pages of lists: every list has them, and whatever changes in between, nothing is shown twice or left out."""

from typing import Any

import pytest
from aiohttp import ClientSession

from chainwright.daemon.web.app import ROUTES
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.problems import BadRequest
from chainwright.schemas.pages import PageQuery

UNPAGED = {"/api/v1/schedules/calendar": "its pages are times"}


def rows(*names: str) -> list[dict[str, Any]]:
    return [{"name": name} for name in names]


def walked(*states: list[dict[str, Any]], limit: int) -> list[str]:
    """The names on pages of a list that is another one for each page, and stays as it is at last."""
    seen, cursor, turn = [], None, 0
    while True:
        page = page_of(states[min(turn, len(states) - 1)], PageQuery(limit=limit, cursor=cursor), "name")
        seen += [row["name"] for row in page["items"]]
        cursor, turn = page["next"], turn + 1
        if cursor is None:
            return seen


def test_every_list_is_in_pages() -> None:
    lists = [
        route for route in ROUTES if route.method == "GET" and route.answer and "items" in route.answer.model_fields
    ]
    unpaged = {
        route.path
        for route in lists
        if not route.query
        or not {"limit", "cursor"} <= route.query.model_fields.keys()
        or "next" not in (route.answer.model_fields if route.answer else ())
    }

    assert len(lists) > 15
    assert unpaged == UNPAGED.keys()


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_make_up_the_list(limit: int) -> None:
    assert walked(rows(*"abcd"), limit=limit) == list("abcd")


def test_without_a_limit_a_page_is_all() -> None:
    assert page_of(rows(*"abc"), PageQuery(), "name") == {"items": rows(*"abc"), "next": None}


def test_what_comes_in_front_shifts_nothing() -> None:
    assert walked(rows(*"abcd"), rows(*"xyabcd"), limit=2) == list("abcd")


def test_what_goes_in_front_hides_nothing() -> None:
    assert walked(rows(*"abcd"), rows(*"bcd"), limit=2) == list("abcd")


def test_behind_one_that_is_gone_the_list_goes_on() -> None:
    assert walked(rows(*"abcd"), rows(*"acd"), limit=2) == list("abcd")


@pytest.mark.parametrize("cursor", ["x", "!", "W10", "bnVsbA", "WyJhIl0", "é", "MQ"])
def test_a_cursor_of_something_else_is_refused(cursor: str) -> None:
    with pytest.raises(BadRequest):
        page_of(rows("a"), PageQuery(cursor=cursor), "name")


async def test_they_are_followed_over_http(api: ClientSession, use_cases: Any) -> None:
    use_cases.listed["events"] = [{"number": number} for number in range(1, 6)]
    first = await (await api.get("/api/v1/runs/run-a/events?limit=3")).json()
    last = await (await api.get("/api/v1/runs/run-a/events", params={"limit": 3, "cursor": first["next"]})).json()

    assert [one["number"] for one in first["items"] + last["items"]] == [1, 2, 3, 4, 5]
    assert last["next"] is None
    assert (await api.get("/api/v1/runs/run-a/events?cursor=x")).status == 422
