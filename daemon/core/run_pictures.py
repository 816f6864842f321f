"""What a run looks like: its agents with what has gone between them, and its time. From the views of the API and the chain; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.topology import arrows, started_by

View = Mapping[str, Any]


def graph_of(chain: Chain, run: View, events: Sequence[View]) -> dict[str, Any]:
    """A RunGraph of a RunDetail and its EventViews."""
    travelled = Counter(
        (event["agent"], delivery["agent"], event["name"])
        for event in events
        for delivery in event["deliveries"]
        if event["agent"] is not None and delivery["state"] == "consumed"
    )
    return {
        "run_id": run["id"],
        "nodes": [_node(chain, name, agent) for name, agent in run["agents"].items()],
        "arrows": [
            {"from": source, "to": target, "event": event, "travelled": travelled[source, target, event]}
            if event is not None
            else {"from": source, "to": target, "event": None, "travelled": int(_has_started(run, target))}
            for source, target, event in arrows(chain)
        ],
    }


def timeline_of(run: View, events: Sequence[View], queued: Mapping[tuple[str, int], float]) -> dict[str, Any]:
    """A RunTimeline. ``queued`` tells when each turn was put in the queue, by agent and number."""
    return {
        "run_id": run["id"],
        "from": run["created_at"],
        "until": run["ended_at"],
        "lanes": [
            {
                "agent": name,
                "waits": [wait for turn in agent["turns"] for wait in _waits(turn, queued.get((name, turn["turn"])))],
                "attempts": [bar for turn in agent["turns"] for bar in _bars(turn)],
                "events": [
                    {"at": event["at"], "name": event["name"], "number": event["number"]}
                    for event in events
                    if event["agent"] == name and event["fate"] != "automatic"
                ],
            }
            for name, agent in run["agents"].items()
        ],
    }


def _node(chain: Chain, name: str, agent: View) -> dict[str, Any]:
    known = chain.agents.get(name)
    return {
        "agent": name,
        "started_by": started_by(known) if known else "",
        "state": agent["state"],
        "outcome": agent["outcome"],
        "turns": len(agent["turns"]),
        "attention": any(attempt["attention"] for turn in agent["turns"] for attempt in turn["attempts"]),
    }


def _has_started(run: View, agent: str) -> bool:
    return any(turn["outcome"] != "skipped" for turn in run["agents"].get(agent, {"turns": ()})["turns"])


def _waits(turn: View, queued: float | None) -> Iterable[dict[str, Any]]:
    """From the queue to its first attempt; nothing of a turn that never started, or that another run did."""
    first = min((one["started_at"] for one in turn["attempts"] if one["started_at"] is not None), default=None)
    if queued is not None and not turn["adopted_from"] and (first is not None or turn["state"] != "finished"):
        yield {"turn": turn["turn"], "from": queued, "until": first}


def _bars(turn: View) -> Iterable[dict[str, Any]]:
    for attempt in turn["attempts"]:
        if attempt["started_at"] is not None:
            told = {name: attempt[name] for name in ("id", "attempt", "leg", "state", "outcome")}
            yield {**told, "turn": turn["turn"], "from": attempt["started_at"], "until": attempt["ended_at"]}
