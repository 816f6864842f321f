"""`chainwright retry --failed`, `--from`, `--on-new-definition`: a new run that keeps what need not be done again (semantics 28)."""

import json

import pytest

CHAIN = """
inputs: {words: {type: json, required: true}, gate: {type: string, required: true}}
env: {EVERYONE: 'run ${{ run.id }}'}
agents:
  plan:
    run: |
      echo "n=$RANDOM" >> "$CHAINWRIGHT_OUTPUT"
      chainwright emit planned --data "{\\"at\\": \\"$(date +%N)\\"}"
    outputs: {n: integer}
    emits: [planned]
  work:
    on: planned
    uses: agents/tell
    with: {words: '${{ inputs.words }}', data: '${{ event.data }}'}
    env: {GATE: '${{ inputs.gate }}'}
  after:
    needs: [plan, work]
    uses: agents/tell
    with: {words: '${{ needs.plan.outputs.n }}', data: '${{ needs.work.outputs.found }}'}
    env: {GATE: '${{ inputs.gate }}.after'}
"""
TELL = """
inputs: {words: {type: json}, data: {type: json}}
run: |
  env | grep -v -e ^CHAINWRIGHT -e ^GITHUB_ -e ^_= -e PWD= -e ^PATH= | sort
  echo "inputs $(cat "$CHAINWRIGHT_INPUTS")"
  test -z "${CHAINWRIGHT_EVENT:-}" || echo "event $(cat "$CHAINWRIGHT_EVENT")"
  echo "commit $CHAINWRIGHT_COMMIT, turn $CHAINWRIGHT_TURN, by VERSION"
  cat workflows/agents/tell.yaml
  echo "found=VERSION" >> "$CHAINWRIGHT_OUTPUT"
  test -e "$GATE"
outputs: {found: string}
"""
LEGS = """
inputs: {gate: {type: string, required: true}}
agents:
  work:
    strategy: {matrix: {n: [1, 2, 3]}, fail-fast: false}
    env: {N: '${{ matrix.n }}', GATE: '${{ inputs.gate }}'}
    run: |
      echo "by=$CHAINWRIGHT_RUN_ID" >> "$CHAINWRIGHT_OUTPUT"
      echo "$N" > "file$N"; echo "made=file$N" >> "$CHAINWRIGHT_OUTPUT"
      [ "$N" != 2 ] || test -e "$GATE"
    outputs: {by: string, made: file}
  sum:
    needs: work
    env: {LEGS: '${{ toJSON(needs.work.legs) }}', FIRST: '${{ needs.work.legs[0].outputs.made }}'}
    run: cat "$FIRST"; echo "$LEGS"
"""
FILES = {
    "workflows/legs.yaml": LEGS,
    "workflows/line.yaml": CHAIN,
    "workflows/agents/tell.yaml": TELL.replace("VERSION", "one"),
}
WORDS = {"text": "Grüße, 'quoted' \"twice\"", "numbers": [1, 2.5, 1e100, -0.0], "none": None}


@pytest.fixture
def broken(own_daemon, tmp_path):
    """A run whose `work` has failed, and the gate that would have let it pass."""
    gate = tmp_path / "gate"
    detail = own_daemon.ended("line", words=WORDS, gate=str(gate))
    assert detail["agents"]["work"]["outcome"] == "failed"
    return detail, gate


def retried(daemon, command, run, *options):
    """The RunDetail of a retry at its end."""
    done = command(daemon.home, "retry", run, *options, "--json")
    assert done.code == 0, done.err
    return daemon.end(json.loads(done.out)["id"])


def deploy(daemon, by_and_by, files):
    commit = daemon.repository.commit(files)
    by_and_by(lambda: daemon.client.items("/deployments")[0]["commit"] == commit)
    return commit


def test_i10_a_turn_that_is_done_again_sees_the_very_same(own_daemon, command, by_and_by, broken):
    """Environment, inputs, event, commit, workspace and outputs of others, after another definition came into force."""
    daemon, (first, gate) = own_daemon, broken
    deploy(daemon, by_and_by, {"workflows/agents/tell.yaml": TELL.replace("VERSION", "two")})
    gate.touch()

    again = retried(daemon, command, first["id"], "--failed")

    assert daemon.log(again["id"], "work", raw=True) == daemon.log(first["id"], "work", raw=True)
    assert f"EVERYONE=run {first['id']}" in daemon.log(again["id"], "work")
    assert (again["commit"], again["inputs"]) == (first["commit"], first["inputs"])
    assert again["agents"]["plan"]["turns"][0]["outputs"] == first["agents"]["plan"]["turns"][0]["outputs"]
    third_gate = gate.with_suffix(".after")
    third_gate.touch()
    last = retried(daemon, command, again["id"], "--failed")
    assert last["outcome"] == "succeeded"
    assert daemon.log(last["id"], "after", raw=True) == daemon.log(again["id"], "after", raw=True)


