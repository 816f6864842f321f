"""How a chain has done, from its last runs: shares, spreads, and what failed last."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any, Final

from chainwright.daemon.core.states import Outcome

FAILURES: Final = frozenset({Outcome.FAILED, Outcome.TIMED_OUT, Outcome.LOST})
MOST_FAILURES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRun:
    """A run that has ended."""

    run_id: str
    number: int
    outcome: str
    reason: str | None
    detail: str
    created_at: float
    started_at: float | None
    ended_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedAttempt:
    """An attempt that has ended and had started; ``took_s`` is from the one to the other."""

    agent: str
    outcome: str
    took_s: float


def spread(seconds: Iterable[float]) -> dict[str, Any] | None:
    """Median and 95th percentile by nearest rank, so that each is the time of something that happened; None of nothing."""
    ordered = sorted(seconds)
    if not ordered:
        return None
    median, p95 = (ordered[ceil(share * len(ordered)) - 1] for share in (0.5, 0.95))
    return {"count": len(ordered), "median_s": median, "p95_s": p95}


def chain_statistics(chain: str, runs: Sequence[EndedRun], attempts: Sequence[EndedAttempt]) -> dict[str, Any]:
    """A ``schemas.statistics_api.ChainStatistics`` of these runs, newest first, and their attempts."""
    outcomes = Counter(run.outcome for run in runs)
    failed = [run for run in runs if run.outcome in FAILURES]
    succeeded = outcomes[Outcome.SUCCEEDED]
    judged = succeeded + len(failed)
    return {
        "chain": chain,
        "outcomes": dict(outcomes),
        "success": succeeded / judged if judged else None,
        "took": spread(
            run.ended_at - run.started_at
            for run in runs
            if run.outcome == Outcome.SUCCEEDED and run.started_at is not None
        ),
        "waited": spread(run.started_at - run.created_at for run in runs if run.started_at is not None),
        "agents": _by_agent(attempts),
        "failures": [_failure(run) for run in failed[:MOST_FAILURES]],
    }


def _failure(run: EndedRun) -> dict[str, Any]:
    return {name: value for name, value in asdict(run).items() if name not in {"created_at", "started_at"}}


def _by_agent(attempts: Sequence[EndedAttempt]) -> list[dict[str, Any]]:
    of: defaultdict[str, list[EndedAttempt]] = defaultdict(list)
    for one in attempts:
        of[one.agent].append(one)
    found = [
        {
            "agent": agent,
            "attempts": len(each),
            "failed": sum(one.outcome in FAILURES for one in each),
            "took": spread(one.took_s for one in each if one.outcome == Outcome.SUCCEEDED),
        }
        for agent, each in of.items()
    ]
    return sorted(found, key=lambda one: (-(one["took"] or {}).get("median_s", 0.0), one["agent"]))
