"""Every screen can be used by everybody. `make screenshots` leaves pictures of them."""

import os
from pathlib import Path

FILES = {
    "workflows/brief.yaml": """
name: Repository brief
description: Reads the history of a repository, and writes a brief that a person wants to read.
on:
  manual:
inputs:
  topic: {type: string, default: releases, description: what it is about}
agents:
  research: {run: 'echo reading; chainwright emit notes.ready --data "{\\"notes\\": 3}"', emits: [notes.ready]}
  people: {on: notes.ready, run: echo people}
  files: {on: notes.ready, run: 'echo files'}
  write:
    needs: [people, files]
    env: {TOPIC: '${{ inputs.topic }}'}
    run: |
      for n in 1 2 3; do printf '\\033[32m✔\\033[0m draft %s of \\033[1m%s\\033[0m\\n' $n "$TOPIC"; sleep 0.1; done
      echo "words=120" >> "$CHAINWRIGHT_OUTPUT"
    outputs: {words: integer}
  publish: {needs: write, run: echo published}
""",
    "workflows/flaky.yaml": "agents:\n  first: {run: echo one}\n  second: {needs: first, run: exit 3}\n",
    "workflows/review.yaml": """
name: Review
agents:
  read: {run: echo reading}
  ask: {needs: read, run: 'echo "Which one?"; read -r line; sleep 600'}
  publish: {needs: read, approval: {message: Publish the review?}, run: echo published}
""",
    "workflows/hooked.yaml": """
on:
  webhook: {id: built, verify: {scheme: github, secret: BUILT}}
  schedule: [{cron: '15 6 * * 1-5', timezone: Europe/Berlin}]
agents:
  only: {run: 'true'}
""",
}


def test_every_screen_can_be_used_by_everybody(play, paged, built):
    wanted = os.environ.get("CHAINWRIGHT_SCREENSHOTS", "")
    folder = built / "shots" if wanted else None
    if folder:
        Path(folder).mkdir(exist_ok=True)
    play("screens.mjs", *([str(folder)] if folder else []), settled=lambda runs: [paged.end(run)["id"] for run in runs])