def test_kept_turns_are_not_done_again_and_say_where_they_were(own_daemon, command, broken):
    daemon, (first, gate) = own_daemon, broken
    gate.touch()

    again = retried(daemon, command, first["id"], "--failed")
    plan = again["agents"]["plan"]["turns"][0]

    assert (plan["attempts"], plan["adopted_from"]) == ([], first["id"])
    assert [event["fate"] for event in daemon.events(again["id"])] == ["adopted"]
    assert f"kept from run {first['id']}" in command(daemon.home, "show", again["id"]).out
    assert f"kept from run {first['id']}" in command(daemon.home, "explain", again["id"], "plan").out
    told = command(daemon.home, "logs", again["id"], "plan")
    assert (told.code, f"logs {first['id']} plan" in told.err) == (4, True)


def test_both_runs_know_each_other_and_the_first_is_sealed(own_daemon, command, broken):
    daemon, (first, _) = own_daemon, broken
    sealed = daemon.client.items(f"/runs/{first['id']}/journal")

    again = retried(daemon, command, first["id"], "--failed")

    assert again["retry_of"] == first["id"]
    assert daemon.show(first["id"])["retries"] == [again["id"]]
    assert daemon.client.items(f"/runs/{first['id']}/journal") == sealed
    assert f"retried by {again['id']}" in command(daemon.home, "show", first["id"]).out
    assert f"retry of {first['id']}" in command(daemon.home, "runs").out


def test_from_an_agent_on_what_it_fed_is_done_again(own_daemon, command, broken):
    daemon, (first, gate) = own_daemon, broken
    gate.touch()

    again = retried(daemon, command, first["id"], "--from", "plan")

    assert all(turn["adopted_from"] is None for agent in again["agents"].values() for turn in agent["turns"])


def test_a_new_definition_goes_on_with_what_is_kept(own_daemon, command, by_and_by, broken):
    daemon, (first, gate) = own_daemon, broken
    commit = deploy(daemon, by_and_by, {"workflows/agents/tell.yaml": TELL.replace("VERSION", "two")})
    gate.touch()

    again = retried(daemon, command, first["id"], "--failed", "--on-new-definition")

    assert (again["commit"], again["inputs"]) == (commit, first["inputs"])
    assert "by two" in daemon.log(again["id"], "work")
    assert again["agents"]["plan"]["turns"][0]["adopted_from"] == first["id"]


def test_what_does_not_fit_the_new_definition_is_refused_with_the_reason(own_daemon, command, by_and_by, broken):
    daemon, (first, _) = own_daemon, broken
    deploy(daemon, by_and_by, {"workflows/line.yaml": CHAIN.replace("{n: integer}", "{n: boolean}")})

    done = command(daemon.home, "retry", first["id"], "--failed", "--on-new-definition")

    assert done.code == 7
    assert 'output "n" of agent "plan": true or false is expected' in done.err


def test_only_a_run_with_failures_has_failures_to_retry(daemon, chainwright, tmp_path):
    for name in ("gate", "gate.after"):
        (tmp_path / name).touch()
    first = daemon.ended("line", words=WORDS, gate=str(tmp_path / "gate"))

    done = chainwright("retry", first["id"], "--failed")

    assert done.code == 7
    assert "nothing of it failed" in done.err


def test_an_agent_that_does_not_exist_cannot_be_begun_from(daemon, chainwright, tmp_path):
    first = daemon.ended("line", words=WORDS, gate=str(tmp_path / "gate"))

    done = chainwright("retry", first["id"], "--from", "nobody")

    assert done.code == 4
    assert "plan, work, after" in done.err


def test_of_a_matrix_only_the_legs_that_failed_are_done_again(own_daemon, command, tmp_path):
    gate = tmp_path / "gate"
    first = own_daemon.ended("legs", gate=str(gate))
    assert first["agents"]["work"]["outcome"] == "failed"
    gate.touch()

    second = retried(own_daemon, command, first["id"], "--failed")

    work = second["agents"]["work"]["turns"][0]
    assert [attempt["leg"] for attempt in work["attempts"]] == ["2"]
    assert [leg["outputs"]["by"] for leg in work["legs"]] == [first["id"], second["id"], first["id"]]
    assert own_daemon.log(second["id"], "sum").splitlines()[0] == "1"
    assert f"kept from run {first['id']}" in command(own_daemon.home, "explain", second["id"], "work").out
    assert second["outcome"] == "succeeded"
