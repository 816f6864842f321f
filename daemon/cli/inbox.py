"""``inbox``: everything that waits for people, and how each is answered."""

from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.output import Column, field, json_option, show_rows
from chainwright.daemon.cli.place import Place


def _answer(one: dict[str, Any]) -> str:
    """The command that answers it."""
    who = f"{one['run_id']} {one['agent']}" if one["agent"] else one["run_id"]
    return f"chainwright attach {who} --take-over" if one["kind"] == "waiting_input" else f"chainwright approve {who}"


def _last_line(one: dict[str, Any]) -> str:
    return next(iter(reversed(one["excerpt"].splitlines())), "")


COLUMNS: Final = (
    Column("RUN", field("run_id")),
    Column("CHAIN", field("chain")),
    Column("AGENT", field("agent")),
    Column("WAITS FOR", lambda one: one["kind"].replace("_", " ")),
    Column("WHY", field("reason")),
    Column("SINCE", lambda one: times.stamp(one["since"]), lambda one: times.ago(one["since"])),
    Column("ASKS", _last_line),
    Column("ANSWER", _answer),
)


@click.command(short_help="List everything that waits for people.")
@json_option
@click.pass_obj
def inbox(place: Place, as_json: bool) -> None:
    """List what waits for people: approvals, limits that are reached, and agents that ask at their terminals."""
    show_rows(place.client.items("/inbox"), COLUMNS, as_json=as_json, empty="Nothing waits for you.")
