"""A mirror follows a repository elsewhere, and keeps what is in force when that cannot be reached."""

import subprocess

import pytest

SAY = "agents:\n  say:\n    run: echo version one\n"
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
    someone.commit({"workflows/say.yaml": SAY})
    someone.push("HEAD:trunk")
    return someone


@pytest.fixture
def in_force(elsewhere, configured):
    """What is deployed from the mirror, once a hint has had it fetched."""

    def look():
        return configured.client.post("/deployments/reconcile")["items"][0]

    return look


def test_what_is_elsewhere_is_fetched_deployed_and_run(elsewhere, configured, in_force):
    assert in_force()["commit"] == elsewhere.git("rev-parse", "HEAD")
    second = elsewhere.commit({"workflows/say.yaml": SAY.replace("one", "two")})
    elsewhere.push("HEAD:trunk")

    assert in_force()["commit"] == second
    assert configured.log(configured.ended("say")["id"], "say") == "version two\n"


def test_a_mirror_that_cannot_be_fetched_says_so_and_keeps_what_is_in_force(
    elsewhere, configured, in_force, root, command
):
    commit = in_force()["commit"]
    (root / "elsewhere.git").rename(root / "away.git")

    told = in_force()

    assert told["commit"] == commit
    assert "was not fetched" in told["problem"]
    assert "was not fetched" in command(configured.home, "doctor").out
    (root / "away.git").rename(root / "elsewhere.git")
    assert in_force()["problem"] == ""


def test_a_push_to_a_mirror_is_refused(elsewhere, configured, in_force):
    in_force()
    mirror = configured.client.items("/repositories")[0]
    refused = configured.client

    with pytest.raises(Exception, match="not hosted here"):
        refused.post("/repositories/tools/pushes", {"updates": []})
    assert (mirror["kind"], mirror["url"][:8]) == ("mirror", "file:///")
