"""What moves elsewhere starts chains here: pushes and heads of pull requests of a mirror, and who pushed to a hosted repository."""

import subprocess
import urllib.error
import urllib.request

import pytest

CHAINS = {
    "workflows/pushed.yaml": """
on:
  push: {branches: [topic], inputs: {who: '${{ event.source.actor }}'}}
inputs: {who: {type: json}}
agents: {say: {run: 'cat mark; echo by "$CHAINWRIGHT_COMMIT"'}}
""",
    "workflows/asked.yaml": """
on: {pull_request: {branches: [trunk], inputs: {number: '${{ event.data.number }}'}}}
inputs: {number: {type: integer}}
agents: {say: {run: cat mark}}
""",
    "mark": "first",
}
CONFIG = """
repositories:
  tools:
    url: file://{root}/elsewhere.git
    poll_s: 3600
"""


@pytest.fixture
def elsewhere(root, clone):
    """Somebody with a clone of the repository that is mirrored."""
    path = root / "elsewhere.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=trunk", str(path)], check=True)
    someone = clone(str(path))
    someone.commit(CHAINS)
    someone.push("HEAD:trunk", "HEAD:topic", "HEAD:refs/pull/1/head")
    return someone


def test_a_hint_from_anybody_has_a_mirror_fetched(elsewhere, configured, by_and_by):
    """It is looked at once an hour otherwise. What is sent is not read."""
    url = configured.client.get("/status")["listen"]
    configured.client.post("/deployments/reconcile")
    commit = elsewhere.commit({"mark": "hinted"})
    elsewhere.push("HEAD:topic")

    assert hint(f"{url}/hooks/fetch/tools") == 202
    assert by_and_by(lambda: [run["commit"] for run in configured.client.get("/runs", chain="pushed")["items"]]) == [
        commit
    ]
    assert [hint(f"{url}/hooks/fetch/{name}") for name in ("none", "%2e%2e")] == [404, 404]


def hint(url):
    """The status that a delivery of a forge is answered with."""
    request = urllib.request.Request(url, b'{"ref": "ext::sh"}', {"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_what_moves_after_the_first_fetch_starts_chains(elsewhere, configured, by_and_by):
    """The first fetch brings branches and pull requests that have been there before: nothing of that has moved."""
    configured.client.post("/deployments/reconcile")
    commit = elsewhere.commit({"mark": "second"})
    elsewhere.push("HEAD:topic", "HEAD:refs/pull/2/head")
    configured.client.post("/deployments/reconcile")

    runs = by_and_by(lambda: len(found := configured.client.get("/runs")["items"]) == 2 and found)
    ended = {run["chain"]: configured.end(run["id"]) for run in runs}
    assert {run["commit"] for run in runs} == {commit}
    assert (ended["pushed"]["inputs"], ended["asked"]["inputs"]) == ({"who": None}, {"number": 2})
    assert configured.log(ended["asked"]["id"], "say").strip() == "second"
