"""``runs``, ``cancel``, ``retry``: lists of runs, and what is done to one."""

from typing import Any, Final

import click

from chainwright.daemon.cli import marks, times
from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.output import Column, field, json_option, show_json, show_rows, state_column, talk
from chainwright.daemon.cli.place import Place
from chainwright.daemon.core.states import MOVES, Level, Outcome

COLUMNS: Final = (
    Column("RUN", field("id")),
    Column("CHAIN", field("chain")),
    Column("#", field("number")),
    state_column(),
    Column("STARTED", lambda run: times.stamp(run["created_at"]), lambda run: times.ago(run["created_at"])),
    Column("TOOK", times.taken),
    Column("TRIGGER", marks.cause),
    Column("COMMIT", lambda run: run["commit"][:10]),
    Column("WHY", marks.why),
)

OUTCOMES: Final = tuple(outcome.value for outcome in Outcome)
STATES: Final = tuple(state.value for state in MOVES[Level.RUN])


@click.command(short_help="List runs, newest first.")
@click.option("--chain", metavar="CHAIN", help="Only of this chain.")
@click.option("--state", type=click.Choice(STATES), help="Only in this state.")
@click.option("--outcome", type=click.Choice(OUTCOMES), help="Only those that ended so.")
@click.option("--trigger", metavar="KIND", help="Only those started by manual, schedule, webhook, push …")
@click.option("--text", metavar="TEXT", help="Only of chains with this in their id, or with an id that begins so.")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@json_option
@click.pass_obj
def runs(place: Place, /, *, limit: int, as_json: bool, **wanted: str | None) -> None:
    """List runs, newest first."""
    found = place.client.items("/runs", limit=limit, **wanted)
    show_rows(found, COLUMNS, as_json=as_json, empty="There are no runs. Start one: chainwright run CHAIN")


@click.command(short_help="End a run; again: end its cleaning agents too.")
@click.argument("run")
@json_option
@click.pass_obj
def cancel(place: Place, run: str, as_json: bool) -> None:
    """End RUN (an id, the beginning of one, or @last). A second time ends its cleaning agents too."""
    _told(place.client.post(f"/runs/{quoted(run)}/cancel"), as_json, "is being cancelled")


@click.command(short_help="Run the same commit with the same inputs again.")
@click.argument("run")
@click.option("--failed", is_flag=True, help="Only what failed, and what rests on it; the rest is kept.")
@click.option("--from", "from", metavar="AGENT", help="Only this agent, what rests on it, and what failed.")
@click.option("--on-new-definition", is_flag=True, help="By the definition that is in force now.")
@json_option
@click.pass_obj
def retry(place: Place, /, run: str, as_json: bool, **asked: Any) -> None:
    """Start a new run of the same commit, definition and inputs as RUN, linked to it. Prints its id.

    Turns that are kept are not done again: their outputs, events and values are those of RUN, byte for byte.
    """
    again = place.client.post(f"/runs/{quoted(run)}/retry", asked)
    _told(again, as_json, f"retries {again['retry_of']}")


def _told(run: dict[str, Any], as_json: bool, what: str) -> None:
    if as_json:
        show_json(run)
        return
    click.echo(run["id"])
    talk(f"{run['chain']} #{run['number']} {what}")
