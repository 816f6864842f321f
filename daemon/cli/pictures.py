"""A run as its graph and as its line of time, for ``show``."""

import time
from collections.abc import Iterator
from typing import Any, Final

from chainwright.daemon.cli import times
from chainwright.daemon.cli.client import Client, quoted
from chainwright.daemon.cli.output import Column, field, show_json, show_rows, state_column

WIDTH: Final = 24
"""Columns of a line of time."""


def _next(node: dict[str, Any]) -> str:
    return ", ".join(f"{one['to']} ({one['event']})" if one["event"] else one["to"] for one in node["next"])


GRAPH: Final = (
    Column("AGENT", field("agent")),
    state_column(),
    Column("TURNS", field("turns")),
    Column("STARTS", field("started_by")),
    Column("HAS STARTED", _next),
)
TIMELINE: Final = (
    Column("AGENT", field("agent")),
    Column("TRY", lambda bar: f"{bar['turn']}.{bar['attempt'] or ''}"),
    state_column(),
    Column("AT", field("after"), lambda bar: f"+{times.duration(bar['after'])}"),
    Column("TOOK", field("took"), lambda bar: times.duration(bar["took"])),
    Column("TIME", field("line")),
    Column("EVENTS", field("events")),
)


def show_graph(client: Client, run: str, *, as_json: bool) -> None:
    """A line for each agent: how it stands, what starts it, and what it has started so far."""
    graph = client.get(f"/runs/{quoted(run)}/graph")
    if as_json:
        show_json(graph)
        return
    gone = [one for one in graph["arrows"] if one["travelled"]]
    nodes = [node | {"next": [one for one in gone if one["from"] == node["agent"]]} for node in graph["nodes"]]
    show_rows(nodes, GRAPH, as_json=False, empty="It has no agents.")


def show_timeline(client: Client, run: str, *, as_json: bool) -> None:
    """A line for each attempt and each turn that waits: ``·`` in the queue, ``━`` at work."""
    timeline = client.get(f"/runs/{quoted(run)}/timeline")
    if as_json:
        show_json(timeline)
        return
    show_rows(list(_bars(timeline)), TIMELINE, as_json=False, empty="Nothing has begun yet.")


def _bars(timeline: dict[str, Any]) -> Iterator[dict[str, Any]]:
    begin = timeline["from"]
    end = max(timeline["until"] or time.time(), begin + 0.001)
    for lane in timeline["lanes"]:
        waits = {wait["turn"]: wait for wait in lane["waits"]}
        said = " ".join(mark["name"] for mark in lane["events"])
        for bar in lane["attempts"]:
            until = bar["until"] or end
            wait = waits.pop(bar["turn"], None)
            line = _line(begin, end, wait["from"] if wait else bar["from"], bar["from"], until)
            yield bar | {
                "agent": lane["agent"],
                "after": bar["from"] - begin,
                "took": until - bar["from"],
                "line": line,
                "events": said,
            }
            said = ""
        for wait in waits.values():
            told = {"agent": lane["agent"], "turn": wait["turn"], "attempt": None, "state": "queued", "outcome": None}
            line = _line(begin, end, wait["from"], end, end)
            yield told | {"after": wait["from"] - begin, "took": end - wait["from"], "line": line, "events": ""}


def _line(begin: float, end: float, queued: float, started: float, ended: float) -> str:
    first, middle, last = (round((at - begin) / (end - begin) * WIDTH) for at in (queued, started, ended))
    first = min(first, WIDTH - 1)
    return f"{' ' * first}{'·' * (middle - first)}{'━' * max(last - middle, 1 if middle < WIDTH else 0)}"
