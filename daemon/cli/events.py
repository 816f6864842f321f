"""``events`` and ``emit``: the events of a run, seen and sent."""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.output import Column, field, json_option, show_json, show_rows, talk
from chainwright.daemon.cli.place import Place

FOLDER_VARIABLE: Final = "CHAINWRIGHT_EVENTS"


def _deliveries(event: dict[str, Any]) -> str:
    return ", ".join(f"{one['agent']} {one['state']}" for one in event["deliveries"])


RUN: Final = Column("RUN", field("run_id"))
COLUMNS: Final = (
    Column("#", field("number")),
    Column("AT", lambda event: times.stamp(event["at"])),
    Column("EVENT", field("name")),
    Column("FROM", lambda event: event["agent"] or "outside"),
    Column("FATE", lambda event: ": ".join(filter(None, (event["fate"], event["why"])))),
    Column("TO", _deliveries),
    Column("DATA", lambda event: "" if event["data"] is None else json.dumps(event["data"], ensure_ascii=False)),
)


TOLD: Final = (
    Column("CHAIN", field("chain")),
    Column("FATE", lambda told: told["fate"] or "not told yet"),
    Column("RUN", field("run_id")),
    Column("WHY", field("reason")),
)


@click.command(short_help="List the events of a run and what became of them.")
@click.argument("run", default="@last")
@click.option("--all", "of_all", is_flag=True, help="Of all runs in place of one, newest first.")
@click.option("--name", metavar="EVENT", help="With --all: only of this name.")
@click.option("--unmatched", is_flag=True, help="With --all: only those that no agent took.")
@click.option("-n", "--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Of --all.")
@json_option
@click.pass_obj
def events(place: Place, /, run: str, *, of_all: bool, limit: int, as_json: bool, **wanted: Any) -> None:
    """List the events of RUN in their order: who emitted each, what became of it, who took it."""
    from chainwright.daemon.cli.client import quoted

    if of_all:
        found = place.client.items("/events", limit=limit, **wanted)
        show_rows(found, (RUN, *COLUMNS), as_json=as_json, empty="There are none.")
        return
    if any(wanted.values()):
        raise click.UsageError("--name and --unmatched choose among the events of --all")
    found = place.client.items(f"/runs/{quoted(run)}/events")
    show_rows(found, COLUMNS, as_json=as_json, empty="It has no events yet.")


@click.command(short_help="Emit an event: from within an agent, into a run, or to chains.")
@click.argument("name")
@click.option("--run", metavar="RUN", help="Into this run, from outside; its chain must know the name.")
@click.option("--data", metavar="JSON|@FILE|-", help="What the event carries; - reads stdin.")
@click.option("--key", help="The same key is taken once.")
@json_option
@click.pass_obj
def emit(place: Place, /, name: str, *, run: str | None, data: str | None, key: str | None, as_json: bool) -> int:
    """Emit the event NAME. Within an agent it becomes an event file of its attempt; with --run it goes into that run; else it starts
    a run of every chain whose `on.event` names it."""
    if run is None and FOLDER_VARIABLE in os.environ:
        return _drop(name, data, key)
    event = {"name": name, "data": _parsed(data), "key": key}
    if run is not None:
        _send(place, run, event, as_json)
    else:
        show_rows(place.client.post("/events", event)["items"], TOLD, as_json=as_json, empty="")
    return 0


def _drop(name: str, data: str | None, key: str | None) -> int:
    """The session host's own ``emit``: what an agent finds on its PATH and what a person runs must be the same."""
    from chainwright.runners import session_host

    options = [
        word for option, value in (("--data", data), ("--key", key)) if value is not None for word in (option, value)
    ]
    return session_host.main(["emit", name, *options])


def _send(place: Place, run: str, event: dict[str, Any], as_json: bool) -> None:
    from chainwright.daemon.cli.client import quoted

    taken = place.client.post(f"/runs/{quoted(run)}/events", event)
    if as_json:
        show_json(taken)
    else:
        talk(f"{taken['name']} was sent to {run} as event {taken['number']}")


def _parsed(data: str | None) -> Any:
    if data is None:
        return None
    try:
        return json.loads(_text(data))
    except OSError as fault:
        raise click.UsageError(f"--data: {fault}") from None
    except ValueError as fault:
        raise click.UsageError(f"--data is not JSON ({fault}); a text needs its own quotes: '\"text\"'") from None


def _text(data: str) -> str:
    if data == "-":
        return sys.stdin.read()
    return Path(data[1:]).read_text(encoding="utf-8") if data.startswith("@") else data
