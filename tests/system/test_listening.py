"""Chains that start with what others tell: an event that leaves its chain, the end of a run, an event that somebody sends."""

import json

import pytest

FILES = {
    "workflows/writes.yaml": """
inputs: {words: {type: integer, default: 3}, fails: {type: boolean, default: false}}
outputs: {draft: '${{ agents.write.outputs.draft }}'}
events: {draft.ready: {words: integer}}
agents:
  write:
    outputs: {draft: string}
    emits: {draft.ready: {words: integer}, of.ours: {}}
    env: {N: '${{ inputs.words }}', FAILS: '${{ inputs.fails }}'}
    run: |
      [ "$FAILS" = false ]
      echo draft=three >>"$CHAINWRIGHT_OUTPUT"
      chainwright emit draft.ready --data "{\\"words\\": $N}"
      chainwright emit of.ours
""",
    "workflows/reads.yaml": """
on:
  event:
    names: [draft.ready, of.ours]
    if: event.data.words < 10
    inputs: {count: '${{ event.data.words }}', writer: '${{ event.source.run }}'}
inputs: {count: {type: integer, max: 5}, writer: {type: string}}
outputs: {seen: '${{ inputs.count }} of ${{ inputs.writer }}'}
agents: {read: {run: 'true'}}
""",
    "workflows/after.yaml": """
on:
  chain: {chains: [writes], inputs: {draft: '${{ event.data.outputs.draft }}'}}
inputs: {draft: {type: string, required: true}}
outputs: {got: '${{ inputs.draft }}'}
agents: {look: {run: 'true'}}
""",
    "workflows/mourns.yaml": """
on: {chain: {chains: writes, outcomes: [failed, cancelled], inputs: {how: '${{ event.data.outcome }}'}}}
inputs: {how: {type: string}}
outputs: {how: '${{ inputs.how }}'}
agents: {mourn: {run: 'true'}}
""",
    "workflows/knocked.yaml": """
on: {event: knock}
events: {knock: {loud: boolean}}
agents: {open: {run: 'true'}}
""",
    "workflows/pings.yaml": """
on: [manual]
events: {ping: {}}
agents: {ping: {emits: ping, run: chainwright emit ping}}
""",
    "workflows/pongs.yaml": """
on: {event: [ping]}
events: {ping: {}}
agents: {pong: {emits: ping, run: chainwright emit ping}}
""",
}


def told(daemon, run, by_and_by, count):
    """What a run told, once all of it has come to something: listener → what became of it."""

    def settled():
        found = daemon.show(run)["told"]
        return len(found) == count and all(one["fate"] for one in found) and found

    return {one["chain"]: one for one in by_and_by(settled)}


def test_an_event_that_its_chain_lists_starts_those_that_listen(daemon, chainwright, by_and_by):
    run = daemon.ended("writes")
    found = told(daemon, run["id"], by_and_by, 2)
    read = daemon.end(found["reads"]["run_id"])

    assert (found["reads"]["kind"], found["reads"]["name"], found["reads"]["fate"]) == (
        "event",
        "draft.ready",
        "started",
    )
    assert read["outputs"] == {"seen": f"3 of {run['id']}"}
    assert read["trigger"] == {"kind": "event", "actor": "event", "key": f"{run['id']}#1>reads"}
    assert f"draft.ready → chain reads: run {read['id']}" in chainwright("show", run["id"]).out


def test_the_end_of_a_run_starts_those_that_listen_with_its_outputs(daemon, by_and_by):
    run = daemon.ended("writes")
    after = told(daemon, run["id"], by_and_by, 2)["after"]

    assert (after["kind"], after["name"]) == ("chain", "writes.succeeded")
    assert daemon.end(after["run_id"])["outputs"] == {"got": "three"}


def test_another_end_starts_others(daemon, by_and_by):
    """What a failed attempt emitted was never routed, so nobody is told of it either."""
    run = daemon.ended("writes", fails=True)
    found = told(daemon, run["id"], by_and_by, 1)

    assert daemon.end(found["mourns"]["run_id"])["outputs"] == {"how": "failed"}


@pytest.mark.parametrize("case", [(20, "filtered", "`if`"), (7, "unfit", "at most 5")])
def test_what_starts_nothing_says_why(daemon, chainwright, by_and_by, case):
    words, fate, reason = case
    run = daemon.ended("writes", words=words)
    reads = told(daemon, run["id"], by_and_by, 2)["reads"]

    assert (reads["fate"], reads["run_id"]) == (fate, None)
    assert reason in reads["reason"]
    assert f"chain reads: {fate}" in chainwright("show", run["id"]).out


def test_an_event_that_somebody_sends_starts_a_run_once(daemon, chainwright):
    first = chainwright("emit", "knock", "--data", '{"loud": true}', "--key", "k1", "--json")
    again = chainwright("emit", "knock", "--data", '{"loud": true}', "--key", "k1", "--json")
    other = chainwright("emit", "knock", "--data", '{"loud": true}', "--json")

    runs = [json.loads(done.out)["run_id"] for done in (first, again, other)]
    assert runs[0] == runs[1] != runs[2]
    assert daemon.end(runs[0])["outcome"] == "succeeded"
    assert chainwright("emit", "knock", "--data", '{"loud": false}').rows[0][:2] == ["knocked", "started"]


def test_data_that_break_the_listeners_contract_are_refused(chainwright):
    done = chainwright("emit", "knock", "--data", '{"loud": "very"}')

    assert done.code == 2
    assert 'do not fit what chain "knocked" takes' in done.err
    assert '"loud"' in done.err


def test_an_event_that_nobody_starts_with_is_refused(chainwright):
    done = chainwright("emit", "nock")

    assert done.code == 4
    assert 'no chain starts with the event "nock"' in done.err


def test_runs_that_start_one_another_come_to_an_end(daemon, by_and_by):
    """Semantics 8: depth between runs is bounded (20)."""
    run = daemon.ended("pings")
    seen = [run["id"]]
    while (found := told(daemon, seen[-1], by_and_by, 1)["pongs"])["run_id"]:
        seen.append(daemon.end(found["run_id"])["id"])

    assert len(seen) == 21
    assert (found["fate"], "led to one another" in found["reason"]) == ("refused", True)
