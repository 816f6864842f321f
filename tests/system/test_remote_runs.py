"""Agents on another machine, over a real sshd: the same sessions, files, events and guarantees as on this one."""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.sshd import BINARY, Sshd

pytestmark = pytest.mark.skipif(BINARY is None, reason="no sshd: apt-get install openssh-server")

LIMIT_S = 60.0
"""Each of these crosses a link several times, on a machine that is busy with others."""

FILES = {
    "notes.txt": "from the commit\n",
    "workflows/there.yaml": """
inputs:
  topic: {type: string, default: joins}
agents:
  write:
    runs-on: box
    env: {TOPIC: '${{ inputs.topic }}'}
    run: |
      echo "on $CHAINWRIGHT_HOST in $PWD, $(stty size), term $TERM"
      cat notes.txt
      echo "a draft about $TOPIC" > draft.txt
      echo draft=draft.txt >> "$CHAINWRIGHT_OUTPUT"
      chainwright emit draft.ready --data '{"words": 4}'
    outputs: {draft: file}
    emits: {draft.ready: {words: integer}}
  read-there:
    on: draft.ready
    runs-on: box
    env: {WORDS: '${{ event.data.words }}'}
    run: echo "heard of $WORDS words on $CHAINWRIGHT_HOST"
  read-here:
    needs: write
    env: {DRAFT: '${{ needs.write.outputs.draft }}'}
    run: echo "$(cat "$DRAFT") on $CHAINWRIGHT_HOST"
  back-there:
    needs: write
    runs-on: box
    workspace: fresh
    env: {DRAFT: '${{ needs.write.outputs.draft }}'}
    run: |
      cat "$DRAFT"
      git -C "$CHAINWRIGHT_REPOSITORY" log --oneline | wc -l
    checks: [{run: 'test "$CHAINWRIGHT_HOST" = box'}]
""",
    "workflows/steps.yaml": """
agents:
  parts:
    runs-on: box
    steps:
      - {id: one, run: 'echo where=$CHAINWRIGHT_HOST >> $GITHUB_OUTPUT; echo KEPT=yes >> $GITHUB_ENV'}
      - {run: 'echo "$W $KEPT ${{ run.number }}"', if: "host.name == 'box'", env: {W: '${{ steps.one.outputs.where }}'}}
""",
    "workflows/secret.yaml": """
agents:
  tell: {runs-on: box, secrets: [TOKEN], run: 'echo "the token is $TOKEN"'}
""",
    "workflows/ask.yaml": """
agents:
  ask:
    runs-on: box
    run: |
      echo begun in $(stty size)
      while read line; do
        echo "heard $line in $(stty size)"
        case "$line" in bye) exit 0;; esac
      done
""",
    "workflows/count.yaml": """
inputs: {to: {type: integer, default: 40}}
agents:
  count:
    runs-on: box
    env: {TO: '${{ inputs.to }}'}
    run: |
      for i in $(seq $TO); do
        echo "line $i of the count"
        chainwright emit counted --data $i --key k$i
        sleep 0.05
      done
    emits: [counted]
""",
    "workflows/bare.yaml": """
agents:
  write:
    runs-on: bare
    secrets: [TOKEN]
    run: |
      cat notes.txt
      echo "the token is $TOKEN, the terminal $(stty size)"
      echo "written there" > draft.txt
      echo draft=draft.txt >> "$CHAINWRIGHT_OUTPUT"
      chainwright emit draft.ready --data '{"words": 2}' --key once
    outputs: {draft: file}
    emits: {draft.ready: {words: integer}}
  read:
    on: draft.ready
    runs-on: bare
    env: {WORDS: '${{ event.data.words }}'}
    run: echo "$WORDS words"
  back:
    needs: write
    runs-on: bare
    workspace: fresh
    env: {DRAFT: '${{ needs.write.outputs.draft }}'}
    run: cat "$DRAFT"; exit 3
    continue-on-error: true
  here:
    needs: write
    env: {DRAFT: '${{ needs.write.outputs.draft }}'}
    run: cat "$DRAFT"
  never: {runs-on: bare, workspace: worktree, run: 'true', continue-on-error: true}
""",
    "workflows/nowhere.yaml": "agents:\n  a: {runs-on: [box, moon], run: 'true'}\n",
    "workflows/sleep.yaml": "agents:\n  a: {runs-on: box, run: 'echo asleep; sleep 600'}\n",
    "workflows/branch.yaml": """
agents:
  commit:
    runs-on: box
    workspace: worktree
    run: |
      echo more >> notes.txt
      git -c user.name=a -c user.email=a@example.org commit -qam 'From the box'
      git log --oneline | head -1
""",
}


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    folder = Path(tempfile.mkdtemp(prefix="cw-ssh-"))
    found = Sshd(folder)
    found.start()
    yield found
    found.stop()
    shutil.rmtree(folder)


