"""``pushes``: what has moved in repositories, what it started, and why it did not start more."""

from collections.abc import Iterator
from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.output import Column, field, json_option, printable, show_rows, talk
from chainwright.daemon.cli.place import Place

PUSHES: Final = (
    Column("MOVED", lambda one: times.stamp(one["at"]), lambda one: times.ago(one["at"])),
    Column("REPOSITORY", field("repository")),
    Column("REF", field("ref")),
    Column("TO", lambda one: (one["after"] or "")[:10] or "nothing"),
    Column("BY", lambda one: one["actor"] or ""),
    Column(
        "RUNS", lambda one: "refused" if one["kind"] == "refused" else sum(bool(run["run_id"]) for run in one["told"])
    ),
)


@click.command(short_help="List what was pushed, what it started, and why not more.")
@click.option("--repository", metavar="NAME", help="Only of this one.")
@click.option("-n", "--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@json_option
@click.pass_obj
def pushes(place: Place, /, *, as_json: bool, **asked: Any) -> None:
    """List refs that moved, pull and change requests, and pushes that were refused, newest first.

    Below each stand the chains that listen to the like: the run that was started, or why there is none.
    """
    found = place.client.items("/pushes", **asked)
    show_rows(found, PUSHES, as_json=as_json, empty="Nothing has moved since the repositories were looked at first.")
    for one in found if not as_json else ():
        talk(f"\n{printable(one['ref'])} {(one['after'] or one['before'] or '')[:10]}:")
        for line in _told(one):
            talk(f"  {printable(line)}")


def _told(move: dict[str, Any]) -> Iterator[str]:
    yield from move["refusal"]
    for one in move["told"]:
        became = f"run {one['run_id']}" if one["run_id"] else one["reason"] or one["fate"] or "about to be told"
        yield f"{one['environment']}/{one['chain']}: {became}"
    yield from (f"{one['environment']}/{one['chain']} was not started: {one['reason']}" for one in move["passed_over"])
    if not (move["refusal"] or move["told"] or move["passed_over"]):
        yield f"no chain listens to `{move['kind']}`"
