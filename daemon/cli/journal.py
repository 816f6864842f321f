"""``journal``: every fact and decision of a run, as it was recorded."""

import json
from typing import Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.output import Column, field, json_option, show_rows
from chainwright.daemon.cli.place import Place

COLUMNS: Final = (
    Column("#", field("seq")),
    Column("AT", lambda entry: times.stamp(entry["at"])),
    Column("WHAT", field("kind")),
    Column("BODY", lambda entry: json.dumps(entry["body"], ensure_ascii=False)),
)


@click.command(short_help="List every fact and decision of a run.")
@click.argument("run", default="@last")
@click.option("--after", type=click.IntRange(0), default=0, help="Only those after this number.")
@click.option("-n", "--limit", type=click.IntRange(1, 10_000), help="At most so many.")
@json_option
@click.pass_obj
def journal(place: Place, run: str, after: int, limit: int | None, as_json: bool) -> None:
    """List the journal of RUN (an id, the beginning of one, or @last): what happened, and what was concluded from it."""
    found = place.client.items(f"/runs/{quoted(run)}/journal", after=after, limit=limit)
    show_rows(found, COLUMNS, as_json=as_json, empty="Nothing follows.")
