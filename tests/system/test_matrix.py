"""A matrix: its legs run side by side as one turn, are shown one by one, and survive the daemon (semantics 22)."""

import json
import signal

REVIEW = """
agents:
  plan:
    run: echo 'lenses=["security", "style", "speed"]' >> "$CHAINWRIGHT_OUTPUT"
    outputs: {lenses: json}
  review:
    needs: plan
    name: review for ${{ matrix.lens }}
    strategy:
      matrix: {lens: '${{ needs.plan.outputs.lenses }}'}
      include: [{lens: style, level: 2}]
      fail-fast: false
      max-parallel: 2
    retry: {max: 1, delay: 0s}
    run: |
      echo "leg $CHAINWRIGHT_LEG looks at $LENS, level $LEVEL"
      echo "seen=$LENS" >> "$CHAINWRIGHT_OUTPUT"
      [ "$LENS" != speed ] || { cat "$CHAINWRIGHT_FEEDBACK"; exit 5; }
      chainwright emit found --data "\\"$LENS\\""
    env: {LENS: '${{ matrix.lens }}', LEVEL: '${{ matrix.level }}'}
    outputs: {seen: string}
    emits: [found]
  collect:
    on: found
    max-turns: 4
    run: echo "leg $LEG found $DATA"
    env: {LEG: '${{ event.source.leg }}', DATA: '${{ event.data }}'}
  merge:
    needs: review
    if: always()
    run: echo "$RESULT $GOOD $BAD"
    env:
      RESULT: ${{ needs.review.result }}
      GOOD: ${{ needs.review.succeeded }}
      BAD: ${{ needs.review.failed }}
outputs: {result: '${{ agents.review.result }}'}
"""
GATED = """
inputs:
  gates: {type: string, required: true}
agents:
  work:
    strategy: {matrix: {n: [1, 2, 3, 4]}, max-parallel: 2}
    run: |
      echo "$N began"
      until [ -e "$GATES/$N" ]; do sleep 0.05; done
      echo "$N was let go"
      echo "word=go$N" >> "$CHAINWRIGHT_OUTPUT"
    env: {N: '${{ matrix.n }}', GATES: '${{ inputs.gates }}'}
    outputs: {word: string}
outputs: {words: '${{ agents.work.legs }}'}
"""
FAST = """
agents:
  work:
    strategy: {matrix: {n: [1, 2, 3]}, max-parallel: 2}
    run: |
      echo began
      [ "$N" = 1 ] || exec sleep 600
      read -r word
      exit 3
    env: {N: '${{ matrix.n }}'}
  none:
    strategy: {matrix: {n: '${{ vars.none }}'}, max-parallel: 1}
    run: echo never
vars: {none: []}
"""
FILES = {"workflows/review.yaml": REVIEW, "workflows/gated.yaml": GATED, "workflows/fast.yaml": FAST}


def leg_states(detail, agent):
    (turn,) = detail["agents"][agent]["turns"]
    return [leg["outcome"] or leg["state"] for leg in turn["legs"]]


def test_legs_run_with_their_own_values_outputs_events_and_retries(daemon, chainwright):
    detail = daemon.ended("review")

    (turn,) = detail["agents"]["review"]["turns"]
    assert [(leg["leg"], leg["name"], leg["outcome"], leg["outputs"]) for leg in turn["legs"]] == [
        ("1", "review for security", "succeeded", {"seen": "security"}),
        ("2", "review for style", "succeeded", {"seen": "style"}),
        ("3", "review for speed", "failed", {}),
    ]
    assert [(one["leg"], one["attempt"]) for one in turn["attempts"]] == [("1", 1), ("2", 1), ("3", 1), ("3", 2)]
    assert detail["outcome"] == "failed"
    assert daemon.log(detail["id"], "merge") == "failure 2 1\n"
    collected = [daemon.log(detail["id"], "collect", turn=number) for number in (1, 2)]
    assert sorted(collected) == ["leg 1 found security\n", "leg 2 found style\n"]


def test_a_leg_is_shown_and_its_log_is_printed(daemon, chainwright):
    run = daemon.ended("review")["id"]

    for name in ("2", "style, 2", "review for style"):
        assert chainwright("logs", run, "review", "--leg", name).out == "leg 2 looks at style, level 2\n"
    assert "exit: exit code 5" in chainwright("logs", run, "review", "--leg", "3").out
    assert ["review", "1", "review for style", "1", "succeeded"] in [row[:5] for row in chainwright("show", run).rows]
    assert "leg 3, review for speed: failed (exit)" in chainwright("explain", run, "review").out
    assert json.loads(chainwright("show", run, "--json").out)["agents"]["review"]["turns"][0]["legs"][1]["matrix"] == {
        "lens": "style",
        "level": 2,
    }
    assert chainwright("logs", run, "review", "--leg", "9").code == 4


def test_a_failed_leg_ends_the_others_and_an_empty_matrix_is_skipped(daemon, type_into, by_and_by):
    run = daemon.run("fast")
    by_and_by(lambda: leg_states(daemon.show(run), "work") == ["running", "running", "queued"])
    type_into(run, "work", b"now\n", "--leg", "1")
    detail = daemon.end(run)

    assert leg_states(detail, "work") == ["failed", "cancelled", "cancelled"]
    assert [leg["reason"] for leg in detail["agents"]["work"]["turns"][0]["legs"]] == ["exit", "fail-fast", "fail-fast"]
    assert (detail["agents"]["none"]["outcome"], detail["agents"]["none"]["reason"]) == ("skipped", "matrix-empty")


def test_a_daemon_that_dies_in_the_middle_of_a_matrix_loses_nothing(own_daemon, by_and_by, tmp_path):
    daemon = own_daemon
    run = daemon.run("gated", gates=str(tmp_path))
    (tmp_path / "1").touch()
    by_and_by(lambda: leg_states(daemon.show(run), "work")[:3] == ["succeeded", "running", "running"])

    daemon.stop(signal.SIGKILL)
    daemon.start()
    for leg in ("2", "3", "4"):
        (tmp_path / leg).touch()
    detail = daemon.end(run)

    assert detail["outcome"] == "succeeded"
    assert [leg["outputs"] for leg in detail["outputs"]["words"]] == [{"word": f"go{leg}"} for leg in (1, 2, 3, 4)]
    assert [one["attempt"] for one in detail["agents"]["work"]["turns"][0]["attempts"]] == [1, 1, 1, 1]
    assert daemon.log(run, "work", leg="2") == "2 began\n2 was let go\n"
