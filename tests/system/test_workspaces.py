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
    "workflows/tree.yaml": """
agents:
  write:
    workspace: worktree
    retry: {max: 1, delay: 0s}
    run: |
      git status --short; git log --format=%s; git branch --show-current; cat file; echo
      echo more >> file; touch left
      git -c user.name=Ada -c user.email=ada@example.org commit --quiet -am "Attempt $CHAINWRIGHT_ATTEMPT"
      git checkout --quiet --detach
      test "$CHAINWRIGHT_ATTEMPT" = 2
    checks: [{run: test -e left}]
  beside:
    workspace: worktree
    run: ls -A; git rev-list --count HEAD
""",
    "workflows/history.yaml": """
agents:
  read:
    run: |
      set +e
      cd "$CHAINWRIGHT_REPOSITORY"
      test "$(git rev-parse HEAD)" = "$CHAINWRIGHT_COMMIT" && git log --format=%s && git show HEAD:file && echo
      cd "$CHAINWRIGHT_WORKSPACE" && git init --quiet && git add file
      git -c user.name=Ada -c user.email=ada@example.org commit --quiet -m mine
      git push "$CHAINWRIGHT_REPOSITORY" HEAD:refs/heads/mine || echo refused
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


def test_an_agent_reads_the_history_of_its_commit_and_cannot_push_there(daemon: Any) -> None:
    """31: `CHAINWRIGHT_REPOSITORY` is a read-only mirror."""
    log = daemon.log(daemon.ended("history")["id"], "read")

    assert log.startswith("Change\nx\n")
    assert "this mirror is for reading" in log
    assert log.endswith("refused\n")
    assert daemon.repository.git("branch", "--format=%(refname:short)") == "main"


def test_a_worktree_is_a_turns_own_and_reset_on_a_retry(daemon: Any) -> None:
    """Whatever the attempt before has done to it: committed, left, moved HEAD; nobody else sees that."""
    run = daemon.ended("tree")
    branch = f"chainwright/{run['id']}-write-1"
    logs = [daemon.log(run["id"], "write", attempt=number).split() for number in (1, 2)]

    assert run["outcome"] == "succeeded"
    assert logs == [["Change", branch, "x"]] * 2
    assert daemon.log(run["id"], "beside").split() == [".git", "file", "workflows", "1"]


def test_the_branch_of_a_worktree_stays_for_people_to_fetch(daemon: Any, chainwright: Any) -> None:
    """In the cache, by the name that `show` and `explain` tell; the chain repository is only read."""
    run = daemon.ended("tree")
    branch = daemon.attempt(run, "write")["branch"]
    daemon.repository.git("fetch", "--quiet", str(daemon.home.cache / "repository.git"), branch)

    assert daemon.repository.git("log", "--format=%s", "FETCH_HEAD").splitlines() == ["Attempt 2", "Change"]
    assert daemon.repository.git("branch", "--list", "chainwright/*") == ""
    assert f"branch {branch} in {daemon.home.cache}/repository.git" in chainwright("show", run["id"]).out
    assert branch in chainwright("explain", run["id"], "write").out
