"""`uses: git+<url>//<path>@<commit>`: fetched while deploying, pinned in the run, and not needed again."""

import subprocess

import pytest

AGENT = 'inputs: {who: {type: string, required: true}}\noutputs: {said: string}\nrun: |\n  echo "said=hello $INPUT_WHO" >> "$CHAINWRIGHT_OUTPUT"\n'
CHAIN = """
agents:
  greet:
    uses: {uses}
    with: {{who: Ada}}
  tell:
    needs: greet
    run: echo "$SAID"
    env: {{SAID: '${{{{ needs.greet.outputs.said }}}}'}}
"""


@pytest.fixture
def elsewhere(tmp_path):
    """Another repository with an agent; gives the reference to it at its commit."""
    folder = tmp_path / "elsewhere"
    (folder / "agents").mkdir(parents=True)
    (folder / "agents/greet.yaml").write_text(AGENT)
    git = ("git", "-C", str(folder), "-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "An agent")):
        subprocess.run([*git, *words], check=True, timeout=20)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True, timeout=20).stdout
    return folder, f"git+file://{folder}//agents/greet@{commit.strip()}"


def test_it_runs_and_its_repository_may_go(own_daemon, command, elsewhere, by_and_by):
    daemon = own_daemon
    folder, uses = elsewhere
    commit = daemon.repository.commit({"workflows/remote.yaml": CHAIN.format(uses=uses)})
    by_and_by(lambda: daemon.client.items("/deployments")[0]["commit"] == commit)
    first = daemon.ended("remote")
    folder.rename(folder.with_name("gone"))
    daemon.stop()
    daemon.start()

    commit = daemon.repository.commit({"workflows/more.yaml": CHAIN.format(uses=uses)})
    by_and_by(lambda: daemon.client.items("/deployments")[0]["commit"] == commit)
    again = daemon.ended("more")

    assert [daemon.log(run["id"], "tell") for run in (first, again)] == ["hello Ada\n"] * 2
    assert uses in command(daemon.home, "graph", "remote", "--json").out
    linted = command(daemon.home, "lint", str(daemon.repository.path))
    assert (linted.code, linted.out) == (0, "")


def test_one_that_cannot_be_fetched_refuses_the_commit_until_it_can(own_daemon, command, elsewhere, by_and_by):
    daemon = own_daemon
    good = daemon.client.items("/deployments")[0]["commit"]
    folder, uses = elsewhere
    folder.rename(folder.with_name("away"))
    commit = daemon.repository.commit({"workflows/remote.yaml": CHAIN.format(uses=uses)})
    refused = by_and_by(lambda: daemon.client.items("/deployments")[0]["refused"])
    linted = command(daemon.home, "lint", str(daemon.repository.path))

    assert refused["diagnostics"][0].startswith("workflows/remote.yaml:4:11: error: ")
    assert "could not be fetched" in refused["diagnostics"][0]
    assert daemon.client.items("/deployments")[0]["commit"] == good
    assert (linted.code, "[remote-unfetched]" in linted.out) == (0, True)

    folder.with_name("away").rename(folder)
    done = command(daemon.home, "deployments", "--reconcile", "--json")

    assert commit in done.out
    assert daemon.client.items("/deployments")[0]["refused"] is None


def test_lint_fetches_when_it_is_told_to(daemon, command, elsewhere, tmp_path):
    _, uses = elsewhere
    chain = tmp_path / "workflows/remote.yaml"
    chain.parent.mkdir()
    chain.write_text(CHAIN.format(uses=uses).replace("who: Ada", "whom: Ada"))

    before, fetched, after = (command(daemon.home, "lint", str(chain), *options) for options in ((), ("--fetch",), ()))

    assert (before.code, fetched.code, after.code) == (0, 3, 3)
    assert "[remote-unfetched]" in before.out
    assert "[input-missing]" in fetched.out
    assert after.out == fetched.out
