"""Chains that start with pull requests: at their head, by the definition in force, and without secrets (semantics 46)."""

import pytest

FILES = {
    "workflows/reviews.yaml": """
on:
  pull_request:
    branches: [main]
    paths: ['src/**']
    inputs: {number: '${{ event.data.number }}', type: '${{ event.data.type }}', paths: '${{ toJSON(event.data.paths) }}'}
inputs: {number: {type: integer}, type: {type: string}, paths: {type: string}}
outputs: {saw: '${{ agents.look.outputs.saw }}', commit: '${{ run.commit }}'}
agents:
  look:
    outputs: {saw: string}
    run: echo "saw=$(cat src/a.txt)" >>"$CHAINWRIGHT_OUTPUT"
""",
    "workflows/asks.yaml": """
on: [manual, pull_request]
agents:
  ask: {secrets: [TOKEN], run: 'test "$TOKEN" = t0ken-of-the-daemon'}
""",
    "workflows/mourns.yaml": """
on: {chain: {chains: [reviews], branches: ['**']}}
agents: {mourn: {run: 'true'}}
""",
    "workflows/called.yaml": "on: call\nagents: {look: {secrets: [TOKEN], run: 'true'}}\n",
    "workflows/calls.yaml": "on: pull_request\nagents: {call: {uses: chains/called}}\n",
    "src/a.txt": "first",
}


@pytest.fixture(scope="module")
def daemon(daemon):
    """One that has a secret to give."""
    file = daemon.home.root / "secrets.yaml"
    file.touch(0o600)
    file.write_text("TOKEN: t0ken-of-the-daemon\n")
    return daemon


@pytest.fixture
def request_of(daemon):
    """Makes a commit upon main the head of a pull request."""

    def move(number, path, text):
        git = daemon.repository.git
        git("checkout", "--quiet", "--detach", "main")
        commit = daemon.repository.commit({path: text})
        git("checkout", "--quiet", "main")
        git("update-ref", f"refs/pull/{number}/head", commit)
        daemon.client.post("/deployments/reconcile")
        return commit

    return move


@pytest.fixture
def started(daemon, by_and_by):
    """The ended run of a chain that a pull request's head has started."""

    def runs(chain, commit):
        found = daemon.client.get("/runs", chain=chain)["items"]
        return [run for run in found if run["commit"] == commit]

    return lambda chain, commit: daemon.end(by_and_by(lambda: runs(chain, commit))[0]["id"])


def test_a_pull_request_is_looked_at_at_its_head_by_the_definition_in_force(daemon, request_of, started):
    commit = request_of(1, "src/a.txt", "theirs")
    run = started("reviews", commit)

    assert run["outputs"] == {"saw": "theirs", "commit": commit}
    assert run["inputs"] == {"number": 1, "type": "opened", "paths": '[\n  "src/a.txt"\n]'}
    assert (run["trigger"]["kind"], run["definition_commit"]) == (
        "pull_request",
        daemon.repository.git("rev-parse", "main"),
    )


def test_a_head_that_moves_is_told_so(request_of, started):
    started("reviews", request_of(2, "src/a.txt", "once"))
    run = started("reviews", request_of(2, "src/a.txt", "twice"))

    assert (run["inputs"]["type"], run["outputs"]["saw"]) == ("synchronize", "twice")


def test_no_agent_of_it_gets_a_secret_and_none_of_a_called_chain(daemon, request_of, started):
    """46. The same agent has it when a person starts the chain."""
    commit = request_of(3, "docs/a.txt", "x")
    asked, called = started("asks", commit), started("called", commit)

    assert daemon.ended("asks")["outcome"] == "succeeded"
    for run, agent in ((asked, "ask"), (called, "look")):
        attempt = daemon.attempt(run, agent)
        assert (run["outcome"], attempt["reason"]) == ("failed", "secret")
        assert "a run of a pull request gets none" in attempt["detail"]


def test_filters_look_at_what_differs_from_where_it_branched_off(daemon, request_of, started):
    commit = request_of(4, "docs/a.txt", "x")
    started("asks", commit)
    daemon.repository.commit({"src/other.txt": "of main"})
    moved = request_of(5, "src/a.txt", "y")
    started("reviews", moved)

    assert not [run for run in daemon.client.get("/runs", chain="reviews")["items"] if run["commit"] == commit]


def test_its_end_is_of_no_branch(daemon, request_of, started):
    """Else what listens to the ends of runs of main would start with secrets for whoever opens a pull request."""
    run = started("reviews", request_of(6, "src/a.txt", "z"))

    assert run["told"] == []
