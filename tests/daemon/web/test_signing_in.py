"""Signing in with a browser, and what other pages may not do with its cookie."""

from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from chainwright.daemon.core.access import Actor
from chainwright.schemas.sign_in_api import Identity, SignInLink

ADA = Actor(name="ada", is_owner=True)
STATUS = "/api/v1/status"
CANCEL = "/api/v1/runs/run-a/cancel"
TERMINAL = "/api/v1/sessions/att-1/terminal"
BEARER = {"Authorization": "Bearer right"}


async def test_a_link_signs_a_browser_in_once_and_leads_to_the_beginning(site: Any) -> None:
    ticket = site.sign_ins.ticket(ADA).secret

    first = await site.browser.get("/sign-in", params={"ticket": ticket}, allow_redirects=False)
    again = await site.browser.get("/sign-in", params={"ticket": ticket}, allow_redirects=False)

    assert (first.status, first.headers["Location"], again.status) == (303, "/", 403)
    assert (await site.browser.get(STATUS)).status == 200


async def test_the_cookie_is_for_this_daemon_and_no_script_reads_it(site: Any) -> None:
    ticket = site.sign_ins.ticket(ADA).secret
    answer = await site.browser.get("/sign-in", params={"ticket": ticket}, allow_redirects=False)

    told = answer.headers["Set-Cookie"]
    port = site.address.rpartition(":")[2]
    assert told.startswith(f"chainwright-{port}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(told.split("; "))
    assert "Domain" not in told


async def test_over_https_it_is_bound_to_its_host_by_name(open_site: Any, dist: Any) -> None:
    async with open_site(dist, "https://chains.example.org") as site:
        ticket = site.sign_ins.ticket(ADA).secret
        headers = {"Host": "chains.example.org"}
        answer = await site.browser.get("/sign-in", params={"ticket": ticket}, headers=headers, allow_redirects=False)

        told = answer.headers["Set-Cookie"]
        assert told.startswith("__Host-chainwright=")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(told.split("; "))


async def test_a_browser_that_only_looks_ahead_uses_no_link_up(site: Any) -> None:
    ticket = site.sign_ins.ticket(ADA).secret
    ahead = {"Sec-Purpose": "prefetch;prerender"}

    assert (await site.browser.get("/sign-in", params={"ticket": ticket}, headers=ahead)).status == 409
    await site.browser.head("/sign-in", params={"ticket": ticket})
    assert site.sign_ins.redeem(ticket) == ADA


async def test_the_token_signs_in_too_and_leads_on(site: Any) -> None:
    form = {"token": "right", "next": "/runs/run-a"}

    answer = await site.browser.post("/sign-in", data=form, headers=site.ours, allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (303, "/runs/run-a")
    assert (await site.browser.get(STATUS)).status == 200


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: y", ""])
async def test_nobody_is_led_elsewhere(site: Any, onward: str) -> None:
    form = {"token": "right", "next": onward}

    answer = await site.browser.post("/sign-in", data=form, headers=site.ours, allow_redirects=False)

    assert answer.headers["Location"] == "/"


async def test_a_wrong_token_signs_nobody_in(site: Any) -> None:
    answer = await site.browser.post("/sign-in", data={"token": "wrong"}, headers=site.ours)

    assert (answer.status, len(site.browser.cookie_jar)) == (403, 0)


async def test_each_sign_in_has_a_new_cookie_and_ends_the_one_before(site: Any) -> None:
    before = await site.sign_in()
    after = await site.sign_in()

    assert before != after
    assert (site.sign_ins.of(before), site.sign_ins.of(after) is not None) == (None, True)


async def test_who_signs_out_is_out(site: Any) -> None:
    secret = await site.sign_in()

    answer = await site.browser.post("/api/v1/sign-out", headers=site.ours)

    assert (answer.status, site.sign_ins.of(secret)) == (200, None)
    assert (await site.browser.get(STATUS)).status == 401


async def test_without_a_cookie_the_answer_says_how_to_get_one(site: Any) -> None:
    answer = await site.browser.get(STATUS)

    assert (answer.status, "chainwright dashboard" in (await answer.json())["detail"]) == (401, True)


async def test_who_asks_is_told(site: Any, api: ClientSession) -> None:
    peer = Identity.model_validate(await (await api.get("/api/v1/me")).json())
    token = Identity.model_validate(await (await site.browser.get("/api/v1/me", headers=BEARER)).json())
    await site.sign_in()
    cookie = Identity.model_validate(await (await site.browser.get("/api/v1/me")).json())

    assert [one.proven_by for one in (peer, token, cookie)] == ["peer", "token", "cookie"]
    assert [one.is_owner for one in (peer, token, cookie)] == [True, False, True]
    assert (cookie.name, cookie.expires_at is not None) == ("ada", True)


async def test_who_runs_the_daemon_makes_links_and_nobody_else(site: Any) -> None:
    answer = await site.browser.post("/api/v1/sign-in-links", headers=BEARER)
    assert answer.status == 403

    await site.sign_in()
    made = await site.browser.post("/api/v1/sign-in-links", headers=site.ours)
    link = SignInLink.model_validate(await made.json())
    assert link.url.startswith("http://ours/sign-in?ticket=")


# what other pages may not do

FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    {},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_cookie_changes_nothing_from_a_page_of_others(site: Any, use_cases: Any, headers: Any) -> None:
    await site.sign_in()

    answer = await site.browser.post(CANCEL, headers=headers)

    assert ((await answer.json())["code"], answer.status) == ("denied", 403)
    assert use_cases.asked == []


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_cookie_opens_no_terminal_for_a_page_of_others(site: Any, use_cases: Any, headers: Any) -> None:
    await site.sign_in()

    with pytest.raises(WSServerHandshakeError, match="403"):
        async with site.browser.ws_connect(TERMINAL, headers=headers):
            pass
    assert use_cases.asked == []


async def test_our_own_pages_may(site: Any, make: Any, use_cases: Any) -> None:
    use_cases.link = make.link()
    await site.sign_in()

    assert (await site.browser.post(CANCEL, headers=site.ours)).status == 200
    assert (await site.browser.post(CANCEL, headers={"Origin": site.address})).status == 200
    assert (await site.browser.post(CANCEL, headers={"Sec-Fetch-Site": "same-origin"})).status == 200
    async with site.browser.ws_connect(TERMINAL, headers=site.ours):
        pass


async def test_pages_behind_a_proxy_are_ours_too(open_site: Any, dist: Any) -> None:
    async with open_site(dist, "https://chains.example.org") as site:
        secret, _ = site.sign_ins.begin(ADA)
        headers = {"Cookie": f"__Host-chainwright={secret}", "Host": "chains.example.org"}
        for origin, status in (("https://chains.example.org", 200), ("https://other.example.org", 403)):
            answer = await site.browser.post(CANCEL, headers={**headers, "Origin": origin})
            assert answer.status == status


async def test_a_bearer_token_needs_no_page_and_a_wrong_one_is_not_saved_by_a_cookie(site: Any) -> None:
    await site.sign_in()

    assert (await site.browser.post(CANCEL, headers=BEARER)).status == 200
    assert (await site.browser.post(CANCEL, headers={"Authorization": "Bearer wrong", **site.ours})).status == 401


async def test_a_cookie_that_nobody_gave_is_none(site: Any) -> None:
    port = site.address.rpartition(":")[2]

    answer = await site.browser.get(STATUS, headers={"Cookie": f"chainwright-{port}=guess"})

    assert answer.status == 401
