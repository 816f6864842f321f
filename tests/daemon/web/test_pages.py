"""The dashboard's files, and the page that stands in for them."""

import re
from pathlib import Path
from typing import Any

import pytest

MARKUP = "<script>alert(1)</script>\"'&"


async def asked(site: Any, path: str) -> tuple[int, str]:
    """Status and text of an address that is sent as it is."""
    answer = await site.browser.get(path)
    return answer.status, await answer.text()


@pytest.mark.parametrize("path", ["/", "/runs/run-aaa111/agents/greet", "/chains/team/a.b", "/index.html"])
async def test_the_dashboard_answers_every_address_of_a_page(site: Any, path: str) -> None:
    assert await asked(site, path) == (200, "<!doctype html><title>dashboard</title>")


async def test_hashed_files_never_change_and_the_rest_is_asked_for_anew(site: Any) -> None:
    hashed = await site.browser.get("/assets/index-abc123.js", headers={"Accept-Encoding": "identity"})
    index = await site.browser.get("/")

    assert hashed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert hashed.content_type == "text/javascript"
    assert await hashed.text() == "console.log(1)"
    assert index.headers["Cache-Control"] == "no-cache"
    again = await site.browser.get("/", headers={"If-None-Match": index.headers["ETag"]})
    assert again.status == 304


async def test_a_packed_file_is_sent_to_who_takes_it(site: Any) -> None:
    packed = {"Accept-Encoding": "gzip"}
    async with site.browser.get("/assets/index-abc123.js", headers=packed, auto_decompress=False) as answer:
        assert (answer.headers["Content-Encoding"], await answer.read()) == ("gzip", b"packed")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/none.js",
        "/assets/index-abc123.js.gz",
        "/assets/..%2f..%2fsecret",
        "/assets/../../secret",
        "/api/v1/nothing",
        "/api/v2/runs",
        "/hooks/x",
    ],
)
async def test_what_is_not_there_is_not_found(site: Any, path: str) -> None:
    from yarl import URL  # noqa: PLC0415 - only here an address must not be tidied up

    answer = await site.browser.get(URL(f"{site.address}{path}", encoded=True))

    assert (answer.status, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/%2e%2e/secret", "/..%2fsecret", "/%00", "/a%5c..%5csecret"])
async def test_no_address_leads_out_of_the_folder(site: Any, path: str) -> None:
    from yarl import URL  # noqa: PLC0415

    answer = await site.browser.get(URL(f"{site.address}{path}", encoded=True))

    assert "not for browsers" not in await answer.text()


async def test_pages_may_load_from_here_alone_and_run_nothing_inline(site: Any) -> None:
    headers = (await site.browser.get("/")).headers
    policy = dict(one.split(" ", 1) for one in headers["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")


@pytest.mark.parametrize("path", ["/api/v1/status", "/nothing", "/assets/none.js", "/healthz"])
async def test_what_is_no_page_loads_nothing_whatever_it_is(site: Any, path: str, tmp_path: Path) -> None:
    headers = (await site.browser.post(path)).headers

    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_health_is_for_everybody(site: Any) -> None:
    assert [(await site.browser.get(path)).status for path in ("/healthz", "/readyz")] == [200, 200]


# the plain page


async def test_without_a_dashboard_a_stranger_is_asked_to_sign_in(plain_site: Any) -> None:
    answer = await plain_site.browser.get("/")

    assert answer.url.path == "/sign-in"
    assert "chainwright dashboard" in await answer.text()


async def test_without_a_dashboard_runs_are_shown(plain_site: Any) -> None:
    await plain_site.sign_in()

    status, text = await asked(plain_site, "/")

    assert status == 200
    assert "hello #1" in text
    assert "<script" not in text


async def test_what_comes_from_chains_is_text(plain_site: Any, use_cases: Any, make: Any, approval: Any) -> None:
    use_cases.details = {"r": make.detail(chain=MARKUP, detail=MARKUP)}
    use_cases.listed["approvals"] = [{**approval, "message": MARKUP, "chain": MARKUP, "inputs": {MARKUP: MARKUP}}]
    await plain_site.sign_in()

    _, text = await asked(plain_site, "/plain")

    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;" in text


def fields(text: str, verdict: str) -> dict[str, str]:
    """What a browser sends when a person presses a button of the first form about an approval."""
    form = re.search(r'<form method="post" action="/plain/answers">(.*?)</form>', text, re.S)
    assert form
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1]))
    assert f'name="verdict" value="{verdict}"' in form[1]
    return {**hidden, "comment": "why not", "verdict": verdict}


@pytest.mark.parametrize("verdict", ["approve", "reject"])
async def test_people_answer_with_a_button(plain_site: Any, use_cases: Any, approval: Any, verdict: str) -> None:
    use_cases.listed["approvals"] = [approval]
    await plain_site.sign_in()
    form = fields((await asked(plain_site, "/plain"))[1], verdict)
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}  # what a browser says on a page without referrers

    answer = await plain_site.browser.post("/plain/answers", data=form, headers=headers, allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (303, "/plain")
    ((_, run, said),) = [one for one in use_cases.asked if one[0] == "answer_approval"]
    assert (run, said.verdict, said.agent, said.comment) == ("run-aaa111", verdict, "post", "why not")


async def test_an_answer_that_is_refused_says_why(plain_site: Any, use_cases: Any, approval: Any) -> None:
    use_cases.listed["approvals"] = [{**approval, "run_id": "gone"}]
    await plain_site.sign_in()
    form = fields((await asked(plain_site, "/plain"))[1], "approve")

    answer = await plain_site.browser.post("/plain/answers", data=form, headers=plain_site.ours)

    assert (answer.status, "there is no run gone" in await answer.text()) == (404, True)


async def test_a_form_of_others_answers_nothing(plain_site: Any, use_cases: Any, approval: Any) -> None:
    """Neither from another page, nor without the key of this sign-in, nor without a cookie."""
    use_cases.listed["approvals"] = [approval]
    await plain_site.sign_in()
    form = fields((await asked(plain_site, "/plain"))[1], "approve")
    post, ours = plain_site.browser.post, plain_site.ours

    foreign = await post("/plain/answers", data=form, headers={"Origin": "http://evil.example"})
    keyless = await post("/plain/answers", data={**form, "key": "guess"}, headers=ours)
    plain_site.browser.cookie_jar.clear()
    stranger = await post("/plain/answers", data=form, headers=ours)

    assert [one.status for one in (foreign, keyless, stranger)] == [403] * 3
    assert [one for one in use_cases.asked if one[0] == "answer_approval"] == []


async def test_who_leaves_by_the_page_is_out(plain_site: Any) -> None:
    secret = await plain_site.sign_in()
    _, text = await asked(plain_site, "/plain")
    key = re.search(r'name="key" value="(\w+)"', text)
    assert key

    answer = await plain_site.browser.post("/sign-out", data={"key": key[1]}, headers=plain_site.ours)

    assert (answer.url.path, plain_site.sign_ins.of(secret)) == ("/sign-in", None)


async def test_the_pages_of_a_daemon_without_a_dashboard_find_their_style(plain_site: Any) -> None:
    answer = await plain_site.browser.get("/plain.css")

    assert (answer.status, answer.content_type) == (200, "text/css")
