"""``approvals``, ``approve``, ``reject``: what waits for people, and their answers."""

from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.output import Column, field, json_option, show_json, show_rows, talk
from chainwright.daemon.cli.place import Place

COLUMNS: Final = (
    Column("RUN", field("run_id")),
    Column("CHAIN", field("chain")),
    Column("AGENT", field("agent")),
    Column("BY", lambda one: ", ".join(one["by"]) or "anybody"),
    Column("AGREED", lambda one: f"{len(one['approved_by'])} of {one['count']}"),
    Column("ASKED", lambda one: times.stamp(one["asked_at"]), lambda one: times.ago(one["asked_at"])),
    Column("DUE", lambda one: times.stamp(one["due"])),
    Column("MESSAGE", field("message")),
)


@click.command(short_help="List what waits for people.")
@json_option
@click.pass_obj
def approvals(place: Place, as_json: bool) -> None:
    """List what waits for people, of the oldest run first."""
    found = place.client.items("/approvals")
    show_rows(found, COLUMNS, as_json=as_json, empty="Nothing waits for people.")


_comment: Final = click.option("-m", "--comment", default="", help="What to tell the agent, or those who hear of it.")


@click.command(short_help="Let an agent start that waits for approval.")
@click.argument("run")
@click.argument("agent", required=False)
@_comment
@json_option
@click.pass_obj
def approve(place: Place, run: str, agent: str | None, comment: str, as_json: bool) -> None:
    """Agree that AGENT of RUN starts; without AGENT, the only one that waits. The agent reads the comment as its feedback."""
    _answer(place, "approve", run, {"agent": agent, "comment": comment}, as_json)


@click.command(short_help="Keep an agent from starting that waits for approval.")
@click.argument("run")
@click.argument("agent", required=False)
@_comment
@json_option
@click.pass_obj
def reject(place: Place, run: str, agent: str | None, comment: str, as_json: bool) -> None:
    """Refuse that AGENT of RUN starts; without AGENT, the only one that waits. Its turn fails with the comment."""
    _answer(place, "reject", run, {"agent": agent, "comment": comment}, as_json)


def _answer(place: Place, verdict: str, run: str, said: dict[str, Any], as_json: bool) -> None:
    told = place.client.post(f"/runs/{quoted(run)}/{verdict}", said)
    if as_json:
        show_json(told)
        return
    click.echo(told["id"])
    what = f" {said['agent']}" if said["agent"] else ""
    talk(f"{told['chain']} #{told['number']}: you {verdict}{what}")
