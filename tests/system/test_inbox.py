"""`chainwright inbox`: an agent that asks at its terminal is seen, answered, and not called again."""

import json
import signal

from chainwright.schemas.api import RunDetail, RunSummary
from chainwright.schemas.inbox_api import InboxItem

FILES = {
    "workflows/asks.yaml": """
agents:
  login:
    run: |
      echo signing in
      printf 'Password: '
      read -r word
      echo "heard $word"
      sleep 0.1
""",
    "workflows/builds.yaml": "agents:\n  build:\n    run: |\n      echo 'Password: changed for 3 users [y/N]'\n      read -r stop\n",
}


def waiting(daemon, run):
    return [InboxItem.model_validate(one) for one in daemon.client.items("/inbox") if one["run_id"] == run]


def test_a_question_is_found_shown_and_answered(daemon, chainwright, by_and_by, type_into):
    run = daemon.run("asks")
    (item,) = by_and_by(lambda: waiting(daemon, run))
    by_and_by(lambda: daemon.show(run)["attention"])  # the inbox knows it a moment before it is durable
    row = next(row for row in chainwright("inbox").rows if row[0] == run)
    attempt = daemon.attempt(daemon.show(run), "login")
    listed = next(one for one in daemon.client.get("/runs")["items"] if one["id"] == run)

    assert (item.kind, item.agent, item.reason, item.excerpt) == (
        "waiting_input",
        "login",
        "prompt",
        "signing in\nPassword:",
    )
    assert row[-1] == f"chainwright attach {run} login --take-over"
    assert (attempt["attention"]["cause"], listed["attention"]) == ("prompt", 1)
    type_into(run, "login", b"sesame\r")
    ended = daemon.end(run)
    kinds = [entry["kind"] for entry in daemon.client.items(f"/runs/{run}/journal")]

    assert (ended["outcome"], waiting(daemon, run)) == ("succeeded", [])
    assert RunDetail.model_validate(ended).agents["login"].turns[0].attempts[0].attention is None
    assert RunSummary.model_validate(daemon.client.get("/runs")["items"][0]).attention == 0
    assert kinds.count("AttentionRaised") == 1


def test_what_a_build_prints_is_no_question_and_a_restart_forgets_none(own_daemon, command, by_and_by):
    asks, builds = own_daemon.run("asks"), own_daemon.run("builds")
    by_and_by(lambda: own_daemon.show(asks)["attention"])
    own_daemon.stop(signal.SIGKILL)
    own_daemon.start()

    told = [json.loads(line) for line in command(own_daemon.home, "inbox", "--json").out.splitlines()]
    assert [one["run_id"] for one in told] == [asks]
    assert own_daemon.show(builds)["attention"] == 0
    kinds = [entry["kind"] for entry in own_daemon.client.items(f"/runs/{asks}/journal")]
    assert kinds.count("AttentionRaised") == 1
