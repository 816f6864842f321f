"""``deliveries``: what webhooks were sent, and what became of it."""

from typing import Any, Final, get_args

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.output import Column, field, json_option, printable, show_json, show_rows, talk
from chainwright.daemon.cli.place import Place
from chainwright.schemas.webhook_api import Fate

COLUMNS: Final = (
    Column("DELIVERY", field("id")),
    Column("HOOK", field("hook")),
    Column("CHAIN", field("chain")),
    Column("AT", lambda one: times.stamp(one["received_at"]), lambda one: times.ago(one["received_at"])),
    Column("FATE", lambda one: one["fate"] + (f" ({one['count']} times)" if one["count"] > 1 else "")),
    Column("RUN", field("run_id")),
    Column("FROM", field("remote")),
    Column("WHY", field("reason")),
)


@click.group(invoke_without_command=True, short_help="List deliveries of webhooks, show one, replay one.")
@click.option("--hook", metavar="ID", help="Only of this webhook.")
@click.option("--fate", type=click.Choice(get_args(Fate)), help="Only of this fate.")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@json_option
@click.pass_context
def deliveries(ctx: click.Context, hook: str | None, fate: str | None, limit: int, as_json: bool) -> None:
    """List deliveries of webhooks, newest first. Refusals of an hour, and repeats of a delivery, are one line with their count."""
    if ctx.invoked_subcommand is not None:
        return
    place: Place = ctx.obj
    found = place.client.items("/deliveries", hook=hook, fate=fate, limit=limit)
    show_rows(found, COLUMNS, as_json=as_json, empty="Nothing was delivered to a webhook yet.")


@deliveries.command(short_help="Show a delivery: its fate, its headers, its body.")
@click.argument("delivery")
@json_option
@click.pass_obj
def show(place: Place, delivery: str, as_json: bool) -> None:
    """Show DELIVERY (an id, or the beginning of one): its fate and, while it is kept, what was sent."""
    found = place.client.get(f"/deliveries/{quoted(delivery)}")
    if as_json:
        show_json(found)
        return
    for column in COLUMNS:
        click.echo(f"{column.title.lower():9} {printable(str(column.of(found) or ''))}")
    for name, value in found["headers"].items():
        click.echo(f"{printable(name)}: {printable(value)}")
    if found["body"] is None:
        talk("what was sent is not kept")
    else:
        click.echo(f"\n{_lines(found['body'])}")


@deliveries.command(short_help="Decide anew on a delivery.")
@click.argument("delivery")
@json_option
@click.pass_obj
def replay(place: Place, delivery: str, as_json: bool) -> None:
    """Decide anew on DELIVERY, by the chain that is in force now: a run of its own, if it fits. Prints the run's id."""
    answer: dict[str, Any] = place.client.post(f"/deliveries/{quoted(delivery)}/replay")
    if as_json:
        show_json(answer)
        return
    if answer["run_id"]:
        click.echo(answer["run_id"])
    talk(f"{answer['delivery']} is {answer['fate']}" + (f": {answer['reason']}" if answer["reason"] else ""))


def _lines(text: str) -> str:
    return "\n".join(map(printable, text.splitlines()))
