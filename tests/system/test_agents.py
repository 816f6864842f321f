"""What an agent gets, and what becomes of what it leaves: environment, workspace, outputs, checks, time-outs."""

import pytest

FILES = {
    "workflows/env.yaml": """
env: {OF_CHAIN: chain, OVER: chain}
agents:
  look:
    env: {OF_AGENT: agent, OVER: agent}
    run: env
""",
    "workflows/place.yaml": """
inputs: {at: {type: string, default: ../..}}
agents:
  look:
    working-directory: deep/down
    run: pwd; cat here; ls -A "$CHAINWRIGHT_WORKSPACE"
  out:
    working-directory: ${{ inputs.at }}
    continue-on-error: true
    run: 'true'
""",
    "deep/down/here": "down here\n",
    "workflows/outputs.yaml": """
agents:
  lines:
    outputs: {word: string, count: integer, text: string}
    run: |
      echo "word=tea" >> "$CHAINWRIGHT_OUTPUT"
      echo "count=3" >> "$GITHUB_OUTPUT"
      printf 'text<<END\\none\\ntwo\\nEND\\n' >> "$CHAINWRIGHT_OUTPUT"
  json:
    outputs: {found: json}
    run: echo '{"found":{"word":"milk"}}' > "$CHAINWRIGHT_OUTPUT"
  use:
    needs: [lines, json]
    env:
      WORD: ${{ needs.lines.outputs.word }}
      COUNT: ${{ needs.lines.outputs.count }}
      TEXT: ${{ needs.lines.outputs.text }}
      FOUND: ${{ needs.json.outputs.found.word }}
    run: printenv WORD COUNT TEXT FOUND
""",
    "workflows/missing.yaml": """
agents:
  forget:
    outputs: {word: string}
    run: 'true'
""",
    "workflows/checked.yaml": """
agents:
  draft:
    retry: {max: 1, delay: 0s}
    run: |
      if [ "$CHAINWRIGHT_FEEDBACK" ]; then cat "$CHAINWRIGHT_FEEDBACK"; fi
      echo "$CHAINWRIGHT_ATTEMPT" > draft
    checks:
      - run: |
          grep -q 2 draft || { echo "draft 1 is too short"; exit 1; }
""",
    "workflows/slow.yaml": """
agents:
  slow:
    timeout: 0.3s
    run: sleep 60
""",
    "workflows/silent.yaml": """
agents:
  silent:
    idle-timeout: 0.5s
    run: echo once; sleep 60
""",
    "workflows/delayed.yaml": """
agents:
  again:
    retry: {max: 2, delay: 0.2s, backoff: linear}
    run: '[ "$CHAINWRIGHT_ATTEMPT" = 3 ]'
""",
    "workflows/tolerant.yaml": """
agents:
  fall:
    continue-on-error: true
    run: exit 1
  after:
    needs: fall
    run: echo "$HOW"
    env: {HOW: '${{ needs.fall.result }}'}
""",
    "workflows/used.yaml": """
inputs: {who: {type: string, default: Ada}}
agents:
  greet:
    uses: agents/greeter
    with: {who: '${{ inputs.who }}', times: 2}
  tell:
    needs: greet
    uses: agents/reader
    prompt: Say hello to ${{ inputs.who }}.
""",
    "workflows/agents/greeter.yaml": """
inputs: {who: {type: string, required: true}, times: {type: integer, default: 1}}
run: echo "$INPUT_WHO $INPUT_TIMES"; cat "$CHAINWRIGHT_INPUTS"
""",
    "workflows/agents/reader.yaml": 'run: cat "$CHAINWRIGHT_PROMPT"\n',
}


