"""``secrets``: which secrets the chains in force ask for, and who has them; never a value."""

from typing import Final

import click

from chainwright.daemon.cli.output import Column, field, json_option, show_rows
from chainwright.daemon.cli.place import Place

COLUMNS: Final = (
    Column("SECRET", field("name")),
    Column(
        "",
        lambda one: "not ok" if one["problem"] else "ok",
        lambda one: "✗ not ok" if one["problem"] else "✓ ok",
        lambda one: "red" if one["problem"] else "green",
    ),
    Column("PROVIDER", field("provider")),
    Column("CHAINS", lambda one: ", ".join(one["chains"])),
    Column("WHAT IS WRONG", field("problem")),
)


@click.command(short_help="List the secrets that chains ask for.")
@json_option
@click.pass_obj
def secrets(place: Place, as_json: bool) -> None:
    """List the secrets that the chains in force ask for, which provider has each, and what is wrong with it; never a value."""
    found = place.client.items("/secrets")
    show_rows(found, COLUMNS, as_json=as_json, empty="No chain in force asks for a secret.")
