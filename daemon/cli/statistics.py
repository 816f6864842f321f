"""``statistics``: how the last runs of a chain went, and how long its agents take."""

from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.output import Column, field, json_option, show_json, show_rows, talk
from chainwright.daemon.cli.place import Place


def _took(which: str) -> Any:
    return lambda one: times.duration(one["took"][which]) if one["took"] else "-"


COLUMNS: Final = (
    Column("AGENT", field("agent")),
    Column("ATTEMPTS", field("attempts")),
    Column("FAILED", field("failed")),
    Column("MEDIAN", _took("median_s")),
    Column("P95", _took("p95_s")),
)


@click.command(short_help="Say how the last runs of a chain went.")
@click.argument("chain")
@click.option("--last", type=click.IntRange(1, 1_000), default=200, show_default=True, help="Of so many runs.")
@json_option
@click.pass_obj
def statistics(place: Place, /, chain: str, *, last: int, as_json: bool) -> None:
    """Tell how many of the last runs of CHAIN succeeded, and how long they and their agents took."""
    told = place.client.get(f"/statistics/{'/'.join(map(quoted, chain.split('/')))}", last=last)
    if as_json:
        show_json(told)
        return
    talk(_summary(told))
    show_rows(told["agents"], COLUMNS, as_json=False, empty="No agent of it has run.")


def _summary(told: dict[str, Any]) -> str:
    share = "none ended by itself" if told["success"] is None else f"{told['success']:.0%} succeeded"
    took = told["took"]
    spread = f", took {times.duration(took['median_s'])} (p95 {times.duration(took['p95_s'])})" if took else ""
    return f"{sum(told['outcomes'].values())} runs: {share}{spread}"
