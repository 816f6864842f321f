"""`chainwright retry`: a new run, linked to the first, of the same commit with the same inputs."""

import json

CHAIN = """
inputs:
  words: {type: json, required: true}
agents:
  say:
    run: |
      cat "$CHAINWRIGHT_INPUTS"
      printenv WORDS
      echo VERSION
    env: {WORDS: '${{ inputs.words }}'}
"""
FILES = {"workflows/say.yaml": CHAIN.replace("VERSION", "one")}
WORDS = {"text": "Grüße, \u2028 'quoted' \"twice\"", "numbers": [1, 2.5, 1e100, -0.0], "none": None}


def test_inputs_and_definition_are_those_of_the_first_run(own_daemon, command, by_and_by):
    daemon = own_daemon
    first = daemon.ended("say", words=WORDS)
    commit = daemon.repository.commit({"workflows/say.yaml": CHAIN.replace("VERSION", "two")})
    by_and_by(lambda: daemon.client.items("/deployments")[0]["commit"] == commit)

    done = command(daemon.home, "retry", first["id"], "--json")
    again = daemon.end(json.loads(done.out)["id"])

    assert done.code == 0
    assert again["retry_of"] == first["id"]
    assert (again["inputs"], again["commit"]) == (first["inputs"], first["commit"])
    assert daemon.log(again["id"], "say", raw=True) == daemon.log(first["id"], "say", raw=True)
    assert "one" in daemon.log(again["id"], "say")


def test_a_run_that_goes_on_is_not_retried(daemon, chainwright):
    daemon.repository.commit({"workflows/hold.yaml": "agents:\n  hold:\n    run: cat\n"})
    daemon.client.post("/deployments/reconcile")
    run = daemon.run("hold")

    done = chainwright("retry", run)

    assert done.code == 7
    assert "has not ended" in done.err
