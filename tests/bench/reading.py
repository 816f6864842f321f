"""What reading definitions costs: a chain of twenty agents loaded and linted, and an expression evaluated. No daemon takes part."""

import time
from typing import Final

from chainwright.daemon.core.expressions import parse_template
from chainwright.daemon.lint.linter import lint_repository

AGENTS: Final = 20
LOADS: Final = 50
EVALUATIONS: Final = 2_000

_EXPRESSION: Final = "${{ inputs.topic == 'trees' && needs.write.outputs.words >= 100 }}"
_CONTEXTS: Final = {"inputs": {"topic": "Trees"}, "needs": {"write": {"outputs": {"words": 120}}}}

_HEAD: Final = """name: Twenty
on: {schedule: [{cron: '0 7 * * 1', timezone: Europe/Riga}]}
inputs: {topic: {type: string, default: trees}}
agents:
"""
_AGENT: Final = """  a{number}:
    {after}
    run: |
      set -e
      python agents/work.py --topic "$TOPIC" --out brief.md
    env: {{TOPIC: '${{{{ inputs.topic }}}}', RUN: '${{{{ run.id }}}}', LEVEL: 3}}
    outputs: {{words: integer}}
    timeout: 20m
    retry: {{max: 2, delay: 5s}}
    checks:
      - run: test -s brief.md
"""


def measured(rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each load, and microseconds of an evaluation in each round."""
    files = {"workflows/twenty.yaml": _chain().encode()}
    assert not lint_repository(files).diagnostics
    loads = [_load_ms(files) for _ in range(rounds * LOADS)]
    return {"load_and_lint_ms": loads, "evaluate_us": [_evaluation_us() for _ in range(rounds)]}


def _chain() -> str:
    parts = (_AGENT.format(number=number, after=_after(number)) for number in range(AGENTS))
    return _HEAD + "".join(parts)


def _after(number: int) -> str:
    return f"needs: a{number - 1}\n    if: needs.a{number - 1}.outputs.words > 0" if number else "name: First"


def _load_ms(files: dict[str, bytes]) -> float:
    begun = time.perf_counter()
    lint_repository(files)
    return (time.perf_counter() - begun) * 1e3


def _evaluation_us() -> float:
    begun = time.perf_counter()
    for _ in range(EVALUATIONS):
        parse_template(_EXPRESSION).evaluate(_CONTEXTS)
    return (time.perf_counter() - begun) * 1e6 / EVALUATIONS