def test_the_environment_is_an_allow_list(daemon):
    detail = daemon.ended("env")
    seen = dict(line.partition("=")[::2] for line in daemon.log(detail["id"], "look").splitlines())

    assert "DAEMONS_OWN" not in seen
    assert "PYTHONPATH" not in seen
    assert "CHAINWRIGHT_HOME" not in seen
    assert not [name for name in seen if name.startswith("CHAINWRIGHT_") and "__" in name]
    assert (seen["OF_CHAIN"], seen["OF_AGENT"], seen["OVER"]) == ("chain", "agent", "agent")
    assert (seen["CHAINWRIGHT"], seen["CHAINWRIGHT_RUN_ID"]) == ("1", detail["id"])
    assert (seen["CHAINWRIGHT_CHAIN"], seen["CHAINWRIGHT_AGENT"]) == ("env", "look")
    assert (seen["CHAINWRIGHT_TURN"], seen["CHAINWRIGHT_ATTEMPT"]) == ("1", "1")
    assert seen["CHAINWRIGHT_COMMIT"] == detail["commit"]
    assert seen["TERM"] == "xterm-256color"


def test_the_workspace_is_the_commits_tree_without_git(daemon):
    detail = daemon.ended("place")
    where, here, *names = daemon.log(detail["id"], "look").splitlines()

    assert where.endswith("/workspace/deep/down")
    assert here == "down here"
    assert sorted(" ".join(names).split()) == ["deep", "workflows"]


def test_a_folder_outside_of_the_workspace_is_refused(daemon):
    attempt = daemon.attempt(daemon.ended("place"), "out")

    assert attempt["outcome"] == "failed"
    assert "../.." in attempt["detail"]


def test_outputs_in_either_form_reach_who_needs_them(daemon):
    detail = daemon.ended("outputs")

    assert detail["agents"]["lines"]["turns"][0]["outputs"] == {"word": "tea", "count": 3, "text": "one\ntwo"}
    assert daemon.log(detail["id"], "use").splitlines() == ["tea", "3", "one", "two", "milk"]


def test_an_output_that_was_not_written_is_named(daemon):
    attempt = daemon.attempt(daemon.ended("missing"), "forget")

    assert (attempt["outcome"], attempt["reason"]) == ("failed", "output")
    assert '"word"' in attempt["detail"]


def test_a_failed_checks_words_reach_the_next_attempt(daemon):
    detail = daemon.ended("checked")
    first, second = detail["agents"]["draft"]["turns"][0]["attempts"]

    assert (first["outcome"], first["reason"]) == ("failed", "check")
    assert second["outcome"] == "succeeded"
    assert "draft 1 is too short" in daemon.log(detail["id"], "draft", attempt=2)


@pytest.mark.parametrize(("chain", "reason"), [("slow", "timeout"), ("silent", "stall")])
def test_an_agent_that_takes_too_long_is_ended(daemon, chain, reason):
    detail = daemon.ended(chain)
    attempt = daemon.attempt(detail, chain)

    assert (attempt["outcome"], attempt["reason"]) == ("timed_out", reason)
    assert attempt["ended_at"] - attempt["started_at"] < 10
    assert detail["outcome"] != "succeeded"


def test_attempts_wait_their_delay(daemon):
    detail = daemon.ended("delayed")
    one, two, three = detail["agents"]["again"]["turns"][0]["attempts"]

    assert detail["outcome"] == "succeeded"
    assert two["started_at"] - one["ended_at"] >= 0.2
    assert three["started_at"] - two["ended_at"] >= 0.4


def test_a_tolerated_failure_is_success_to_who_needs_it(daemon):
    detail = daemon.ended("tolerant")

    assert (detail["outcome"], detail["agents"]["fall"]["outcome"]) == ("succeeded", "failed")
    assert daemon.log(detail["id"], "after") == "success\n"


def test_a_reusable_agent_gets_its_inputs_and_its_prompt(daemon):
    detail = daemon.ended("used", who="Bob")

    assert daemon.log(detail["id"], "greet").splitlines() == ["Bob 2", '{"who": "Bob", "times": 2}']
    assert daemon.log(detail["id"], "tell").strip() == "Say hello to Bob."
