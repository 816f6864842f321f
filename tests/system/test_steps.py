"""`steps` of an agent: one session, one result for each, and what they hand on to each other."""

import json
import signal

import pytest

ORDER = """
agents:
  job:
    outputs: {url: string}
    env: {WHO: agent}
    steps:
      - id: build
        name: Build it
        run: |
          echo "by $WHO in $PWD on $(tty)"
          echo "file=a b.txt" >> "$GITHUB_OUTPUT"
          echo "COLOUR=blue" >> "$GITHUB_ENV"
          mkdir -p tools && printf '#!/bin/sh\\necho from the tool\\n' > tools/tool && chmod +x tools/tool
          echo "$PWD/tools" >> "$GITHUB_PATH"
      - env: {FILE: '${{ steps.build.outputs.file }}', WHO: step}
        run: |
          echo "file is $FILE, colour $COLOUR, by $WHO"
          tool
          tty
          echo "url=https://example.org/$FILE" >> "$CHAINWRIGHT_OUTPUT"
      - id: never
        if: ${{ steps.build.outputs.file == 'other' }}
        run: exit 1
      - env: {OUTCOME: '${{ steps.never.outcome }}', COLOUR: red}
        working-directory: tools
        run: echo "never was $OUTCOME, $COLOUR in $(basename "$PWD")"
  after:
    needs: job
    env: {URL: '${{ needs.job.outputs.url }}'}
    run: echo "got $URL"
"""

FAILS = """
agents:
  job:
    steps:
      - {id: soft, run: exit 4, continue-on-error: true}
      - env: {SAW: '${{ steps.soft.outcome }}/${{ steps.soft.conclusion }}'}
        run: echo "soft $SAW"
      - {id: hard, run: "echo broken; exit 5"}
      - run: echo not this
      - {if: failure(), run: echo because of a failure}
      - {if: always(), run: echo at any rate}
      - {if: success(), run: echo nor this}
    retry: {max: 1, delay: 0s}
"""

PATIENT = """
agents:
  job:
    steps:
      - run: |
          echo begun >> "$CHAINWRIGHT_WORKSPACE/book"
          echo ready; until [ -e "$CHAINWRIGHT_WORKSPACE/go" ]; do sleep 0.02; done
          echo "x=1" >> "$GITHUB_OUTPUT"
        id: wait
      - env: {X: '${{ steps.wait.outputs.x }}'}
        run: echo "second $X" | tee -a "$CHAINWRIGHT_WORKSPACE/book"
"""

CANCELLED = """
agents:
  job:
    steps:
      - run: echo ready; sleep 600
      - run: echo not this
      - {if: cancelled(), run: echo it was cancelled}
      - {if: always(), run: echo tidy}
"""

STUBBORN = """
agents:
  job:
    steps:
      - run: echo ready; sleep 600
      - {if: always(), run: echo tidying; sleep 600}
"""

LIMITS = """
agents:
  step:
    steps:
      - {run: sleep 600, timeout: 0.2s, name: Slow}
      - {if: always(), run: echo tidy}
  whole:
    timeout: 0.5s
    steps:
      - run: sleep 600
      - {if: always(), run: echo not this}
"""

REUSED = """
inputs: {who: {type: string, required: true}}
steps:
  - {id: one, run: 'echo "word=hello" >> "$GITHUB_OUTPUT"'}
  - env: {WORD: '${{ steps.one.outputs.word }}'}
    run: echo "$WORD $INPUT_WHO"
"""


FILES = {
    "workflows/order.yaml": ORDER,
    "workflows/fails.yaml": FAILS,
    "workflows/patient.yaml": PATIENT,
    "workflows/cancelled.yaml": CANCELLED,
    "workflows/stubborn.yaml": STUBBORN,
    "workflows/limits.yaml": LIMITS,
    "workflows/agents/greet.yaml": REUSED,
    "workflows/greet.yaml": "agents: {greet: {uses: agents/greet, with: {who: Ada}}}\n",
    "workflows/bad.yaml": """
agents:
  shell: {steps: [{run: x, shell: nonesuch -x}, {if: failure(), run: echo seen}]}
  folder: {steps: [{run: pwd, working-directory: nowhere}]}
  outside:
    steps:
      - {id: a, run: 'echo "x=../.." >> "$GITHUB_OUTPUT"'}
      - {run: pwd, working-directory: '${{ steps.a.outputs.x }}'}
  env: {steps: [{run: 'echo "CHAINWRIGHT_RUN_ID=mine" >> "$GITHUB_ENV"'}]}
""",
    "workflows/terminal.yaml": """
agents:
  job:
    steps:
      - {run: stty raw -echo}
      - {run: 'stty -a | grep -o "[-]*icanon"'}
      - {run: 'sleep 600 & echo left $!'}
      - {run: 'read -r line < /dev/tty; echo "read $line"'}
""",
}


def steps_of(daemon, detail, agent="job"):
    return daemon.attempt(detail, agent)["steps"]


def words(daemon, detail, agent="job"):
    return [(one["outcome"], one["conclusion"]) for one in steps_of(daemon, detail, agent)]