def introduce(daemon, sshd: Sshd, name: str = "box", **more) -> None:
    """Add the host, which is trusted because the test knows its key."""
    settings = sshd.settings(**more).model_dump(mode="json", exclude_none=True)
    daemon.client.post("/hosts", {"name": name, "settings": settings})


@pytest.fixture(scope="module")
def daemon(daemon, sshd):
    (daemon.home.root / "secrets.yaml").write_text("TOKEN: moonshine-92\n")
    (daemon.home.root / "secrets.yaml").chmod(0o600)
    introduce(daemon, sshd)
    return daemon


@pytest.fixture
def box(own_daemon, root) -> Iterator[Sshd]:
    """A host of a daemon of one's own."""
    found = Sshd(root / "box")
    found.start()
    introduce(own_daemon, found)
    yield found
    found.stop()


def lines(daemon, run, agent):
    return [line.rstrip() for line in daemon.log(run, agent).splitlines()]


def content(folder: str, name: str) -> bytes:
    """Of a file that may be gone by now."""
    with suppress(OSError):
        return Path(folder, name).read_bytes()
    return b""


# what agents have there


def test_files_events_outputs_and_checks_cross_the_link(daemon):
    run = daemon.run("there")
    detail = daemon.end(run, LIMIT_S)

    assert detail["outcome"] == "succeeded", daemon.log(run, "write")
    assert daemon.attempt(detail, "write")["host"] == "box"
    first, *rest = lines(daemon, run, "write")
    assert first.startswith("on box in ") and first.endswith("40 120, term xterm-256color")
    assert "from the commit" in rest
    assert lines(daemon, run, "read-there") == ["heard of 4 words on box"]
    assert lines(daemon, run, "read-here") == ["a draft about joins on local"]
    assert lines(daemon, run, "back-there") == ["a draft about joins", "1"]


def test_steps_share_a_session_there(daemon):
    run = daemon.run("steps")

    assert daemon.end(run, LIMIT_S)["outcome"] == "succeeded"
    assert "box yes 1" in lines(daemon, run, "parts")


def test_a_secret_reaches_the_process_and_nothing_else(daemon, sshd):
    run = daemon.run("secret")

    assert daemon.end(run, LIMIT_S)["outcome"] == "succeeded"
    assert lines(daemon, run, "tell") == ["the token is ***"]
    left = [
        path for path, _, names in os.walk(sshd.folder / "r") for name in names if b"moonshine" in content(path, name)
    ]
    assert left == []


def test_a_branch_of_a_worktree_there_can_be_fetched_here(daemon, by_and_by):
    run = daemon.run("branch")
    detail = daemon.end(run, LIMIT_S)
    branch = daemon.attempt(detail, "commit")["branch"]
    copy = daemon.home.cache / "repository.git"

    assert detail["outcome"] == "succeeded", daemon.log(run, "commit")
    by_and_by(lambda: (copy / "HEAD").exists() and branch in daemon.repository.git(f"--git-dir={copy}", "branch"))
    assert daemon.repository.git(f"--git-dir={copy}", "log", "-1", "--format=%s", branch) == "From the box"


def test_people_type_there_and_the_window_follows(daemon, at_terminal, by_and_by):
    run = daemon.run("ask")
    daemon.begun(run, "ask", "begun in 40 120")
    screen = at_terminal("attach", run, "ask", "--take-over")
    by_and_by(screen.is_raw)
    screen.type(b"tea\r")
    screen.until(b"heard tea in 30 100")
    screen.resize(20, 70)
    screen.type_until(b"milk\r", b"heard milk in 20 70")
    screen.type(b"bye\r")
    screen.until(b"heard bye")

    assert screen.end() == 0
    assert daemon.end(run, LIMIT_S)["outcome"] == "succeeded"


