"""Checks that need no session: what they refuse is handed to the next attempt, also over the death of the daemon (semantics 21)."""

import signal

FILES = {
    "workflows/scored.yaml": """
inputs: {least: {type: number, default: 2}}
agents:
  write:
    retry: {max: 2, delay: 0s, on: [check]}
    outputs: {score: number}
    env: {TARGET: report}
    run: |
      cat "$CHAINWRIGHT_FEEDBACK"
      echo "score=$CHAINWRIGHT_ATTEMPT" >> "$CHAINWRIGHT_OUTPUT"
      chainwright emit written --data "$CHAINWRIGHT_ATTEMPT"
    emits: [written]
    checks:
      - run: test -s "$CHAINWRIGHT_OUTPUTS"
      - assert: outputs.score >= inputs.least
        message: the ${{ env.TARGET }} scores ${{ outputs.score }}
  read:
    on: written
    env: {DATA: '${{ event.data }}'}
    run: echo "read $DATA"
""",
    "workflows/legs.yaml": """
agents:
  count:
    strategy: {matrix: {n: [1, 2]}, fail-fast: false}
    env: {N: '${{ matrix.n }}'}
    run: |
      cat "$CHAINWRIGHT_FEEDBACK"
      echo "n=$N" >> "$CHAINWRIGHT_OUTPUT"
    outputs: {n: integer}
    checks: [{assert: 'outputs.n == 1 && matrix.n == 1', message: 'leg ${{ matrix.n }} is not the first'}]
    continue-on-error: true
  sum:
    needs: count
    run: 'true'
    checks: [{assert: needs.count.succeeded == 1 && needs.count.failed == 1}]
""",
    "workflows/answered.yaml": """
agents:
  talk:
    finish: event
    retry: {max: 1, delay: 0s}
    run: |
      echo "word=$CHAINWRIGHT_ATTEMPT" >> "$CHAINWRIGHT_OUTPUT"
      chainwright emit said
      exec sleep 600
    outputs: {word: string}
    emits: said
    checks: [{assert: outputs.word == '2'}]
  hear: {on: said, run: echo heard}
""",
    "workflows/used.yaml": """
agents:
  ours:
    uses: agents/checked
    outputs: {more: integer}
    checks: [{assert: outputs.more == 1, message: ours}]
""",
    "workflows/agents/checked.yaml": """
run: |
  echo "score=1" >> "$CHAINWRIGHT_OUTPUT"
  echo "more=2" >> "$CHAINWRIGHT_OUTPUT"
outputs: {score: integer}
checks: [{assert: outputs.score == 1, message: theirs}]
""",
    "workflows/gated.yaml": """
inputs: {gate: {type: string, required: true}}
agents:
  work:
    retry: {max: 1, delay: 0s}
    env: {GATE: '${{ inputs.gate }}'}
    run: |
      cat "$CHAINWRIGHT_FEEDBACK"
      echo "n=$CHAINWRIGHT_ATTEMPT" >> "$CHAINWRIGHT_OUTPUT"
      [ "$CHAINWRIGHT_ATTEMPT" = 1 ] || until [ -e "$GATE" ]; do sleep 0.05; done
    outputs: {n: integer}
    checks: [{assert: outputs.n == 2, message: not the second}]
""",
}


FILES |= {
    "workflows/reviewed.yaml": """
agents:
  review:
    retry: {max: 1, delay: 0s}
    outputs: {findings: json}
    run: |
      cat "$CHAINWRIGHT_FEEDBACK"
      echo '{}' > schemas/findings.json
      [ "$CHAINWRIGHT_ATTEMPT" = 2 ] && severity=high || severity=urgent
      echo "findings=[{\\"severity\\": \\"$severity\\"}]" >> "$CHAINWRIGHT_OUTPUT"
      chainwright emit reviewed
    emits: [reviewed]
    checks: [{schema: schemas/findings.json}]
  post: {on: reviewed, run: echo posted}
""",
    "schemas/findings.json": """{"items": {"required": ["severity"], "properties": {"severity": {"enum": ["low", "high"]}}}}""",
}


