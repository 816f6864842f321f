"""Review without a forge: a push to refs/for/… opens a change request, people answer it, merging it deploys it."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.cli.failures import Refused

DANGERS = Path(__file__).parents[2] / "plans" / "three-dangers"
SAY = "agents:\n  say:\n    run: echo version one\n"
POLICY = "approvals:\n  high: {count: 1}\n"
ASKING = "agents:\n  say:\n    run: echo version one\n    secrets: [TOKEN]\n"
FOR = "HEAD:refs/for/main"


def tree(name: str) -> dict[str, str]:
    """The files of one side of a golden plan."""
    folder = DANGERS / name
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def asking(daemon: Any) -> Any:
    """Asks the API as the holder of the token, who is another person than the one that pushes."""
    url = daemon.client.get("/status")["listen"]
    token = daemon.home.token.read_text().strip()

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
def somebody_else(hosting: Any) -> Any:
    return asking(hosting)


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
    straight = pusher.push("HEAD:main")
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
    assert straight.code == 1
    assert "have it reviewed: git push origin HEAD:refs/for/main" in straight.err
    assert own.code == 5
    assert "cannot approve it" in own.err
    assert early.code == 7
    assert "1 more approval" in early.err
    assert (said[0], agreed[0]) == (200, 200)
    assert approved["hindrances"] == []
    assert f"change {number} is at" in again.err
    assert voided.code == 7
    assert somebody_else(f"/changes/{number}/approve")[0] == 200
    assert command(hosting.home, "changes", "merge", str(number)).code == 0
    assert hosting.client.items("/deployments")[0]["commit"] == pusher.git("rev-parse", "HEAD")


def test_a_secret_a_wider_budget_and_a_broken_consumer_are_all_shown_and_ask_for_approval(own_hosting, clone, command):
    pusher = clone(own_hosting.client.items("/repositories")[0]["path"])
    pusher.commit(tree("base"))
    pusher.push("HEAD:main")
    pusher.commit(tree("head"))
    done = pusher.push(FOR)
    shown = command(own_hosting.home, "changes", "show", "1").out
    plan = own_hosting.client.get("/changes/1")["plans"]["main"]

    for read in (done.err, shown):
        assert "[secret-added]" in read
        assert "[budget-raised]" in read
        assert '"edit" listens for "draft.ready", which nobody emits any more' in read
        assert "more approval" in read
    assert {one["rule"] for one in plan["widening"]} >= {"secret-added", "budget-raised"}
    assert [contract for chain in plan["chains"] for contract in chain["contracts"]]
    refused = command(own_hosting.home, "changes", "merge", "1")
    assert refused.code == 7
    assert "2 more approvals of team:security" in refused.err
    assert "1 more approval of team:maintainers" in refused.err


ASKED = """
on:
  pull_request:
    types: [opened, synchronize, closed]
    branches: [main]
    paths: [note]
    inputs: {what: '${{ event.data.type }} ${{ event.data.number }} ${{ event.data.merged }} ${{ event.data.title }}'}
inputs: {what: {type: string}}
agents:
  look: {run: cat note}
  secret: {needs: look, secrets: [TOKEN], run: 'true'}
