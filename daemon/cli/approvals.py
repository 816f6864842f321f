"""``approvals``, ``approve``, ``reject``: what waits for people, and their answers."""

import json
from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.output import Column, field, json_option, show_json, show_rows, talk
from chainwright.daemon.cli.place import Place

LEGS_IN_A_CELL: Final = 3
CHARACTERS_OF_A_VALUE: Final = 40


def _inputs(one: dict[str, Any]) -> str:
    """What is approved, in one cell: `--json` has all of it."""
    if not one["legs"]:
        return _values(one["inputs"])
    seen = [f"{leg['name']}: {_values(leg['matrix'] | leg['inputs'])}" for leg in one["legs"][:LEGS_IN_A_CELL]]
    more = one["legs_count"] - len(seen)
    return "; ".join([*seen, f"and {more} more legs"] if more else seen)


def _values(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_short(value)}" for name, value in values.items())


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= CHARACTERS_OF_A_VALUE else f"{text[: CHARACTERS_OF_A_VALUE - 1]}…"


COLUMNS: Final = (
    Column("RUN", field("run_id")),
    Column("CHAIN", field("chain")),
    Column("WHAT", lambda one: " ".join(filter(None, (one["agent"], one["limit"] and f"limit of {one['limit']}")))),
    Column("BY", lambda one: ", ".join(one["by"]) or "anybody"),
    Column("AGREED", lambda one: f"{len(one['approved_by'])} of {one['count']}"),
    Column("ASKED", lambda one: times.stamp(one["asked_at"]), lambda one: times.ago(one["asked_at"])),
    Column("DUE", lambda one: times.stamp(one["due"])),
    Column("MESSAGE", field("message")),
    Column("INPUTS", _inputs),
)


@click.command(short_help="List what waits for people.")
@json_option
@click.pass_obj
def approvals(place: Place, as_json: bool) -> None:
    """List what waits for people, of the oldest run first."""
    found = place.client.items("/approvals")
    show_rows(found, COLUMNS, as_json=as_json, empty="Nothing waits for people.")


_comment: Final = click.option("-m", "--comment", default="", help="What to tell the agent, or those who hear of it.")


@click.command(short_help="Let go on what waits for people.")
@click.argument("run")
@click.argument("agent", required=False)
@_comment
@click.option("--add", metavar="AMOUNT", help="To a limit that is reached: a number, or of the duration 90s, 20m, 2h.")
@json_option
@click.pass_obj
def approve(place: Place, /, run: str, agent: str | None, *, comment: str, add: str | None, as_json: bool) -> None:
    """Agree that AGENT of RUN starts, which reads the comment as its feedback.

    Or that its turn goes beyond a limit that the agent sets. Without AGENT: that the run goes beyond a limit that it has reached, by as much again or what --add says; or else that the only
    agent that waits starts.
    """
    amount = times.seconds(add) if add is not None else None
    _answer(place, "approve", run, {"agent": agent, "comment": comment, "amount": amount}, as_json)


@click.command(short_help="Refuse what waits for people.")
@click.argument("run")
@click.argument("agent", required=False)
@_comment
@json_option
@click.pass_obj
def reject(place: Place, run: str, agent: str | None, comment: str, as_json: bool) -> None:
    """Refuse that AGENT of RUN starts: its turn fails with the comment.

    Without AGENT: that the run goes beyond a limit that it has reached, so that it fails; or else the only agent that waits.
    """
    _answer(place, "reject", run, {"agent": agent, "comment": comment}, as_json)


def _answer(place: Place, verdict: str, run: str, said: dict[str, Any], as_json: bool) -> None:
    told = place.client.post(f"/runs/{quoted(run)}/{verdict}", said)
    if as_json:
        show_json(told)
        return
    click.echo(told["id"])
    what = f" {said['agent']}" if said["agent"] else ""
    talk(f"{told['chain']} #{told['number']}: you {verdict}{what}")
