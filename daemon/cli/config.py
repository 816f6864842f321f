"""``config``: every setting in force, and where it was set."""

import json
from typing import Final

import click

from chainwright.daemon.cli.output import Column, field, json_option, show_rows
from chainwright.daemon.cli.place import Place

COLUMNS: Final = (
    Column("SETTING", field("name")),
    Column("VALUE", lambda one: json.dumps(one["value"], ensure_ascii=False)),
    Column("SET BY", field("origin")),
)


@click.command(short_help="List the daemon's settings and where each was set.")
@json_option
@click.pass_obj
def config(place: Place, as_json: bool) -> None:
    """List every setting of the daemon, its value and who set it: a file, a variable, a flag, or nobody."""
    show_rows(place.client.items("/settings"), COLUMNS, as_json=as_json, empty="")
