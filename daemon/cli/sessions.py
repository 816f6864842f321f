"""``sessions``: what runs in terminals on all hosts, whoever it belongs to."""

from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.output import Column, field, json_option, show_rows, talk
from chainwright.daemon.cli.place import Place


def _owner(session: dict[str, Any]) -> str:
    return f"daemon {session['daemon']}" if session["daemon"] else session["owner"] or "nobody"


COLUMNS: Final = (
    Column("SESSION", field("id")),
    Column("STATUS", field("status")),
    Column("RUN", field("run_id")),
    Column("AGENT", field("agent")),
    Column("TURN", field("turn")),
    Column("LEG", field("leg")),
    Column("ATTEMPT", field("attempt")),
    Column("HOST", field("host")),
    Column("PID", field("pid")),
    Column("AGE", lambda session: times.stamp(session["started_at"]), lambda session: times.ago(session["started_at"])),
    Column("OWNER", field("owner"), _owner),
)


@click.command(short_help="List terminal sessions.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Ended ones, too, and what runs of other daemons that share a host's root.",
)
@json_option
@click.pass_obj
def sessions(place: Place, everything: bool, as_json: bool) -> None:
    """List running terminal sessions of all hosts. One that no run claims has no owner, and is stopped before long."""
    found = place.client.get("/sessions", all=everything)
    show_rows(found["items"], COLUMNS, as_json=as_json, empty="No session is running.")
    for one in found["silent"]:
        talk(f"not known of host {one['host']}: {one['why']}")
