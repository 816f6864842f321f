"""A ticket opens one terminal, once, within a minute, for who asked for it."""

from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from chainwright.daemon.core.access import Actor
from chainwright.daemon.web.problems import BadRequest
from chainwright.daemon.web.terminal_tickets import GOOD_FOR_S, MOST, TerminalTickets

TERMINAL, TICKETS = "/api/v1/sessions/att-1/terminal", "/api/v1/sessions/att-1/tickets"
BEARER = {"Authorization": "Bearer right"}
ADA = Actor(name="ada")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def opened(site: Any, **more: Any) -> int:
    """The status with which a terminal opens."""
    try:
        async with site.browser.ws_connect(TERMINAL, **more) as socket:
            return int(socket._response.status)
    except WSServerHandshakeError as refused:
        return refused.status


@pytest.fixture
def link(use_cases: Any, make: Any) -> Any:
    use_cases.link = make.link()
    use_cases.link.shown.put_nowait(None)
    return use_cases.link


async def ticket_of(site: Any, **more: Any) -> str:
    answer = await site.browser.post(TICKETS, **more)
    assert (answer.status, answer.headers["Cache-Control"]) == (201, "no-store")
    return str((await answer.json())["ticket"])


async def test_it_is_as_good_as_a_token_once(site: Any, use_cases: Any, link: Any) -> None:
    ticket = await ticket_of(site, headers=BEARER)

    assert await opened(site) == 401
    assert await opened(site, params={"ticket": ticket}) == 101
    assert use_cases.opened_by == ["token"]
    assert await opened(site, params={"ticket": ticket}) == 401


async def test_a_browser_opens_in_its_own_name(site: Any, use_cases: Any, link: Any) -> None:
    await site.sign_in()
    ticket = await ticket_of(site, headers=site.ours)
    site.browser.cookie_jar.clear()

    assert await opened(site, params={"ticket": ticket}) == 101
    assert use_cases.opened_by == ["ada"]


async def test_a_foreign_page_cannot_use_one(site: Any, link: Any) -> None:
    ticket = await ticket_of(site, headers=BEARER)

    assert await opened(site, params={"ticket": ticket}, headers={"Origin": "http://evil.example"}) == 403


async def test_a_foreign_page_with_a_cookie_gets_none(site: Any) -> None:
    await site.sign_in()

    assert (await site.browser.post(TICKETS, headers={"Origin": "http://evil.example"})).status == 403


async def test_nothing_else_takes_one(site: Any, api: ClientSession) -> None:
    ticket = await ticket_of(site, headers=BEARER)

    assert (await site.browser.get("/api/v1/runs", params={"ticket": ticket})).status == 401


def test_it_is_for_one_session() -> None:
    tickets = TerminalTickets(Clock())
    ticket = tickets.issue(ADA, "att-1")

    for session in ("att-2", "att-1"):
        with pytest.raises(BadRequest):
            tickets.redeem(ticket.secret, session)


def test_it_ends_after_a_minute() -> None:
    clock = Clock()
    tickets = TerminalTickets(clock)
    early, late = tickets.issue(ADA, "s"), tickets.issue(ADA, "s")

    clock.now = GOOD_FOR_S - 0.1
    assert tickets.redeem(early.secret, "s") is ADA
    clock.now = GOOD_FOR_S
    with pytest.raises(BadRequest):
        tickets.redeem(late.secret, "s")


def test_there_are_not_endlessly_many() -> None:
    tickets = TerminalTickets(Clock())
    first, *_, last = [tickets.issue(ADA, "s") for _ in range(MOST + 1)]

    assert tickets.redeem(last.secret, "s") is ADA
    with pytest.raises(BadRequest):
        tickets.redeem(first.secret, "s")