FILES |= {
    "workflows/chosen.yaml": """
events: {judged: {severity: {type: choice, options: [low, high]}}}
agents:
  judge:
    retry: {max: 2, delay: 0s}
    outputs: {verdict: {type: choice, options: [good, bad]}}
    run: |
      cat "$CHAINWRIGHT_FEEDBACK"
      [ "$CHAINWRIGHT_ATTEMPT" = 1 ] && severity=urgent || severity=high
      [ "$CHAINWRIGHT_ATTEMPT" = 2 ] && verdict=fair || verdict=bad
      chainwright emit judged --data "{\\"severity\\": \\"$severity\\"}"
      echo "verdict=$verdict" >> "$CHAINWRIGHT_OUTPUT"
    emits: judged
  act: {on: judged, if: event.data.severity == 'high', run: echo acted}
""",
}


def outcomes(turn):
    return [(one["outcome"], one["reason"]) for one in turn["attempts"]]


def test_an_assertion_holds_an_attempt_to_its_outputs(daemon):
    detail = daemon.ended("scored")
    (turn,) = detail["agents"]["write"]["turns"]

    assert outcomes(turn) == [("failed", "check"), ("succeeded", None)]
    told = daemon.log(detail["id"], "write", attempt=2)
    assert "check 2: the report scores 1" in told
    assert "`outputs.score >= inputs.least` is false: outputs.score is 1; inputs.least is 2" in told
    assert daemon.log(detail["id"], "read").split() == ["read", "2"]


def test_each_leg_is_asked_for_itself_and_a_later_agent_about_all(daemon):
    detail = daemon.ended("legs")
    failed = [one for one in detail["agents"]["count"]["turns"][0]["attempts"] if one["outcome"] == "failed"]

    assert [one["detail"].splitlines()[0] for one in failed] == ["check 1: leg 2 is not the first"]
    assert detail["outcome"] == "succeeded"


def test_an_agent_that_answers_is_asked_before_its_event_is_routed(daemon):
    detail = daemon.ended("answered")
    (turn,) = detail["agents"]["talk"]["turns"]

    assert outcomes(turn) == [("failed", "check"), ("succeeded", None)]
    assert len(detail["agents"]["hear"]["turns"]) == 1


def test_the_checks_of_both_follow_each_other(daemon):
    """33: the used agent's first."""
    attempt = daemon.attempt(daemon.ended("used"), "ours")

    assert attempt["detail"].startswith("check 2: ours")


def test_a_schema_is_that_of_the_commit_whatever_the_agent_makes_of_the_file(daemon):
    """The agent writes over the file in its workspace, and is held to what was committed."""
    detail = daemon.ended("reviewed")
    (turn,) = detail["agents"]["review"]["turns"]

    assert outcomes(turn) == [("failed", "check"), ("succeeded", None)]
    assert '[0].severity: "urgent" is none of "low", "high"' in daemon.log(detail["id"], "review", attempt=2)
    assert len(detail["agents"]["post"]["turns"]) == 1


def test_a_choice_is_one_of_its_options_in_events_and_in_outputs(daemon):
    """The feedback names what is allowed."""
    detail = daemon.ended("chosen")
    (turn,) = detail["agents"]["judge"]["turns"]

    assert outcomes(turn) == [("failed", "payload"), ("failed", "output"), ("succeeded", None)]
    assert '"urgent" is none of "low", "high"' in daemon.log(detail["id"], "judge", attempt=2)
    assert '"fair" is none of "good", "bad"' in daemon.log(detail["id"], "judge", attempt=3)
    assert len(detail["agents"]["act"]["turns"]) == 1


def test_a_verdict_survives_the_daemon(own_daemon, tmp_path):
    gate = tmp_path / "gate"
    run = own_daemon.run("gated", gate=str(gate))
    own_daemon.begun(run, "work", "not the second")
    own_daemon.stop(signal.SIGKILL)
    own_daemon.start()
    gate.touch()
    detail = own_daemon.end(run)

    assert outcomes(detail["agents"]["work"]["turns"][0]) == [("failed", "check"), ("succeeded", None)]
