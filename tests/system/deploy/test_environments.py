"""Environments: branches of one repository, put in force, rolled back and promoted by themselves."""

import pytest

CONFIG = """
repositories:
  chains:
    environments:
      main: {}
      production: {branch: production}
      nightly: {folder: nightly/chains}
"""
SAY = "agents:\n  say:\n    run: echo version one\n"
WAIT = "agents:\n  wait:\n    run: read line; cat note\n"


@pytest.fixture
def pusher(configured, clone):
    return clone(configured.client.items("/repositories")[0]["path"])


@pytest.fixture
def in_force(configured):
    """The commit of an environment."""

    def of(environment):
        found = configured.client.items("/deployments")
        return next(one["commit"] for one in found if one["environment"] == environment)

    return of


def test_each_environment_follows_its_own_branch_and_folder(configured, pusher, in_force):
    one = pusher.commit({"workflows/say.yaml": SAY, "nightly/chains/tidy.yaml": SAY})
    pusher.push("HEAD:main")
    two = pusher.commit({"workflows/say.yaml": SAY.replace("one", "two")})
    pusher.push("HEAD:production")

    assert [in_force(name) for name in ("main", "production", "nightly")] == [one, two, one]
    run = configured.client.post("/runs", {"chain": "say", "environment": "production"})
    assert configured.log(configured.end(run["id"])["id"], "say") == "version two\n"
    run = configured.client.post("/runs", {"chain": "tidy", "environment": "nightly"})
    assert configured.end(run["id"])["environment"] == "nightly"


def test_a_rollback_stays_until_the_branch_moves_and_runs_in_flight_keep_their_commit(
    configured, pusher, in_force, command, by_and_by
):
    first = pusher.commit({"workflows/wait.yaml": WAIT, "note": "first"})
    pusher.push("HEAD:main")
    second = pusher.commit({"note": "second"})
    pusher.push("HEAD:main")
    run = configured.run("wait")
    configured.begun(run, "wait")

    done = command(configured.home, "rollback", "--message", "second is broken")

    assert (done.code, done.out.strip()) == (0, first)
    assert f"1 run still on {second[:10]}" in done.err
    assert pusher.git("ls-remote", "origin", "refs/chains/deployed/main").split()[0] == first
    assert configured.show(run)["commit"] == second
    configured.stop()
    configured.start()
    configured.client.post("/deployments/reconcile")
    assert in_force("main") == first
    newest = configured.client.items("/deployments/history")[0]
    assert (newest["cause"], newest["message"], newest["head"]) == ("rollback", "second is broken", second)
    third = pusher.commit({"note": "third"})
    pusher.push("HEAD:main")
    assert in_force("main") == third


def test_a_rollback_leads_to_a_deployments_number_a_commit_or_nowhere(configured, pusher, in_force, command):
    commits = [pusher.commit({"workflows/say.yaml": SAY, "note": name}) for name in "ab"]
    for commit in commits:
        pusher.push(f"{commit}:refs/heads/main")
    number = configured.client.items("/deployments/history")[-1]["id"]

    assert command(configured.home, "rollback", str(number)).out.strip() == commits[0]
    assert command(configured.home, "rollback", commits[1][:9]).out.strip() == commits[1]
    gone = command(configured.home, "rollback", "nowhere")
    assert gone.code == 4
    assert "nowhere" in gone.err
    assert in_force("main") == commits[1]


def test_a_promotion_moves_the_branch_of_the_other_environment(configured, pusher, in_force, command):
    commit = pusher.commit({"workflows/say.yaml": SAY})
    pusher.push("HEAD:main")

    done = command(configured.home, "promote", "main", "production")

    assert (done.code, done.out.strip()) == (0, commit)
    assert in_force("production") == commit
    assert pusher.git("ls-remote", "origin", "production").split()[0] == commit


def test_a_chain_that_is_renamed_keeps_its_history_by_its_id_and_one_that_is_removed_keeps_it_too(configured, pusher):
    pusher.commit({"workflows/say.yaml": f"id: talk\n{SAY}"})
    pusher.push("HEAD:main")
    configured.ended("talk")
    pusher.commit({"workflows/say.yaml": None, "workflows/new/talk.yaml": f"id: talk\n{SAY}"})
    pusher.push("HEAD:main")
    second = configured.ended("talk")
    pusher.commit({"workflows/new/talk.yaml": None, "workflows/say.yaml": SAY})
    pusher.push("HEAD:main")

    assert second["number"] == 2
    assert len(configured.client.get("/runs", chain="talk")["items"]) == 2
    assert [one["id"] for one in configured.client.items("/chains")] == ["say"]