"""


def test_chains_start_with_change_requests_at_their_head_and_without_secrets(own_hosting, clone, command, by_and_by):
    """46. By the definition in force, not by the one that the change brings."""
    pusher = clone(own_hosting.client.items("/repositories")[0]["path"])
    pusher.commit({"workflows/asked.yaml": ASKED, "note": "base"})
    pusher.push("HEAD:main")
    first = pusher.commit({"note": "one", "workflows/asked.yaml": SAY})
    pusher.push("--push-option=message=Better", FOR)
    second = pusher.commit({"note": "two"})
    pusher.push(FOR)
    pusher.git("checkout", "--quiet", "-B", "other", "origin/main")
    pusher.commit({"elsewhere": "x"})
    pusher.push("--push-option=change=new", FOR)
    command(own_hosting.home, "changes", "close", "2")
    merged = command(own_hosting.home, "changes", "merge", "1")

    def runs():
        found = own_hosting.client.items("/runs", chain="asked")
        return [own_hosting.end(run["id"]) for run in reversed(found)] if len(found) == 2 else []

    (opened, moved) = by_and_by(runs)
    assert merged.code == 0, merged.err
    assert [run["inputs"]["what"] for run in (opened, moved)] == [
        "opened 1 false Better",
        "synchronize 1 false Better",
    ]
    assert [run["commit"] for run in (opened, moved)] == [first, second]
    assert own_hosting.log(moved["id"], "look") == "two"
    assert own_hosting.attempt(moved, "secret")["reason"] == "secret"


def test_what_contradicts_the_branch_is_refused_with_the_files_named(hosting, pusher, clone, change, command):
    number, _ = change({"workflows/say.yaml": SAY, "note": "a"}, {"note": "b"})
    other = clone(hosting.client.items("/repositories")[0]["path"])
    other.commit({"note": "c"})
    other.push("HEAD:main")
    refused = command(hosting.home, "changes", "merge", str(number))

    assert refused.code == 7
    assert "both sides changed note" in refused.err


def test_a_branch_that_has_moved_on_gets_a_commit_with_both_sides(hosting, pusher, clone, change, command):
    number, _ = change({"workflows/say.yaml": SAY, "note": "x"}, {"one": "1"})
    other = clone(hosting.client.items("/repositories")[0]["path"])
    tip = other.commit({"two": "2"})
    other.push("HEAD:main")
    done = command(hosting.home, "changes", "merge", str(number), "-m", "both")
    newest = hosting.client.items("/deployments/history")[0]
    other.git("fetch", "--quiet", "origin")

    assert done.code == 0, done.err
    assert other.git("log", "-1", "--format=%P %s", newest["commit"]) == f"{tip} {pusher.git('rev-parse', 'HEAD')} both"
    assert other.git("show", f"{newest['commit']}:one") == "1"
    assert (newest["message"], newest["in_force"]) == ("both", True)


def test_a_change_to_a_commit_that_nobody_has_pushed_is_not_found(hosting):
    before = hosting.client.items("/changes", state="all")
    with pytest.raises(Refused) as refused:
        hosting.client.post("/repositories/chains/changes", {"ref": "refs/for/main", "head": "a" * 40})

    assert refused.value.code == "not-found"
    assert hosting.client.items("/changes", state="all") == before


@pytest.mark.parametrize("refs", ["HEAD:refs/for/nowhere", "HEAD:refs/changes/1/head", "HEAD~1:refs/for/main"])
def test_what_is_no_change_is_refused(hosting, pusher, refs):
    pusher.commit({"workflows/say.yaml": SAY, "note": refs})
    pusher.commit({"note": "later"})
    pusher.push("HEAD:main")
    before = hosting.client.items("/changes", state="all")

    assert pusher.push(refs).code == 1
    assert hosting.client.items("/changes", state="all") == before


def test_what_does_not_load_is_shown_with_its_place_and_not_merged(change, hosting, command):
    number, read = change({"workflows/say.yaml": SAY}, {"workflows/say.yaml": "agents:\n  say:\n    runs: echo\n"})

    refused = command(hosting.home, "changes", "merge", str(number))

    assert "workflows/say.yaml:3:5: error: " in read
    assert "does not load in main" in refused.err


def test_a_rejected_or_closed_change_is_not_merged(hosting, pusher, change, command, somebody_else):
    number, _ = change({"workflows/say.yaml": SAY, "note": "before"}, {"note": "after"})
    somebody_else(f"/changes/{number}/reject", {"comment": "not so"})
    rejected = command(hosting.home, "changes", "merge", str(number))
    closed = command(hosting.home, "changes", "close", str(number))
    late = command(hosting.home, "changes", "merge", str(number))

    assert "rejected it: not so" in rejected.err
    assert closed.code == 0
    assert f"change {number} is closed: it cannot be merged any more" in late.err
    again = pusher.push(f"--push-option=change={number}", FOR)
    assert again.code == 1
    assert f"change {number} is closed: it cannot be pushed to any more" in again.err


def test_an_approval_of_a_head_that_is_no_more_is_refused(hosting, change, somebody_else):
    number, _ = change({"workflows/say.yaml": SAY, "note": "1"}, {"note": "2"})

    status, problem = somebody_else(f"/changes/{number}/approve", {"head": "0" * 40})

    assert status == 409
    assert "read it again" in problem["detail"]
