"""`events: {name: schemas/x.json}`: the schema of the run's commit decides what may be emitted."""

import json

SCHEMA = '{"type": "object", "required": ["score"], "properties": {"score": {"type": "number", "maximum": 1}}}'
CHAIN = """
inputs: {score: {type: string, required: true}}
events: {judged: schemas/judged.json}
agents:
  judge:
    run: chainwright emit judged --data "{\\"score\\":$SCORE}"
    env: {SCORE: '${{ inputs.score }}'}
    emits: judged
  tell:
    on: judged
    run: echo "scored $SCORE"
    env: {SCORE: '${{ event.data.score }}'}
"""
FILES = {"workflows/judge.yaml": CHAIN, "schemas/judged.json": SCHEMA}


def test_an_event_that_fits_is_heard(daemon):
    run = daemon.ended("judge", score="0.5")

    assert run["outcome"] == "succeeded"
    assert daemon.log(run["id"], "tell") == "scored 0.5\n"


def test_an_event_that_does_not_fit_fails_the_attempt_with_path_and_rule(daemon):
    run = daemon.ended("judge", score='"high"')

    attempt = daemon.attempt(run, "judge")
    assert (attempt["outcome"], attempt["reason"]) == ("failed", "payload")
    assert attempt["detail"] == (
        'event "judged": score: number is expected, this is "high" (rule properties/score/type) of schemas/judged.json'
    )
    assert run["agents"]["tell"]["outcome"] == "skipped"


def test_a_retry_is_held_to_the_schema_of_its_commit(own_daemon, command, by_and_by):
    daemon = own_daemon
    first = daemon.ended("judge", score="0.5")
    commit = daemon.repository.commit({"schemas/judged.json": "false".join(('{"properties": {"score": ', "}}"))})
    by_and_by(lambda: daemon.client.items("/deployments")[0]["commit"] == commit)

    done = command(daemon.home, "retry", first["id"], "--json")
    again = daemon.end(json.loads(done.out)["id"])
    anew = daemon.ended("judge", score="0.5")

    assert (again["outcome"], anew["outcome"]) == ("succeeded", "failed")


def test_a_schema_that_is_missing_or_broken_refuses_the_commit(own_daemon, by_and_by):
    daemon = own_daemon
    good = daemon.client.items("/deployments")[0]["commit"]
    for text, said in ((None, "there is no file schemas/judged.json"), ('{"type": 1}', "is no JSON Schema")):
        commit = daemon.repository.commit({"schemas/judged.json": text})
        refused = by_and_by(
            lambda at=commit: (one := daemon.client.items("/deployments")[0]["refused"]) and one["commit"] == at and one
        )

        assert refused["diagnostics"][0].startswith("workflows/judge.yaml:3:18: error: ")
        assert said in refused["diagnostics"][0]
    assert daemon.client.items("/deployments")[0]["commit"] == good
