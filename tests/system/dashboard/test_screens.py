"""Every screen with something on it: it can be used by everybody, worked with, and says what is the matter when it cannot be shown.

`make screenshots` leaves pictures of them.
"""

import hashlib
import hmac
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

HOSTED = True
SECRET = "the secret of these pictures"
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BRIEF = """\
name: Repository brief
description: Reads the history of a repository, and writes a brief that a person wants to read.
on:
  manual:
  schedule: [{cron: '0 7 * * 1', timezone: Europe/Berlin}]
inputs:
  topic: {type: string, default: releases, description: what it is about}
agents:
  research:
    run: |
      echo reading the history
      chainwright emit notes.ready --data '{"notes": 3}'
    emits: [notes.ready]
  people: {on: notes.ready, run: sleep 0.2; echo 4 people}
  files: {on: notes.ready, run: sleep 0.3; echo 31 files}
  outline: {needs: [people, files], run: chainwright emit outline.ready, emits: [outline.ready]}
  write:
    on: {any: [outline.ready, draft.rejected]}
    max-turns: 3
    env: {TOPIC: '${{ inputs.topic }}'}
    run: |
      for n in 1 2 3; do printf '\\033[32m✔\\033[0m part %s of \\033[1m%s\\033[0m\\n' $n "$TOPIC"; sleep 0.1; done
      echo "words=120" >> "$CHAINWRIGHT_OUTPUT"
      chainwright emit draft.ready
    outputs: {words: integer}
    emits: [draft.ready]
  edit:
    on: draft.ready
    run: test "$CHAINWRIGHT_TURN" = 2 && chainwright emit draft.accepted || chainwright emit draft.rejected
    emits: [draft.accepted, draft.rejected]
  publish: {on: draft.accepted, run: echo published}
"""
FILES = {
    "workflows/brief.yaml": BRIEF,
    "workflows/flaky.yaml": "agents:\n  first: {run: sleep 0.1}\n  second: {needs: first, run: exit 3}\n  after: {needs: second, run: 'true'}\n",
    "workflows/review.yaml": r"""
name: Review
agents:
  read: {run: echo reading}
  ask: {needs: read, run: "printf 'Found 2 drafts:\n  1  short\n  2  long\n\nWhich one? \a'; read -r line; sleep 600"}
  publish: {needs: read, approval: {message: Publish the review?}, run: echo published}
""",
    "workflows/hooked.yaml": """
on:
  webhook: {id: built, verify: {scheme: github, secret: BUILT}, if: "event.headers['x-github-event'] != 'ping'"}
  schedule: [{cron: '15 6 * * 1-5', timezone: Europe/Berlin}]
agents:
  only: {run: 'true'}
""",
}


@pytest.fixture(scope="module")
def furnished(paged):
    """The daemon of this module with something on every screen: the runs that are looked at."""
    return furnish(paged)


def furnish(daemon):
    """Put something on every screen; the runs that are looked at, by what they are looked at for."""
    secrets = daemon.home.root / "secrets.yaml"
    secrets.touch(mode=0o600)
    secrets.write_text(f"BUILT: {SECRET}\nSTANDARD: {STANDARD_SECRET}\n")
    deliver(daemon, "push", SECRET)
    deliver(daemon, "push", "another secret")
    deliver(daemon, "ping", SECRET)
    daemon.client.post(
        "/hosts", {"name": "gpu1", "settings": {"address": "gpu1.example.org", "labels": ["gpu"], "slots": 4}}
    )
    shorter = BRIEF.replace("max-turns: 3", "max-turns: 2")
    daemon.repository.commit({"workflows/brief.yaml": shorter})
    daemon.repository.git("commit", "--quiet", "--amend", "--message", "A draft is written twice at most")
    daemon.repository.git("push", "--quiet", "origin", "HEAD:refs/for/main")
    for _ in range(4):
        daemon.ended("brief")
    daemon.ended("flaky")
    live = daemon.run("review")
    daemon.begun(live, "ask", "Which one?")
    return {"done": daemon.ended("brief", topic="hosts")["id"], "failed": daemon.ended("flaky")["id"], "live": live}


def deliver(daemon, event, secret):
    """Send the webhook something; how it is answered is seen on the screen."""
    body = b'{"ref": "refs/heads/main", "repository": {"full_name": "acme/site"}}'
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": f"sha256={signature}",
        "Content-Type": "application/json",
    }
    address = f"http://127.0.0.1:{daemon.port}/hooks/default/main/built"
    request = urllib.request.Request(address, body, {**headers, "X-GitHub-Delivery": f"{event} {len(secret)}"})
    try:
        urllib.request.urlopen(request, timeout=20).close()
    except urllib.error.HTTPError as refused:
        refused.close()


def test_every_screen_can_be_used_by_everybody(play, furnished, built):
    wanted = os.environ.get("CHAINWRIGHT_SCREENSHOTS", "")
    folder = built / "shots" if wanted else None
    if folder:
        Path(folder).mkdir(exist_ok=True)
    play("screens.mjs", *([str(folder)] if folder else []), furnished=lambda _: furnished)


HOOKS = {
    "github": "",
    "gitea": "",
    "forgejo": "",
    "gitlab": "",
    "slack": "",
    "stripe": "",
    "standard": "",
    "hmac": ", header: X-Sum, algorithm: sha512, encoding: base64, prefix: 'v1=', id-header: X-Id",
    "token": "",
}
"""Scheme of a proof and what else its webhook says."""
PUSHED = {
    "workflows/proven.yaml": "on:\n  webhook:\n"
    + "".join(
        f"    - {{id: {name}, verify: {{scheme: {name}, secret: {'STANDARD' if name == 'standard' else 'BUILT'}{more}}}}}\n"
        for name, more in HOOKS.items()
    )
    + "agents: {a: {run: 'true'}}\n"
}


def test_what_is_shown_can_be_worked_with(play, paged, furnished):
    assert furnished

    def push(_: None) -> None:
        paged.repository.git("reset", "--quiet", "--hard", "origin/main")
        paged.repository.commit(PUSHED)
        paged.repository.git("push", "--quiet", "origin", "HEAD:main")

    def shell(asked: dict[str, str]) -> str:
        secret = STANDARD_SECRET if asked["secret"] == "STANDARD" else SECRET
        done = subprocess.run(
            ["bash", "-eu"],
            input=asked["script"],
            env={**os.environ, "SECRET": secret},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout + done.stderr

    play("operate.mjs", push=push, shell=shell, schemes=lambda _: list(HOOKS))


def test_what_cannot_be_shown_is_said(play, paged):
    play("states.mjs")
