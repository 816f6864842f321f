"""What reading definitions costs: an expression from the cache, and a chain of twenty agents with all rules of the lint."""

import statistics
import time
from collections.abc import Callable
from typing import Final

from chainwright.daemon.core.expressions import parse_template
from chainwright.daemon.lint.linter import lint_repository

Numbers = dict[str, float]

_AGENTS: Final = 20
_EVALUATIONS: Final = 2_000
_EXPRESSION: Final = (
    "${{ needs.write.outputs.score >= 0.8 && contains(inputs.topic, 'cats') || format('{0}!', run.number) }}"
)
_CONTEXTS: Final = {
    "inputs": {"topic": "all about cats"},
    "needs": {"write": {"outputs": {"score": 0.9}}},
    "run": {"number": 7},
}


def expression_us() -> float:
    """Microseconds of one evaluation, its text looked up in the cache each time."""

    def evaluations() -> None:
        for _ in range(_EVALUATIONS):
            parse_template(_EXPRESSION).evaluate(_CONTEXTS)

    return _seconds(evaluations) / _EVALUATIONS * 1e6


def lint_ms() -> float:
    """Milliseconds of loading and linting one chain of twenty agents."""
    files = {"workflows/bench.yaml": _chain().encode()}
    return _seconds(lambda: lint_repository(files)) * 1e3


def measured(rounds: int) -> dict[str, Numbers]:
    """Each figure over so many rounds; the first, which fills the caches, does not count."""
    return {
        "expression_us": _summary([expression_us() for _ in range(rounds + 1)][1:]),
        "lint_ms": _summary([lint_ms() for _ in range(rounds * 5 + 1)][1:]),
    }


def _seconds(work: Callable[[], object]) -> float:
    """Of the processor: nothing here waits, and what others do on the machine is not ours."""
    began = time.process_time()
    work()
    return time.process_time() - began


def _summary(values: list[float]) -> Numbers:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def _chain() -> str:
    """A pipeline in which each agent reads what the one before it gave."""
    lines = [
        "inputs:",
        "  topic: {type: string, default: cats}",
        "agents:",
        "  a0: {run: ./a.sh, outputs: {score: number}}",
    ]
    for number in range(1, _AGENTS):
        lines += [
            f"  a{number}:",
            f"    needs: a{number - 1}",
            f"    if: needs.a{number - 1}.outputs.score >= 0.5 && contains(inputs.topic, 'cats')",
            "    run: ./a.sh",
            f"    env: {{SCORE: '${{{{ needs.a{number - 1}.outputs.score }}}}', TOPIC: '${{{{ inputs.topic }}}}'}}",
            "    outputs: {score: number}",
            "    retry: {max: 2, delay: 5s}",
        ]
    return "\n".join(lines) + "\n"
