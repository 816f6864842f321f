"""Drawings of a compiled chain: who starts whom, and by what."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

Compiled = dict[str, Any]
"""A chain as the API gives it: the JSON of ``core.graph.Chain``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What can start a turn of ``target``. ``source`` is None for the run's own start, or for events from outside."""

    source: str | None
    event: str
    """Empty when it is the source's end that counts."""
    target: str


def edges(chain: Compiled) -> Iterator[Edge]:
    """In the order of the chain's agents."""
    for target, agent in chain["agents"].items():
        names = agent["listens"]["names"] if agent["listens"] else []
        if not agent["needs"] and not names:
            yield Edge(source=None, event="", target=target)
        for need in agent["needs"]:
            yield Edge(source=need, event="", target=target)
        for name in names:
            yield from _emitted(chain, name, target)


def _emitted(chain: Compiled, event: str, target: str) -> Iterator[Edge]:
    found = [source for source, agent in chain["agents"].items() if event in agent["emits"] or _is_of(source, event)]
    for source in found or [None]:
        yield Edge(source=source, event=event, target=target)


def _is_of(agent: str, event: str) -> bool:
    """Whether it is one of the agent's automatic events, ``<id>.<word>``."""
    return event.rpartition(".")[0] == agent


def text(chain: Compiled) -> str:
    """A line for each edge."""
    lines = [f"{chain['id']}: {len(chain['agents'])} agents"]
    for edge in edges(chain):
        lines.append(f"  {_from(edge)} ─► {edge.target}{_how(chain['agents'][edge.target])}")
    return "\n".join(lines)


def _from(edge: Edge) -> str:
    if edge.source is None and not edge.event:
        return "(start)"
    return " ─ ".join(filter(None, (edge.source or "(outside)", edge.event)))


def _how(agent: Compiled) -> str:
    listens = agent["listens"] or {"mode": "any", "count": 1}
    notes = {
        "joins all": listens["mode"] == "all",
        f"joins {listens['count']}": listens["mode"] == "quorum",
        f"at most {agent['max_turns']} turns": agent["max_turns"] is not None,
    }
    said = ", ".join(note for note, holds in notes.items() if holds)
    return f"  ({said})" if said else ""


def mermaid(chain: Compiled) -> str:
    """A Mermaid flow chart."""
    numbers = {name: f"a{number}" for number, name in enumerate(chain["agents"])}
    lines = ["flowchart TD"] + [f"  {number}[{json.dumps(name)}]" for name, number in numbers.items()]
    for edge in edges(chain):
        label = f"|{json.dumps(edge.event)}|" if edge.event else ""
        source = numbers[edge.source] if edge.source else "start(( ))"
        lines.append(f"  {source} -->{label} {numbers[edge.target]}")
    return "\n".join(lines)


def dot(chain: Compiled) -> str:
    """A Graphviz digraph."""
    lines = [f"digraph {json.dumps(chain['id'])} {{", "  node [shape=box];", '  "" [shape=point];']
    for edge in edges(chain):
        label = f" [label={json.dumps(edge.event)}]" if edge.event else ""
        lines.append(f"  {json.dumps(edge.source or '')} -> {json.dumps(edge.target)}{label};")
    return "\n".join([*lines, "}"])


def compiled(chain: Compiled) -> str:
    """The chain itself, as JSON."""
    return json.dumps(chain, indent=2, ensure_ascii=False)


FORMATS: Final[dict[str, Callable[[Compiled], str]]] = {"text": text, "mermaid": mermaid, "dot": dot, "json": compiled}
