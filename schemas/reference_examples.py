"""An example for each form of the language reference: whole chains, which the tests lint."""

from typing import Final

EXAMPLES: Final[dict[str, str]] = {
    "Chain file": """
name: Greeting
description: Says hello.
on: manual
inputs:
  who: {type: string, default: Ada}
vars: {greeting: Hello}
env: {LANG: C.UTF-8}
defaults: {timeout: 5m}
limits: {duration: 1h}
outputs: {said: '${{ agents.greet.outputs.said }}'}
agents:
  greet:
    outputs: {said: string}
    env: {WHO: '${{ inputs.who }}'}
    run: echo "said=${{ vars.greeting }} $WHO" >> "$CHAINWRIGHT_OUTPUT"
""",
    "Triggers": """
on:
  manual:
  schedule:
    - {cron: '0 7 * * 1', timezone: Europe/Riga}
agents:
  brief:
    run: echo "good morning"
""",
    "Input": """
inputs:
  level: {type: choice, options: [low, high], default: low, description: How much is at stake.}
  branch: {type: string, required: true, pattern: '^[a-z-]+$', max: 40}
agents:
  tell:
    env: {LEVEL: '${{ inputs.level }}', BRANCH: '${{ inputs.branch }}'}
    run: echo "$LEVEL $BRANCH"
""",
    "RetryOptions": """
agents:
  fetch:
    run: ./fetch.sh
    retry: {max: 3, delay: 5s, max-delay: 1m, backoff: exponential, jitter: true, on: [exit, timeout], exit-codes: [75]}
""",
    "Agent": """
agents:
  build:
    name: Build
    run: make
    outputs: {version: string}
    timeout: 20m
    idle-timeout: 5m
    retry: 1
  deploy:
    needs: build
    if: needs.build.outputs.version != ''
    env: {VERSION: '${{ needs.build.outputs.version }}'}
    run: ./deploy.sh "$VERSION"
    continue-on-error: true
""",
    "Listen": """
agents:
  ann: {run: chainwright emit ann.agrees, emits: ann.agrees}
  bob: {run: chainwright emit bob.agrees, emits: bob.agrees}
  go:
    on: {all: [ann.agrees, bob.agrees]}
    run: echo go
""",
    "Quorum": """
agents:
  ann: {run: chainwright emit ann.agrees, emits: ann.agrees}
  bob: {run: chainwright emit bob.agrees, emits: bob.agrees}
  eve: {run: chainwright emit eve.agrees, emits: eve.agrees}
  go:
    on: {quorum: {of: [ann.agrees, bob.agrees, eve.agrees], count: 2}}
    run: echo go
""",
    "Step": """
agents:
  build:
    steps:
      - id: version
        name: Find the version
        run: echo "number=1.2" >> "$GITHUB_OUTPUT"
      - env: {NUMBER: '${{ steps.version.outputs.number }}'}
        run: make "VERSION=$NUMBER"
        timeout: 10m
      - if: always()
        run: make clean
        continue-on-error: true
""",
    "EmitOptions": """
agents:
  watch:
    run: ./watch.sh
    emits:
      change.seen: {data: {path: string}, deliver: now}
  react:
    on: change.seen
    max-turns: 20
    env: {CHANGED: '${{ event.data.path }}'}
    run: echo "$CHANGED"
""",
    "LongType": """
agents:
  judge:
    run: ./judge.sh
    outputs: {verdict: {type: choice, options: [good, bad]}}
    emits:
      judged: {severity: {type: choice, options: [low, high]}, where: string}
  act:
    on: judged
    if: event.data.severity == 'high'
    run: ./act.sh
""",
    "Check": """
agents:
  write:
    run: ./write.sh
    outputs: {score: number, findings: json}
    checks:
      - schema: schemas/findings.json
      - run: test -s draft.md || { echo "there is no draft"; exit 1; }
      - assert: outputs.score >= 0.8
        message: a score of ${{ outputs.score }} is too low
    retry: {max: 2, on: [check]}
# file: schemas/findings.json
{"type": "array", "items": {"type": "string"}}
""",
    "Approval": """
agents:
  publish:
    approval: {by: [ada], timeout: 12h, on-timeout: reject, message: Shall this go out?}
    run: ./publish.sh
""",
}
"""Title of the form → a chain."""
