"""Review without a forge: a push to refs/for/… opens a change request, people answer it, merging it deploys it."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

SAY = "agents:\n  say:\n    run: echo version one\n"
POLICY = "approvals:\n  high: {count: 1}\n"
ASKING = "agents:\n  say:\n    run: echo version one\n    secrets: [TOKEN]\n"
FOR = "HEAD:refs/for/main"


@pytest.fixture
def somebody_else(hosting: Any) -> Any:
    """Asks the API as the holder of the token, who is another person than the one that pushes."""
    url = hosting.client.get("/status")["url"]
    token = hosting.home.token.read_text().strip()

    def ask(path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{url}/api/v1{path}", json.dumps(body or {}).encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    return ask


@pytest.fixture
def change(hosting: Any, pusher: Any) -> Any:
    """Opens a change request with these files on top of a base with those; gives its number and what the pusher read."""

    def make(base: dict[str, str | None], files: dict[str, str | None]) -> tuple[int, str]:
        pusher.commit(base)
        assert pusher.push("HEAD:main").code == 0
        pusher.commit(files)
        done = pusher.push("--push-option=change=new", FOR)
        assert done.code == 0, done.err
        newest = hosting.client.items("/changes")[0]
        assert newest["head"] == pusher.git("rev-parse", "HEAD")
        return newest["number"], done.err

    return make


def test_a_change_that_widens_nothing_is_opened_shown_and_merged(hosting, pusher, change, command):
    number, read = change({"workflows/say.yaml": SAY}, {"workflows/say.yaml": SAY.replace("one", "two")})
    before = hosting.client.items("/deployments")[0]["commit"]
    shown = command(hosting.home, "changes", "show", str(number)).out
    diff = command(hosting.home, "changes", "diff", str(number)).out
    head = pusher.git("rev-parse", "HEAD")

    merged = command(hosting.home, "changes", "merge", str(number))

    assert f"change {number} opened" in read
    assert "plan: " in read
    assert "nothing is in its way" in read
    assert "opened" in shown
    assert "+    run: echo version two" in diff
    assert before != head
    assert merged.code == 0, merged.err
    assert hosting.client.items("/deployments")[0]["commit"] == head
    assert hosting.log(hosting.ended("say")["id"], "say") == "version two\n"
    assert hosting.client.get(f"/changes/{number}")["state"] == "merged"
    assert pusher.git("ls-remote", "origin", "refs/for/*") == ""
    assert pusher.git("ls-remote", "origin", f"refs/changes/{number}/head").split()[0] == head


def test_an_approval_is_asked_of_another_person_and_for_the_head_as_it_is(
    hosting, pusher, change, command, somebody_else
):
    base = {"workflows/say.yaml": SAY, ".chainwright/policy.yaml": POLICY}
    number, read = change(base, {"workflows/say.yaml": ASKING})
    own = command(hosting.home, "changes", "approve", str(number))
    early = command(hosting.home, "changes", "merge", str(number))
    said = somebody_else(f"/changes/{number}/comments", {"text": "looks right"})
    agreed = somebody_else(f"/changes/{number}/approve")
    approved = hosting.client.get(f"/changes/{number}")
    pusher.commit({"note": "more"})
    again = pusher.push(FOR)
    voided = command(hosting.home, "changes", "merge", str(number))

    assert "secret" in read
    assert "in its way: 1 more approval" in read
    assert own.code == 5
    assert "cannot approve it" in own.err
    assert early.code == 4
    assert "1 more approval" in early.err
    assert (said[0], agreed[0]) == (200, 200)
    assert approved["hindrances"] == []
    assert f"change {number} is at" in again.err
    assert voided.code == 4
    assert somebody_else(f"/changes/{number}/approve")[0] == 200
    assert command(hosting.home, "changes", "merge", str(number)).code == 0
    assert hosting.client.items("/deployments")[0]["commit"] == pusher.git("rev-parse", "HEAD")
    pusher.commit({".chainwright/policy.yaml": None})
