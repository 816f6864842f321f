"""What Chainwright costs, beside what bare processes and tmux cost for the same work in the same run.

    make bench                     all workloads, 5 rounds each
    python tests/bench/bench.py --rounds 1 --only W1 W4

Machines are shared and noisy, so only ratios to a floor measured in the same round mean anything; nothing here is a test. tmux keeps
nothing of what it runs; Chainwright does all of this durably.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import definitions
import deploying
import processor_time
import remote
import webhook_load
from floors import Bare, Floor, Tmux
from measured_daemon import Daemon

RUNS: Final = 1_000
SUBMITS: Final = 30
SENDERS: Final = 50
DELIVERED_S: Final = 30.0
REPOSITORY_FILES: Final = 100

Numbers = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A name, what is measured, its unit, and whether more is better."""

    name: str
    what: str
    unit: str
    more_is_better: bool
    aim: str
    ours: Callable[[Daemon], Awaitable[Numbers]]
    floor: Callable[[Floor], Awaitable[Numbers]]


WORKLOADS: Final = (
    Workload(
        name="W1",
        what="100 agents, one after the other",
        unit="s",
        more_is_better=False,
        aim="<= 1.3 x tmux",
        ours=lambda daemon: daemon.timed("sequential"),
        floor=lambda floor: floor.sequential(100),
    ),
    Workload(
        name="W2",
        what="200 agents at once, then a join",
        unit="s",
        more_is_better=False,
        aim="<= 1.3 x tmux",
        ours=lambda daemon: daemon.timed("parallel"),
        floor=lambda floor: floor.parallel(200),
    ),
    Workload(
        name="W3",
        what=f"{RUNS} queued runs of one agent",
        unit="/s",
        more_is_better=True,
        aim=">= 0.75 x tmux",
        ours=lambda daemon: daemon.throughput("one", RUNS),
        floor=lambda floor: floor.throughput(RUNS),
    ),
    Workload(
        name="W4",
        what="submit to the agent's first byte",
        unit="ms",
        more_is_better=False,
        aim="<= 1.3 x tmux",
        ours=lambda daemon: daemon.first_byte(SUBMITS),
        floor=lambda floor: floor.first_byte(SUBMITS),
    ),
)


async def measured(rounds: int, only: list[str]) -> dict[str, Any]:
    """Every workload's rounds, ours and each floor's, and the idle daemon's size and start."""
    results: dict[str, Any] = {}
    if not only or "W6" in only:
        results["W6"] = definitions.measured(rounds)
    if not only or "W7" in only:
        results["W7"] = await webhooks()
    if not only or "W8" in only:
        results["W8"] = deploying.measured(rounds)
    if not only or "W9" in only:
        results["W9"] = await remote.measured(rounds)
    if only and set(only) <= {"W6", "W7", "W8", "W9"}:
        return results
    with tempfile.TemporaryDirectory(prefix="cwb") as folder:
        async with Daemon(Path(folder), REPOSITORY_FILES) as daemon, Bare(folder) as bare, Tmux(folder) as tmux:
            if not only or "W5" in only:
                results["W5"] = await daemon.idle(rounds)
            for workload in WORKLOADS:
                if not only or workload.name in only:
                    results[workload.name] = await _rounds(workload, rounds, daemon, (bare, tmux))
    return results


async def webhooks() -> dict[str, Any]:
    """Deliveries for :data:`DELIVERED_S` in peace, then as long while the daemon is killed; what was lost or doubled, if anything."""
    found: dict[str, Any] = {}
    for name, kills in (("peace", False), ("killed", True)):
        print(f"W7 in {name}", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="cwb") as folder:
            async with webhook_load.Daemon(Path(folder)) as daemon:
                used = processor_time.of_process(daemon.pid)
                load = await webhook_load.send(daemon, clients=SENDERS, for_s=DELIVERED_S, kills=kills)
                used = 0.0 if kills else processor_time.of_process(daemon.pid) - used
            faults = webhook_load.faults(daemon.home, load)
        figures = {"rate": load.rate, "p50_ms": load.quantile_ms(0.5), "p99_ms": load.quantile_ms(0.99)}
        figures["cpu_ms"] = 1e3 * used / len(load.acknowledged)
        found[name] = figures | {"deliveries": len(load.acknowledged), "kills": load.kills, "faults": faults}
    return found


