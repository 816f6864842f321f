"""What moves elsewhere starts chains here: pushes and heads of pull requests of a mirror, and who pushed to a hosted repository."""

import subprocess

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
