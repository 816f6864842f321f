"""`chainwright approvals`, `approve` and `reject`: an agent starts when people agree, whatever happens to the daemon meanwhile."""

import getpass
import json
import signal

import pytest

FILES = {
    "workflows/post.yaml": """
inputs:
  title: {type: string, default: News}
agents:
  post:
    approval: {by: [ACTOR], timeout: 1h, message: 'Post "${{ inputs.title }}"?'}
    env: {TITLE: '${{ inputs.title }}'}
    run: |
      echo "posted $TITLE"
      cat "${CHAINWRIGHT_FEEDBACK:-/dev/null}"
  sorry:
    on: post.failed
    run: cat "$CHAINWRIGHT_EVENT"
""".replace("ACTOR", getpass.getuser()),
    "workflows/others.yaml": """
agents:
  post: {approval: {by: somebody-else}, run: 'true'}
""",
    "workflows/team.yaml": """
agents:
  post: {approval: {by: ['team:editors']}, run: 'true'}
""",
    "workflows/matrix.yaml": """
agents:
  post:
    strategy: {matrix: {place: [blog, forum]}}
    approval: {}
    uses: agents/poster
    with: {where: '${{ matrix.place }}.example'}
""",
    "workflows/agents/poster.yaml": """
inputs: {where: {type: string, required: true}}
run: echo "$INPUT_WHERE"
""",
    "workflows/brief.yaml": """
agents:
  post: {approval: {timeout: 0.2s}, run: 'true'}
""",
    "workflows/patient.yaml": """
limits: {duration: 1s}
agents:
  post: {approval: {}, run: 'true'}
""",
    "workflows/hasty.yaml": """
limits: {duration: 1s}
agents:
  post: {run: sleep 300}
""",
}


def waits(daemon, run, agent="post"):
    return daemon.show(run)["agents"][agent]["state"] == "waiting"


def test_an_agent_waits_and_starts_when_it_is_approved(daemon, chainwright):
    run = daemon.run("post", title="Spring")
    detail = daemon.show(run)
    assert (detail["state"], detail["reason"], detail["detail"]) == ("waiting", "approval", "post")
    assert detail["agents"]["post"]["turns"][0]["attempts"] == []

    (waiting,) = [json.loads(line) for line in chainwright("approvals", "--json").out.splitlines()]
    assert (waiting["run_id"], waiting["agent"], waiting["message"]) == (run, "post", 'Post "Spring"?')

    done = chainwright("approve", run, "post", "--comment", "mind the title")

    assert (done.code, done.out.strip()) == (0, run)
    assert daemon.end(run)["outcome"] == "succeeded"
    assert daemon.log(run, "post").splitlines() == ["posted Spring", "mind the title"]
    assert chainwright("approvals").out == ""


def test_24_of_a_matrix_the_inputs_of_its_legs_are_what_is_approved(daemon, chainwright):
    run = daemon.run("matrix")

    (waiting,) = [one for one in daemon.client.items("/approvals") if one["run_id"] == run]
    assert (waiting["inputs"], waiting["legs_count"]) == ({}, 2)
    assert [leg["inputs"] for leg in waiting["legs"]] == [{"where": "blog.example"}, {"where": "forum.example"}]
    assert "where=forum.example" in chainwright("approvals").out

    chainwright("approve", run)
    assert daemon.end(run)["outcome"] == "succeeded"


def test_a_rejection_fails_the_agent_with_its_comment(daemon, chainwright):
    run = daemon.run("post")

    assert chainwright("reject", run, "-m", "too early").code == 0

    detail = daemon.end(run)
    post = detail["agents"]["post"]
    assert (detail["outcome"], post["outcome"], post["reason"]) == ("failed", "failed", "rejected")
    assert post["detail"] == f"by {getpass.getuser()}: too early"
    assert json.loads(daemon.log(run, "sorry"))["data"]["comment"] == "too early"


def test_who_is_not_asked_is_denied(daemon, chainwright):
    run = daemon.run("others")

    done = chainwright("approve", run)

    assert done.code == 5
    assert "somebody-else" in done.err
    assert waits(daemon, run)


def test_until_there_are_teams_the_owner_stands_for_them(daemon, chainwright):
    run = daemon.run("team")

    assert chainwright("approve", run).code == 0
    assert daemon.end(run)["outcome"] == "succeeded"


def test_what_does_not_wait_is_a_conflict(daemon, chainwright):
    run = daemon.run("team")
    chainwright("approve", run)
    daemon.end(run)

    assert chainwright("approve", run).code == 7


def test_nobody_answers_in_time(daemon):
    assert daemon.ended("brief")["agents"]["post"]["reason"] == "rejected"


def test_explain_says_who_is_waited_for_and_what_to_do(daemon, chainwright):
    run = daemon.run("others")

    told = chainwright("explain", run, "post").out

    assert "waiting (approval): by somebody-else" in told
    assert f"chainwright approve {run} post" in told


def test_cancel_withdraws_the_question(daemon, chainwright):
    run = daemon.run("others")

    chainwright("cancel", run)

    assert daemon.end(run)["outcome"] == "cancelled"
    assert run not in chainwright("approvals").out


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_24_it_survives_the_daemon(own_daemon, command, number):
    daemon = own_daemon
    run = daemon.run("post")
    (before,) = daemon.client.items("/approvals")
    daemon.stop(number)
    daemon.start()

    (after,) = daemon.client.items("/approvals")
    assert after == before
    assert command(daemon.home, "approve", run, "-m", "still fine").code == 0
    assert daemon.end(run)["outcome"] == "succeeded"
    assert "still fine" in daemon.log(run, "post")


def test_24_the_due_time_passes_while_the_daemon_is_away(own_daemon):
    daemon = own_daemon
    run = daemon.run("brief")
    daemon.stop(signal.SIGKILL)
    daemon.start()

    assert daemon.end(run)["agents"]["post"]["reason"] == "rejected"


def test_24_the_limit_of_duration_stands_still(daemon, chainwright):
    """The same limit has ended a run that was started later and has nobody to wait for: so long did this one wait."""
    run = daemon.run("patient")
    assert daemon.ended("hasty")["outcome"] == "timed_out"

    chainwright("approve", run)

    assert daemon.end(run)["outcome"] == "succeeded"
