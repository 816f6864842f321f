"""How figures are taken and told: milliseconds, their median and p95, and their ratio to a floor of the same moment."""

import statistics
import time
from collections.abc import Callable, Sequence


def ms(step: Callable[[], object]) -> float:
    """How long a step takes."""
    began = time.perf_counter()
    step()
    return since(began)


def since(began: float) -> float:
    """Milliseconds since a reading of the performance counter."""
    return (time.perf_counter() - began) * 1000


def p95(values: Sequence[float]) -> float:
    """Nineteen of twenty are at most so large."""
    return sorted(values)[int(len(values) * 0.95)]


def tell(name: str, taken: Sequence[float], floor: Sequence[float] | None = None) -> None:
    """A line of times."""
    ratio = f"  ({statistics.median(taken) / statistics.median(floor):.1f} x the floor)" if floor else ""
    print(f"  {name:46} median {statistics.median(taken):7.2f} ms, p95 {p95(taken):7.2f} ms{ratio}", flush=True)


def tell_rate(name: str, rate: float, floor: float | None = None, unit: str = "MB/s") -> None:
    """A line of a rate."""
    ratio = f"  ({rate / floor:.2f} x the floor)" if floor else ""
    print(f"  {name:46} {rate:7.1f} {unit}{ratio}", flush=True)
