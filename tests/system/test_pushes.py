"""Chains that start with pushes: a real repository, a real daemon that follows it, and the runs that come of what moves."""

import signal

import pytest

TAKES = """
inputs: {ref: {type: string}}
outputs: {saw: '${{ agents.tell.outputs.saw }}', commit: '${{ run.commit }}', ref: '${{ inputs.ref }}'}
agents:
  tell:
    outputs: {saw: string}
    run: echo "saw=$(cat mark.txt) $CHAINWRIGHT_COMMIT" >>"$CHAINWRIGHT_OUTPUT"
"""


def chain(trigger: str) -> str:
    """A chain with a trigger of pushes that tells what it saw in its workspace."""
    return f"on: {{push: {{{trigger}inputs: {{ref: '${{{{ event.source.ref }}}}'}}}}}}{TAKES}"


FILES = {
    "workflows/every.yaml": chain(""),
    "workflows/releases.yaml": chain("branches: ['release/**'], tags: ['v*'], "),
    "workflows/docs.yaml": chain("branches-ignore: [quiet], paths: ['docs/**', '!docs/drafts/**'], "),
    "workflows/asks.yaml": chain("branches: [asked], if: \"!contains(event.data.message, '[skip]')\", "),
    "mark.txt": "first",
}


class Pushes:
    """Moves refs of a daemon's repository and looks at the runs that come of it."""

    def __init__(self, daemon, by_and_by):
        self.daemon = daemon
        self.git = daemon.repository.git
        self.by_and_by = by_and_by
        self.known = {run["id"] for run in self._runs()}

    def commit(self, mark, files=(), message="Change"):
        """A commit upon main that no ref leads to, with a mark by which agents recognise it."""
        self.git("checkout", "--quiet", "--detach", "main")
        commit = self.daemon.repository.commit({"mark.txt": mark, **dict(files)})
        if message != "Change":
            self.git("commit", "--quiet", "--amend", "--message", message)
            commit = self.git("rev-parse", "HEAD")
        self.git("checkout", "--quiet", "main")
        return commit

    def move(self, ref, commit):
        """Has a ref lead to a commit; nowhere when that is None."""
        self.git("update-ref", *((ref, commit) if commit else ("-d", ref)))

    def _runs(self):
        return [run for run in self.daemon.client.get("/runs", limit=500)["items"] if run["trigger"]["kind"] == "push"]

    def started(self):
        """The ended runs that came of what has moved since the last call, by chain and ref.

        What moves is told in its order, so when the run of a tag that is set last has begun, all others have.
        """
        self.daemon.client.post("/deployments/reconcile")
        last = f"refs/tags/until-{len(self.known)}-{self.git('rev-list', '--all', '--count')}"
        self.move(last, self.git("rev-parse", "main"))
        self.daemon.client.post("/deployments/reconcile")
        found = {}

        def is_told():
            for run in self._runs():
                if run["id"] not in self.known:
                    self.known.add(run["id"])
                    ended = self.daemon.end(run["id"])
                    assert (run["chain"], ended["inputs"]["ref"]) not in found
                    found[run["chain"], ended["inputs"]["ref"]] = ended
            return ("every", last) in found

        self.by_and_by(is_told)
        self.move(last, None)
        return {who: run for who, run in found.items() if who[1] != last}


@pytest.fixture
def pushes(daemon, by_and_by):
    """Of this module's daemon."""
    return Pushes(daemon, by_and_by)


def test_the_first_sight_of_a_repository_starts_nothing(pushes):
    assert pushes.known == set()
    assert pushes.started() == {}


def test_a_push_starts_what_waits_for_it_at_the_pushed_commit(pushes, daemon, chainwright):
    """The definition is the deployed one; the workspace, ``run.commit`` and ``CHAINWRIGHT_COMMIT`` are of what was pushed."""
    commit = pushes.commit("pushed", {"workflows/every.yaml": "not: [a chain"})
    pushes.move("refs/heads/topic", commit)

    started = pushes.started()
    run = started["every", "refs/heads/topic"]
    assert set(started) == {("every", "refs/heads/topic"), ("docs", "refs/heads/topic")}
    assert run["outputs"] == {"saw": f"pushed {commit}", "commit": commit, "ref": "refs/heads/topic"}
    assert (run["commit"], run["definition_commit"]) == (commit, pushes.git("rev-parse", "main"))
    assert f"commit {commit[:10]}  definition {run['definition_commit'][:10]}" in chainwright("show", run["id"]).out


def test_a_retry_works_on_the_pushed_commit_too(pushes, daemon):
    commit = pushes.commit("again")
    pushes.move("refs/heads/again", commit)
    first = pushes.started()["every", "refs/heads/again"]

    retry = daemon.end(daemon.client.post(f"/runs/{first['id']}/retry")["id"])
    assert retry["outputs"] == first["outputs"]
    assert (retry["commit"], retry["definition_commit"]) == (commit, first["definition_commit"])


def test_tags_and_branches_are_told_apart(pushes):
    commit = pushes.commit("release")
    for ref in ("refs/heads/release/1/x", "refs/tags/v1", "refs/tags/other", "refs/heads/v2"):
        pushes.move(ref, commit)

    chains = {who for who in pushes.started() if who[0] == "releases"}
    assert chains == {("releases", "refs/heads/release/1/x"), ("releases", "refs/tags/v1")}


def test_an_annotated_tag_stands_for_its_commit(pushes):
    commit = pushes.commit("annotated")
    pushes.git("tag", "--annotate", "--message", "One", "v-one", commit)

    assert pushes.started()["releases", "refs/tags/v-one"]["commit"] == commit


