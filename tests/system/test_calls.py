"""Chains that call chains: child runs, linked both ways (semantics 27)."""

import json
import signal

PART = """
on: [manual, call]
inputs:
  word: {type: string, required: true}
  gate: {type: string, default: ''}
outputs: {said: '${{ agents.say.outputs.said }}', at: '${{ run.commit }}'}
events: {said: {word: string}}
agents:
  say:
    run: |
      echo "said=$WORD VERSION" >> "$CHAINWRIGHT_OUTPUT"
      chainwright emit said --data "{\\"word\\": \\"$WORD\\"}"
      chainwright emit hidden
      if [ -n "$GATE" ]; then touch "$GATE.$CHAINWRIGHT_RUN_ID"; while [ ! -e "$GATE" ]; do sleep 0.02; done; fi
      if [ "$WORD" = fail ]; then exit 3; fi
    env: {WORD: '${{ inputs.word }}', GATE: '${{ inputs.gate }}'}
    outputs: {said: string}
    emits: {said: {}, hidden: {}}
  hear:
    on: {any: [said, hidden]}
    run: 'true'
"""
CALLER = """
inputs: {word: {type: string, default: hello}, gate: {type: string, default: ''}}
outputs: {all: '${{ agents.part.outputs.said }}'}
agents:
  part:
    uses: chains/part
    with: {word: '${{ inputs.word }}', gate: '${{ inputs.gate }}'}
    emits: said
    retry: {max: 1, delay: 0s, on: [exit]}
  after:
    on: said
    run: cat "$CHAINWRIGHT_EVENT"
"""
FILES = {
    "workflows/asking.yaml": """
on: [manual, call]
agents:
  post: {approval: {}, run: 'true'}
""",
    "workflows/patient.yaml": """
on: [manual, call]
limits: {duration: 1s}
agents:
  part: {uses: chains/asking}
""",
    "workflows/above.yaml": """
limits: {duration: 1s}
agents:
  part: {uses: chains/patient}
""",
    "workflows/hasty.yaml": """
limits: {duration: 1s}
agents:
  part: {run: sleep 300}
""",
    "workflows/part.yaml": PART.replace("VERSION", "one"),
    "workflows/caller.yaml": CALLER,
    "workflows/short.yaml": CALLER.replace("retry:", "timeout: 1s\n    retry:"),
}


def child_of(daemon, run, attempt=-1):
    """The RunDetail of a child, once there is one."""
    attempts = daemon.show(run)["agents"]["part"]["turns"][0]["attempts"]
    return attempts[attempt]["child"] and daemon.show(attempts[attempt]["child"])


def test_outputs_and_declared_events_come_up_and_both_know_each_other(daemon, chainwright):
    run = daemon.ended("caller")
    child = child_of(daemon, run["id"])

    assert (run["outcome"], run["outputs"]) == ("succeeded", {"all": "hello one"})
    assert run["agents"]["part"]["turns"][0]["outputs"]["at"] == run["commit"] == child["commit"]
    assert (child["parent"], child["trigger"]["kind"], child["inputs"]["word"]) == (run["id"], "call", "hello")
    assert child["trigger"]["key"] == daemon.attempt(run, "part")["id"]
    assert [(event["name"], event["data"]) for event in daemon.events(run["id"])] == [("said", {"word": "hello"})]
    assert json.loads(daemon.log(run["id"], "after"))["data"] == {"word": "hello"}
    assert f"run {child['id']}" in chainwright("show", run["id"]).out
    assert f"call of run {run['id']}" in chainwright("show", child["id"]).out
    assert f"call of run {run['id']}" in chainwright("runs").out
    assert f"run {child['id']}" in chainwright("explain", run["id"], "part").out


def test_a_failed_child_is_tried_again_as_another_child(daemon):
    run = daemon.ended("caller", word="fail")
    part = run["agents"]["part"]["turns"][0]

    assert (run["outcome"], part["reason"]) == ("failed", "exit")
    assert len({attempt["child"] for attempt in part["attempts"]}) == 2
    assert daemon.events(run["id"]) == []


def test_cancel_goes_down(daemon, by_and_by, tmp_path):
    run = daemon.run("caller", gate=str(tmp_path / "gate"))
    by_and_by(lambda: list(tmp_path.glob("gate.*")))
    daemon.client.post(f"/runs/{run}/cancel")

    assert daemon.end(run)["outcome"] == "cancelled"
    assert child_of(daemon, run)["outcome"] == "cancelled"


def test_the_time_out_of_the_caller_cancels_the_child(daemon, tmp_path):
    run = daemon.ended("short", gate=str(tmp_path / "gate"))

    assert (run["outcome"], run["agents"]["part"]["reason"]) == ("failed", "timeout")
    assert child_of(daemon, run["id"])["outcome"] == "cancelled"


def test_the_child_has_the_definition_of_its_callers_commit(own_daemon, by_and_by, tmp_path):
    gate = tmp_path / "gate"
    run = own_daemon.run("caller", gate=str(gate))
    by_and_by(lambda: list(tmp_path.glob("gate.*")))
    commit = own_daemon.repository.commit({"workflows/part.yaml": PART.replace("VERSION", "two")})
    by_and_by(lambda: own_daemon.client.items("/deployments")[0]["commit"] == commit)
    own_daemon.client.post(f"/runs/{child_of(own_daemon, run)['id']}/cancel")
    ended = own_daemon.end(run)

    assert (ended["outcome"], ended["agents"]["part"]["outcome"]) == ("failed", "cancelled")
    gate.touch()
    again = own_daemon.client.post(f"/runs/{run}/retry", {"failed": True})
    assert own_daemon.end(again["id"])["outputs"] == {"all": "hello one"}


def test_a_chain_that_is_only_for_callers_is_not_started_by_people(own_daemon, command, by_and_by):
    own_daemon.repository.commit({"workflows/part.yaml": PART.replace("[manual, call]", "call")})
    by_and_by(lambda: command(own_daemon.home, "run", "part", "-i", "word=x").code == 7)


def test_24_the_limit_of_duration_stands_still_while_a_child_waits_for_people(own_daemon, command, by_and_by):
    """Over two levels and the death of the daemon; a run with the same limit and nobody to wait for has ended meanwhile."""
    daemon = own_daemon
    run = daemon.run("above")
    by_and_by(lambda: daemon.show(run)["state"] == "waiting")
    middle = child_of(daemon, run)
    said = daemon.show(run)
    assert (said["reason"], said["detail"]) == ("approval", f"part (run {middle['id']})")
    assert "waits for people" in command(daemon.home, "explain", run, "part").out

    daemon.stop(signal.SIGKILL)
    daemon.start()
    assert daemon.ended("hasty")["outcome"] == "timed_out"
    (waiting,) = daemon.client.items("/approvals")

    assert command(daemon.home, "approve", waiting["run_id"]).code == 0
    assert daemon.end(run)["outcome"] == "succeeded"