def test_a_host_without_python_runs_agents_that_are_bound_to_the_connection(daemon, sshd, chainwright):
    introduce(daemon, sshd, "bare", python="no-such-python", durable="preferred", root=str(sshd.folder / "b"))
    run = daemon.run("bare")
    detail = daemon.end(run, LIMIT_S)

    assert detail["outcome"] == "succeeded", daemon.log(run, "write")
    assert lines(daemon, run, "write") == ["from the commit", "the token is ***, the terminal 40 120"]
    assert lines(daemon, run, "read") == ["2 words"]
    assert (lines(daemon, run, "back"), daemon.attempt(detail, "back")["exit_code"]) == (["written there"], 3)
    assert lines(daemon, run, "here") == ["written there"]
    assert "needs Python" in daemon.attempt(detail, "never")["detail"]
    assert "bound to its connection" in chainwright("explain", run, "write").out
    row = next(row for row in daemon.client.items("/hosts") if row["name"] == "bare")
    assert (row["state"], row["durable"]) == ("connected", False)
    daemon.client.post("/hosts/bare/remove", {"force": True})


def test_it_says_which_label_no_host_has(daemon, by_and_by, chainwright):
    run = daemon.run("nowhere")
    by_and_by(lambda: daemon.attempt(daemon.show(run), "a")["reason"] == "no-host")

    assert "no host has the labels box, moon; there are: local (no labels), box (no labels)" in (
        chainwright("explain", run, "a").out
    )


def test_a_cancelled_agent_is_ended_there(daemon):
    run = daemon.run("sleep")
    daemon.begun(run, "a", "asleep")
    daemon.client.post(f"/runs/{run}/cancel")

    assert daemon.end(run, LIMIT_S)["outcome"] == "cancelled"


# the link, the daemon, the machine


def counted(daemon, run, to=40):
    """The log and the events of a count, once each and in order."""
    detail = daemon.end(run, LIMIT_S)
    assert detail["outcome"] == "succeeded"
    assert lines(daemon, run, "count") == [f"line {i} of the count" for i in range(1, to + 1)]
    data = [event["data"] for event in daemon.events(run) if event["name"] == "counted"]
    assert data == list(range(1, to + 1))
    turns = detail["agents"]["count"]["turns"]
    assert [len(turn["attempts"]) for turn in turns] == [1]
    kinds = [row["kind"] for row in daemon.client.items(f"/runs/{run}/journal")]
    assert kinds.count("SessionExited") == 1


def test_connections_that_are_killed_lose_and_double_nothing(daemon, sshd):
    run = daemon.run("count")
    for line in (5, 12, 20):
        daemon.begun(run, "count", f"line {line} of")
        sshd.cut()

    counted(daemon, run)


def test_a_daemon_that_is_killed_finds_its_agents_there(own_daemon, box):
    run = own_daemon.run("count")
    own_daemon.begun(run, "count", "line 5 of")
    own_daemon.stop(signal.SIGKILL)
    own_daemon.start()

    counted(own_daemon, run)


def test_an_agent_that_ends_while_daemon_and_sshd_are_away_is_recorded_once(own_daemon, box, by_and_by):
    run = own_daemon.run("count", to=20)
    own_daemon.begun(run, "count", "line 3 of")
    box.stop()
    own_daemon.stop(signal.SIGKILL)
    by_and_by(lambda: list((box.folder / "r").glob("*/s/*/exit.json")))
    own_daemon.start()
    box.start()

    counted(own_daemon, run, 20)


def test_a_host_whose_key_changed_is_refused_and_says_so(own_daemon, box, by_and_by):
    box.stop()
    box.change_host_key()
    box.start()
    run = own_daemon.run("sleep")
    # Until it listens again the reason is another: nothing listens there.
    by_and_by(lambda: "key" in (own_daemon.attempt(own_daemon.show(run), "a")["detail"] or ""))
    attempt = own_daemon.attempt(own_daemon.show(run), "a")

    assert attempt["reason"] == "host-away"
    assert "box" in attempt["detail"]


def test_a_removed_host_loses_what_ran_there(own_daemon, box):
    run = own_daemon.run("sleep")
    own_daemon.begun(run, "a", "asleep")
    agents = [json.loads(path.read_text())["pid"] for path in (box.folder / "r").glob("*/s/*/child.json")]
    box.stop()
    own_daemon.client.post("/hosts/box/remove", {"force": True})
    detail = own_daemon.end(run, LIMIT_S)

    assert (detail["outcome"], own_daemon.attempt(detail, "a")["outcome"]) == ("failed", "lost")
    for pid in agents:
        os.killpg(pid, signal.SIGKILL)  # nobody of ours will ever ask for it