def test_paths_are_those_between_the_two_ends_of_a_push(pushes):
    first = pushes.commit("paths")
    pushes.move("refs/heads/paths", first)
    pushes.move("refs/heads/quiet", first)
    assert ("docs", "refs/heads/paths") in pushes.started(), "there is nothing that a new branch is compared with"

    drafts = pushes.commit("paths", {"docs/drafts/a.md": "a"})
    pushes.move("refs/heads/paths", drafts)
    assert set(pushes.started()) == {("every", "refs/heads/paths")}

    pages = pushes.commit("paths", {"docs/drafts/a.md": "b", "docs/a.md": "b"})
    pushes.move("refs/heads/paths", pages)
    pushes.move("refs/heads/quiet", pages)
    assert set(pushes.started()) == {
        ("every", "refs/heads/paths"),
        ("docs", "refs/heads/paths"),
        ("every", "refs/heads/quiet"),
    }


def test_its_if_reads_the_message(pushes):
    pushes.move("refs/heads/asked", pushes.commit("asked", message="Tidy [skip]"))
    assert set(pushes.started()) == {("every", "refs/heads/asked"), ("docs", "refs/heads/asked")}

    pushes.move("refs/heads/asked", pushes.commit("asked", message="Mend"))
    assert ("asks", "refs/heads/asked") in pushes.started()


def test_a_ref_that_goes_starts_nothing_and_comes_back_as_new(pushes):
    commit = pushes.commit("gone")
    pushes.move("refs/heads/gone", commit)
    assert ("every", "refs/heads/gone") in pushes.started()

    pushes.move("refs/heads/gone", None)
    assert pushes.started() == {}

    pushes.move("refs/heads/gone", commit)
    assert ("every", "refs/heads/gone") in pushes.started()


def test_a_forced_push_there_and_back_is_two_pushes(pushes):
    one, other = pushes.commit("one"), pushes.commit("other")
    for commit in (one, other, one, other):
        pushes.move("refs/heads/forced", commit)
        assert pushes.started()["every", "refs/heads/forced"]["commit"] == commit


def test_a_push_to_the_deployed_branch_is_told_what_it_brings(own_daemon, by_and_by):
    """The deployment comes first: the definition of the run is that of the push."""
    pushes = Pushes(own_daemon, by_and_by)
    commit = own_daemon.repository.commit({"workflows/fresh.yaml": chain("branches: [main], "), "mark.txt": "new"})

    run = pushes.started()["fresh", "refs/heads/main"]
    assert (run["commit"], run["definition_commit"]) == (commit, commit)


def test_what_moved_while_no_daemon_was_there_is_one_push(own_daemon, by_and_by):
    pushes = Pushes(own_daemon, by_and_by)
    pushes.move("refs/heads/away", pushes.commit("before"))
    assert ("every", "refs/heads/away") in pushes.started()

    own_daemon.stop(signal.SIGKILL)
    for mark in ("between", "after"):
        pushes.move("refs/heads/away", pushes.commit(mark))
    own_daemon.start()

    run = pushes.started()["every", "refs/heads/away"]
    assert run["outputs"]["saw"].startswith("after ")


def test_what_a_push_started_and_why_not_more_is_listed(pushes, command):
    commit = pushes.commit("listed", {"src/a.py": "a"})
    pushes.move("refs/heads/asked", commit)
    pushes.started()
    pushes.move("refs/heads/asked", pushes.commit("listed", message="Tidy [skip]"))
    pushes.move("refs/heads/quiet", commit)
    run = pushes.started()["every", "refs/heads/asked"]
    listed = command(pushes.daemon.home, "pushes", "-n", "50")
    moves = {one["ref"]: one for one in reversed(pushes.daemon.client.items("/pushes", limit=10))}

    asked, quiet = moves["refs/heads/asked"], moves["refs/heads/quiet"]
    assert {one["chain"]: one["run_id"] for one in asked["told"]}["every"] == run["id"]
    assert ("asks", "filtered", "its `if` does not hold") in {
        (one["chain"], one["fate"], one["reason"]) for one in asked["told"]
    }
    assert {one["chain"]: one["reason"] for one in quiet["passed_over"]} == {
        "releases": '`branches` leaves out "quiet"',
        "docs": '`branches-ignore` leaves out "quiet"',
        "asks": '`branches` leaves out "quiet"',
    }
    assert 'main/releases was not started: `branches` leaves out "quiet"' in listed.err
    assert f"main/every: run {run['id']}" in listed.err


def test_the_commit_of_a_run_outlives_its_branch(pushes, daemon):
    """Forced away or deleted, and cleared away by git: a retry has it, and what nobody works on is not kept."""
    worked, unknown = pushes.commit("worked"), pushes.commit("unknown")
    pushes.move("refs/heads/lost", worked)
    first = pushes.started()["every", "refs/heads/lost"]
    pushes.git("update-ref", "refs/elsewhere/unknown", unknown)  # no chain hears of it, however often the daemon looks
    pushes.move("refs/heads/lost", pushes.commit("instead"))
    pushes.started()
    pushes.git("reflog", "expire", "--expire=now", "--all")
    pushes.git("gc", "--quiet", "--prune=now")
    kept = pushes.git("for-each-ref", "--format=%(refname)", "refs/chains/kept").split()

    assert f"refs/chains/kept/{worked}" in kept
    assert f"refs/chains/kept/{unknown}" not in kept
    retry = daemon.end(daemon.client.post(f"/runs/{first['id']}/retry")["id"])
    assert retry["outputs"]["saw"] == f"worked {worked}"