def test_steps_share_a_terminal_a_folder_and_what_they_hand_on(daemon):
    """Semantics 34."""
    detail = daemon.ended("order")

    log = daemon.log(detail["id"], "job")
    lines = log.splitlines()
    terminal = lines[1].rpartition(" ")[2]
    assert detail["outcome"] == "succeeded", log
    assert lines[0] == "▶ step 1/4: Build it"
    assert lines[1].startswith("by agent in ")
    assert ["file is a b.txt, colour blue, by step", "from the tool", terminal] == lines[3:6]
    assert lines[-1] == "never was skipped, red in tools"
    assert daemon.log(detail["id"], "after").strip() == "got https://example.org/a b.txt"


def test_show_tells_each_step(daemon, chainwright):
    run = daemon.ended("order")["id"]

    told = json.loads(chainwright("show", run, "--json").out)
    steps = steps_of(daemon, told)

    assert [(one["step"], one["id"], one["name"], one["outcome"]) for one in steps] == [
        (1, "build", "Build it", "success"),
        (2, "", "", "success"),
        (3, "never", "", "skipped"),
        (4, "", "", "success"),
    ]
    assert (steps[0]["exit_code"], steps[0]["outputs"]) == (0, {"file": "a b.txt"})
    assert steps[0]["started_at"] <= steps[0]["ended_at"]
    assert "step 1 Build it" in chainwright("show", run).out
    assert "`steps.build.outputs.file == 'other'` was false" in chainwright("explain", run, "job").out


def test_conditions_outcomes_and_conclusions_are_githubs(daemon):
    detail = daemon.ended("fails")

    attempts = detail["agents"]["job"]["turns"][0]["attempts"]
    log = daemon.log(detail["id"], "job")
    skipped = ("skipped", "skipped")
    good = ("success", "success")
    assert len(attempts) == 2
    assert words(daemon, detail) == [("failure", "success"), good, ("failure", "failure"), skipped, good, good, skipped]
    assert "soft failure/success" in log
    assert "because of a failure\n" in log
    assert "not this" not in log.replace("echo not this", "")
    assert attempts[-1]["exit_code"] == 5
    assert detail["agents"]["job"]["detail"] == "step 3: exit code 5: broken"


def test_a_step_that_is_too_slow_fails_and_the_session_time_out_ends_all(daemon):
    detail = daemon.ended("limits")

    assert detail["agents"]["step"]["detail"] == "step 1 (Slow): still running after 0.2 s"
    assert words(daemon, detail, "step") == [("failure", "failure"), ("success", "success")]
    assert (detail["agents"]["whole"]["outcome"], detail["agents"]["whole"]["reason"]) == ("timed_out", "timeout")
    assert words(daemon, detail, "whole")[0][0] == "cancelled"


def test_what_cannot_start_is_a_failed_step_with_its_reason(daemon):
    detail = daemon.ended("bad")

    assert "nonesuch is not on its PATH" in daemon.log(detail["id"], "shell")
    assert words(daemon, detail, "shell") == [("failure", "failure"), ("success", "success")]
    assert "nowhere" in detail["agents"]["folder"]["detail"]
    assert "leads out of the workspace" in detail["agents"]["outside"]["detail"]
    assert "CHAINWRIGHT_RUN_ID" in detail["agents"]["env"]["detail"]


def test_a_cancelled_run_lets_the_steps_clean_up_that_ask_for_it(daemon):
    run = daemon.run("cancelled")
    daemon.begun(run, "job", "ready")

    daemon.client.post(f"/runs/{run}/cancel")
    detail = daemon.end(run)

    log = daemon.log(run, "job")
    assert detail["outcome"] == "cancelled"
    assert [one[0] for one in words(daemon, detail)] == ["cancelled", "skipped", "success", "success"]
    assert "\nit was cancelled\n" in log
    assert "\ntidy\n" in log


def test_a_second_cancel_ends_the_cleaning_up_too(daemon, by_and_by):
    """Semantics 26."""
    run = daemon.run("stubborn")
    daemon.begun(run, "job", "ready")

    daemon.client.post(f"/runs/{run}/cancel")
    by_and_by(lambda: "\ntidying" in daemon.log(run, "job"))
    daemon.client.post(f"/runs/{run}/cancel")

    assert daemon.end(run)["outcome"] == "cancelled"


def test_a_reusable_agent_may_have_steps(daemon):
    detail = daemon.ended("greet")

    assert daemon.log(detail["id"], "greet").splitlines()[-1] == "hello Ada"


def test_a_step_finds_the_terminal_as_the_first_one_did(daemon, type_into):
    run = daemon.run("terminal")
    daemon.begun(run, "job", "step 4/4")

    type_into(run, "job", b"typed\r")

    assert daemon.end(run)["outcome"] == "succeeded"
    log = daemon.log(run, "job")
    assert "\nicanon" in log
    assert "read typed" in log


@pytest.mark.parametrize("label", ["order", "harvest"])
def test_a_daemon_that_is_killed_in_a_step_or_between_two_repeats_nothing(own_daemon, by_and_by, label):
    daemon = own_daemon
    run = daemon.run("patient")
    daemon.begun(run, "job", "ready")
    workspace = by_and_by(lambda: next(iter(daemon.home.root.rglob("book")), None)).parent

    daemon.stop(signal.SIGKILL)
    if label == "harvest":  # the step ends while nobody is there
        (workspace / "go").touch()
        by_and_by(lambda: any("ended_at" in path.read_text() for path in daemon.home.root.rglob("steps.log")))
        daemon.start()
    else:
        daemon.start()
        (workspace / "go").touch()

    assert daemon.end(run)["outcome"] == "succeeded"
    assert (workspace / "book").read_text() == "begun\nsecond 1\n"
