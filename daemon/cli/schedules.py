"""``schedules``: what is due next, what became of what was due, and people's hold on it."""

import time
from datetime import datetime
from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.output import Column, field, json_option, show_json, show_rows, talk
from chainwright.daemon.cli.place import Place


def _fate(fire: dict[str, Any]) -> str:
    return f"missed: {fire['missed']}" if fire["missed"] else fire["outcome"] or "running"


COLUMNS: Final = (
    Column("CHAIN", field("chain")),
    Column("SCHEDULE", lambda one: one["id"][:8]),
    Column("CRON", field("cron")),
    Column("MEANS", field("words")),
    Column("TIMEZONE", field("timezone")),
    Column("NEXT", lambda one: times.stamp(next(iter(one["next"]), None))),
    Column("LAST", lambda one: times.stamp(one["last"]["due"]) if one["last"] else ""),
    Column("BECAME", lambda one: _fate(one["last"]) if one["last"] else ""),
    Column("PAUSED", lambda one: _paused(one["paused"])),
)
FIRES: Final = (
    Column("CHAIN", field("chain")),
    Column("SCHEDULE", lambda one: one["schedule"][:8]),
    Column("DUE", lambda one: times.stamp(one["due"])),
    Column("RUN", field("run_id")),
    Column("BECAME", _fate),
)


@click.group("schedules", invoke_without_command=True, short_help="List, pause, resume and run schedules.")
@json_option
@click.pass_context
def schedules(context: click.Context, as_json: bool) -> None:
    """List the schedules in force: when each is due next, and what became of the last time."""
    if context.invoked_subcommand is None:
        place: Place = context.obj
        _show(place.client.items("/schedules"), as_json)


@schedules.command("past", short_help="List what became of due times.")
@click.argument("chain", required=False)
@click.option("-n", "count", type=click.IntRange(1, 1_000), default=20, show_default=True, help="Of each schedule.")
@json_option
@click.pass_obj
def past(place: Place, chain: str | None, count: int, as_json: bool) -> None:
    """List what became of the due times of CHAIN, or of all: a run, or missed with the reason. Newest first."""
    found = [
        {"chain": one["chain"], "schedule": one["id"], **fire}
        for one in place.client.items("/schedules", chain=chain)
        for fire in place.client.items(f"/schedules/{quoted(one['id'])}/fires", limit=count)
    ]
    found.sort(key=lambda fire: fire["due"], reverse=True)
    show_rows(found, FIRES, as_json=as_json, empty="Nothing was due yet.")


@schedules.command("pause", short_help="Keep the schedules of a chain from starting runs.")
@click.argument("chain")
@click.option("--until", "end", metavar="TIME", help="ISO 8601 with its offset, or how long: 90s, 20m, 2h, 1d.")
@json_option
@click.pass_obj
def pause(place: Place, chain: str, end: str | None, as_json: bool) -> None:
    """Keep the schedules of CHAIN from starting runs, until somebody resumes them or --until has come.

    Due times are recorded as missed, and are not made up for.
    """
    until = _moment(end) if end is not None else None
    _show(place.client.post("/schedules/pause", {"chain": chain, "until": until})["items"], as_json)


@schedules.command("resume", short_help="Let the schedules of a chain start runs again.")
@click.argument("chain")
@json_option
@click.pass_obj
def resume(place: Place, chain: str, as_json: bool) -> None:
    """Let the schedules of CHAIN start runs again."""
    _show(place.client.post("/schedules/resume", {"chain": chain})["items"], as_json)


@schedules.command("run", short_help="Start a run of a schedule now.")
@click.argument("chain")
@click.option("--schedule", "beginning", default="", metavar="ID", help="Which one, where CHAIN has several.")
@json_option
@click.pass_obj
def run(place: Place, chain: str, beginning: str, as_json: bool) -> None:
    """Start a run of a schedule of CHAIN now, with its inputs, also of a paused one. Its due times stay as they are."""
    told = place.client.post("/schedules/run", {"chain": chain, "schedule": beginning})
    if as_json:
        show_json(told)
        return
    click.echo(told["id"])
    talk(f"{told['chain']} #{told['number']} begins")


def _show(found: list[dict[str, Any]], as_json: bool) -> None:
    show_rows(found, COLUMNS, as_json=as_json, empty="No chain in force has a schedule.")


def _paused(pause: dict[str, Any] | None) -> str:
    if pause is None:
        return ""
    until = f" until {times.stamp(pause['until'])}" if pause["until"] is not None else ""
    return f"by {pause['actor']} since {times.stamp(pause['at'])}{until}"


def _moment(written: str) -> float:
    """Seconds since the epoch of a time, or of a while from now; a usage error for anything else."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return time.time() + times.seconds(written)
    if moment.tzinfo is None:
        raise click.BadParameter(f"{written} does not say where; write {written}Z or {written}+02:00")
    return moment.timestamp()
