"""`chainwright cancel`: everything of the run ends, politely first, and who cleans up may still do so."""

from pathlib import Path

import pytest

FILES = {
    "workflows/polite.yaml": """
agents:
  work:
    run: |
      trap 'echo going; exit 0' TERM
      echo begun
      while true; do sleep 0.05; done
  tidy:
    needs: work
    if: always()
    run: echo tidied
  after:
    needs: work
    run: echo never
""",
    "workflows/deaf.yaml": """
agents:
  work:
    run: |
      trap '' TERM HUP INT
      sleep 300 &
      setsid sh -c 'trap "" TERM HUP; echo $$ > stray; exec sleep 300' &
      until [ -s stray ]; do sleep 0.02; done
      echo "$$ $! $(cat stray)" > pids
      echo begun
      while true; do sleep 0.05; done
""",
    "workflows/waits.yaml": """
agents:
  first:
    run: |
      echo begun
      sleep 300
  second:
    needs: first
    run: 'true'
""",
    "workflows/slow-tidy.yaml": """
agents:
  work:
    run: echo begun; sleep 300
  tidy:
    needs: work
    if: always()
    run: echo tidying; sleep 300
""",
}


def test_agents_are_told_to_go_and_cleaners_run_after_them(daemon, chainwright):
    run = daemon.run("polite")
    daemon.begun(run, "work", "begun")

    done = chainwright("cancel", run)
    detail = daemon.end(run)

    assert done.code == 0
    assert (detail["outcome"], detail["agents"]["work"]["outcome"]) == ("cancelled", "cancelled")
    assert daemon.attempt(detail, "work")["exit_code"] == 0
    assert "going" in daemon.log(run, "work")
    assert detail["agents"]["tidy"]["outcome"] == "succeeded"
    assert detail["agents"]["after"]["outcome"] == "skipped"


def test_what_does_not_listen_is_killed_with_its_children_and_grandchildren(daemon, chainwright, by_and_by):
    run = daemon.run("deaf")
    daemon.begun(run, "work", "begun")
    pids = (daemon.home.runs / run / "workspace" / "pids").read_text().split()

    chainwright("cancel", run)
    detail = daemon.end(run)

    assert detail["outcome"] == "cancelled"
    assert len(pids) == 3
    by_and_by(lambda: not [pid for pid in pids if Path("/proc", pid).exists()])


def test_a_second_cancel_ends_the_cleaners_too(daemon, chainwright):
    run = daemon.run("slow-tidy")
    daemon.begun(run, "work", "begun")
    chainwright("cancel", run)
    daemon.begun(run, "tidy", "tidying")

    chainwright("cancel", run)

    assert daemon.end(run)["agents"]["tidy"]["outcome"] == "cancelled"


def test_what_had_not_started_never_does(daemon, chainwright):
    run = daemon.run("waits")
    daemon.begun(run, "first", "begun")

    chainwright("cancel", run)
    detail = daemon.end(run)

    assert detail["agents"]["second"]["outcome"] in ("skipped", "cancelled")
    assert all(not turn["attempts"] for turn in detail["agents"]["second"]["turns"])


@pytest.mark.parametrize("verb", ["cancel", "emit"])
def test_a_run_that_has_ended_is_a_conflict(daemon, chainwright, verb):
    run = daemon.run("waits")
    daemon.begun(run, "first", "begun")
    chainwright("cancel", run)
    daemon.end(run)

    done = chainwright("cancel", run) if verb == "cancel" else chainwright("emit", "anything", "--run", run)

    assert done.code == 7
    assert "has ended" in done.err
