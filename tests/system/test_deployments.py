"""A push is deployed when it is valid, refused with its place when not, and a repository that vanishes changes nothing."""

import json

import pytest

ONE = "agents:\n  say:\n    run: echo version one\n"
TWO = ONE.replace("one", "two")
PINNED = """
agents:
  early:
    run: cat words; read line
  late:
    needs: early
    run: cat words; echo late one
"""
FILES = {"workflows/say.yaml": ONE, "workflows/pinned.yaml": PINNED, "words": "first\n"}


@pytest.fixture
def pushed(daemon, by_and_by):
    """Commits files; returns once their commit is in force."""

    def push(files):
        commit = daemon.repository.commit(files)
        by_and_by(lambda: daemon.client.items("/deployments")[0]["commit"] == commit, 5)
        return commit

    return push


def test_a_push_is_in_force_within_seconds(daemon, pushed):
    pushed({"workflows/say.yaml": ONE})
    commit = pushed({"workflows/say.yaml": TWO})

    detail = daemon.ended("say")

    assert detail["commit"] == commit
    assert daemon.log(detail["id"], "say") == "version two\n"


def test_a_run_in_flight_stays_with_its_commit(daemon, pushed, type_into):
    first = pushed({"workflows/pinned.yaml": PINNED, "words": "first\n"})
    run = daemon.run("pinned")
    daemon.begun(run, "early", "first")
    pushed({"workflows/pinned.yaml": PINNED.replace("late one", "late two"), "words": "second\n"})
    type_into(run, "early", b"go\r")

    detail = daemon.end(run)

    assert detail["commit"] == first
    assert daemon.log(run, "late") == "first\nlate one\n"


def test_an_invalid_commit_is_answered_with_its_place_and_never_in_force(daemon, pushed, chainwright, by_and_by):
    good = pushed({"workflows/say.yaml": ONE})
    bad = daemon.repository.commit({"workflows/say.yaml": "agents:\n  say:\n    runs: echo\n"})
    refused = by_and_by(lambda: daemon.client.items("/deployments")[0]["refused"])

    done = chainwright("deployments")

    assert refused["commit"] == bad
    assert any(line.startswith("workflows/say.yaml:3:5: error: ") for line in refused["diagnostics"])
    assert "workflows/say.yaml:3:5: error: " in done.err
    assert daemon.client.items("/deployments")[0]["commit"] == good
    assert daemon.log(daemon.ended("say")["id"], "say") == "version one\n"
    assert "workflows/say.yaml:" in chainwright("doctor").out
    pushed({"workflows/say.yaml": ONE})
    assert daemon.client.items("/deployments")[0]["refused"] is None


def test_one_bad_file_refuses_the_whole_commit(daemon, pushed, chainwright, by_and_by):
    good = pushed({"workflows/say.yaml": ONE})
    daemon.repository.commit({"workflows/say.yaml": TWO, "workflows/bad.yaml": "agents: 7\n"})
    by_and_by(lambda: daemon.client.items("/deployments")[0]["refused"])

    assert daemon.client.items("/deployments")[0]["commit"] == good
    assert daemon.log(daemon.ended("say")["id"], "say") == "version one\n"
    pushed({"workflows/bad.yaml": None})


def test_a_repository_that_vanishes_leaves_the_last_deployment_in_force(daemon, pushed, chainwright, by_and_by):
    commit = pushed({"workflows/say.yaml": ONE})
    away = daemon.repository.path.with_name("away")
    daemon.repository.path.rename(away)
    problem = by_and_by(lambda: daemon.client.items("/deployments")[0]["problem"])

    detail = daemon.ended("say")

    assert (detail["outcome"], detail["commit"]) == ("succeeded", commit)
    assert str(daemon.repository.path) in problem
    assert problem in chainwright("deployments").out
    doctor = chainwright("doctor")
    assert doctor.code == 1
    assert problem in doctor.out
    away.rename(daemon.repository.path)
    by_and_by(lambda: not daemon.client.items("/deployments")[0]["problem"])
    assert chainwright("doctor").code == 0


def test_json_names_every_chain_in_force(daemon, pushed, chainwright):
    pushed({"workflows/say.yaml": ONE})

    (told,) = [json.loads(line) for line in chainwright("deployments", "--reconcile", "--json").out.splitlines()]

    assert told["chains"] == ["pinned", "say"]
    assert told["problem"] == ""


def test_commits_that_did_not_load_stay_on_record(own_daemon, command):
    broken = own_daemon.repository.commit({"workflows/broken.yaml": "agents: {x: {runs: y}}\n"})
    own_daemon.client.post("/deployments/reconcile")
    own_daemon.repository.commit({"workflows/broken.yaml": None})
    own_daemon.client.post("/deployments/reconcile")
    told = command(own_daemon.home, "deployments", "--refused")

    assert own_daemon.client.items("/deployments")[0]["refused"] is None
    assert broken[:10] in told.out
    assert "workflows/broken.yaml:1:10: error: " in told.out
