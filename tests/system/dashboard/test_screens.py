"""Every screen can be used by everybody, with something on it. `make screenshots` leaves pictures of them."""

import hashlib
import hmac
import os
import urllib.error
import urllib.request
from pathlib import Path

HOSTED = True
SECRET = "the secret of these pictures"
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


def furnish(daemon):
    """Put something on every screen; the runs that are looked at, by what they are looked at for."""
    secrets = daemon.home.root / "secrets.yaml"
    secrets.touch(mode=0o600)
    secrets.write_text(f"BUILT: {SECRET}\n")
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


def test_every_screen_can_be_used_by_everybody(play, paged, built):
    wanted = os.environ.get("CHAINWRIGHT_SCREENSHOTS", "")
    folder = built / "shots" if wanted else None
    if folder:
        Path(folder).mkdir(exist_ok=True)
    play("screens.mjs", *([str(folder)] if folder else []), furnish=lambda _: furnish(paged))