async def _rounds(workload: Workload, rounds: int, daemon: Daemon, floors: tuple[Floor, ...]) -> dict[str, Any]:
    seen: dict[str, list[Numbers]] = {"chainwright": [], **{floor.name: [] for floor in floors}}
    for number in range(rounds):
        print(f"{workload.name} round {number + 1} of {rounds}", file=sys.stderr)
        for floor in floors:
            seen[floor.name].append(await workload.floor(floor))
        seen["chainwright"].append(await workload.ours(daemon))
    return {name: _summary(values) for name, values in seen.items()}


def _summary(rounds: list[Numbers]) -> dict[str, dict[str, float]]:
    return {
        key: {
            "median": statistics.median(one[key] for one in rounds),
            "min": min(one[key] for one in rounds),
            "max": max(one[key] for one in rounds),
        }
        for key in rounds[0]
    }


def table(results: dict[str, Any]) -> str:
    """The results for people."""
    lines = [f"{'':4}{'what':36}{'ours':>18}{'bare':>18}{'tmux':>18}{'ours/tmux':>11}  aim"]
    for workload in WORKLOADS:
        if result := results.get(workload.name):
            lines += [_row(workload, key, result) for key in result["chainwright"]]
    if idle := results.get("W5"):
        pss, start = idle["pss_mib"], idle["cold_start_s"]
        lines.append(f"{'W5':4}{'idle PSS, daemon and fork server':36}{_shown(pss, 'MiB'):>18}{'':47}  <= 80 MiB")
        lines.append(f"{'':4}{'cold start to ready':36}{_shown(start, 's'):>18}{'':47}  <= 1 s")
    if read := results.get("W6"):
        expression, lint = read["expression_us"], read["lint_ms"]
        lines.append(f"{'W6':4}{'expression from the cache':36}{_shown(expression, 'µs'):>18}{'':47}  < 20 µs")
        lines.append(f"{'':4}{'loading and linting 20 agents':36}{_shown(lint, 'ms'):>18}{'':47}  < 15 ms")
    if pushed := results.get("W8"):
        push, list_ = pushed["push_s"], pushed["list_s"]
        ratio = push["median"] / pushed["floor_s"]["median"]
        lines.append(
            f"{'W8':4}{'push of one file of 1,000 chains':36}{_shown(push, 's'):>18}{'':37}{ratio:>9.1f}x git  < 1 s"
        )
        lines.append(f"{'':4}{'the daemon, of a processor':36}{_shown(pushed['push_cpu_s'], 's'):>18}")
        lines.append(f"{'':4}{'listing its chains and deployments':36}{_shown(list_, 's'):>18}{'':47}  < 2 s")
    if sent := results.get("W7"):
        peace, killed = sent["peace"], sent["killed"]
        lines.append(f"{'W7':4}{f'webhooks, {SENDERS} clients, durable':36}{peace['rate']:>14.0f} /s{'':48}  >= 500 /s")
        lines.append(f"{'':4}{'to the answer, p99':36}{peace['p99_ms']:>14.0f} ms{'':48}  < 250 ms")
        lines.append(f"{'':4}{'the daemon, of a processor, each':36}{peace['cpu_ms']:>14.2f} ms")
        told = f"{killed['deliveries']} through {killed['kills']} kills"
        wrong = "; ".join(peace["faults"] + killed["faults"]) or "none"
        lines.append(f"{'':4}{'lost or doubled':36}{wrong:>17}{'':48}  none of {told}")
    if far := results.get("W9"):
        lines += remote.table(far)
    return "\n".join(lines)


def _row(workload: Workload, key: str, result: dict[str, Any]) -> str:
    ours, tmux = result["chainwright"][key], result["tmux"][key]
    ratio = ours["median"] / tmux["median"]
    cells = "".join(f"{_shown(result[name][key], workload.unit):>18}" for name in ("chainwright", "bare", "tmux"))
    return f"{workload.name:4}{f'{workload.what}, {key}':36.36}{cells}{ratio:>10.2f}x  {workload.aim}"


def _shown(value: dict[str, float], unit: str) -> str:
    return f"{value['median']:.3g} ±{(value['max'] - value['min']) / 2:.2g} {unit}"


def main() -> None:
    """Measure, print the table on stderr and JSON on stdout."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", nargs="*", default=[], metavar="W")
    chosen = options.parse_args()
    results = asyncio.run(measured(chosen.rounds, chosen.only))
    print(json.dumps({"repository_files": REPOSITORY_FILES, "rounds": chosen.rounds, "results": results}))
    print(table(results), file=sys.stderr)


if __name__ == "__main__":
    main()
