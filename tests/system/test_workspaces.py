"""Where agents work: in the run's checkout, or in one of their attempt's own (semantics 31)."""

from typing import Any

FILES = {
    "workflows/fresh.yaml": """
defaults: {workspace: fresh}
agents:
  first:
    retry: {max: 1, delay: 0s}
    outputs: {made: file}
    run: |
      ls -A; touch mark
      echo made > out; echo made=out >> "$CHAINWRIGHT_OUTPUT"
      test "$CHAINWRIGHT_ATTEMPT" = 2
    checks: [{run: test -e mark}]
  second:
    needs: first
    env: {MADE: '${{ needs.first.outputs.made }}'}
    run: ls -A; cat "$MADE"
  shared:
    workspace: shared
    needs: first
    run: test "$PWD" = "$CHAINWRIGHT_WORKSPACE"; touch of-the-run; ls -A
  after:
    workspace: shared
    needs: shared
    run: ls -A
""",
    "file": "x",
}


def test_a_fresh_workspace_is_new_for_each_attempt(daemon: Any) -> None:
    """A retry does not meet what the attempt before has left, a check does; files are handed on all the same."""
    run = daemon.ended("fresh")
    seen = [daemon.log(run["id"], "first", attempt=number).split() for number in (1, 2)]

    assert run["outcome"] == "succeeded"
    assert seen == [["file", "workflows"], ["file", "workflows"]]
    assert daemon.log(run["id"], "second").split() == ["file", "workflows", "made"]


def test_agents_with_the_shared_workspace_meet_each_other_there(daemon: Any) -> None:
    run = daemon.ended("fresh")["id"]

    assert daemon.log(run, "shared").split() == ["file", "of-the-run", "workflows"]
    assert daemon.log(run, "after").split() == ["file", "of-the-run", "workflows"]


def test_what_attempts_have_changed_stays_for_people_to_see(daemon: Any) -> None:
    run = daemon.ended("fresh")
    own = daemon.home.runs / run["id"] / "own"
    first, second = (attempt["id"] for attempt in run["agents"]["first"]["turns"][0]["attempts"])

    assert [(own / attempt / "workspace" / "mark").exists() for attempt in (first, second)] == [True, True]
