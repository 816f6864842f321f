"""A file of Mentiko as its agents: which dialect it is, and references to agents of their own files resolved."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal

from chainwright.daemon.definition.nodes import Entry, Mapping, Node, Place, Scalar, Sequence
from chainwright.daemon.definition.reading import read
from chainwright.daemon.definition.source import Findings
from chainwright.daemon.importers.fields import Fields
from chainwright.daemon.importers.names import agent_id
from chainwright.daemon.importers.report import Report

Dialect = Literal["blog", "schema", "engine"]

FindAgent = Callable[[str], bytes | None]
"""The content of ``agents/<id>/agent.json`` for an id, None when there is no such file."""

_REFERENCE: Final = "$ref"
_ENGINE_RETRY: Final = ("max_attempts", "strategy", "base_delay_ms", "initial_delay_ms", "max_delay_ms")
_ENGINE_AGENT: Final = ("wait_for_events", "approval_gate")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAgent:
    """An agent: its ``name`` in Mentiko's file, its ``id`` in ours, its fields. Without ``found`` its reference leads nowhere."""

    id: str
    name: str
    fields: Fields
    found: bool = True


def dialect_of(root: Mapping) -> Dialect:
    """How the file is written: by what only one of the dialects has."""
    agents = [agent for agent in _items(root, "agents") if isinstance(agent, Mapping)]
    if "event_triggers" in _below(root, "config") or any(_is_of_engine(agent) for agent in agents):
        return "engine"
    named = "branches" in root.entries or any({"id", _REFERENCE} & set(agent.entries) for agent in agents)
    return "schema" if named else "blog"


def _is_of_engine(agent: Mapping) -> bool:
    retry = _below(agent, "retry")
    return any(key in agent.entries for key in _ENGINE_AGENT) or any(key in retry for key in _ENGINE_RETRY)


def _below(node: Mapping, key: str) -> Collection[str]:
    """The keys of the mapping at ``key``; none where there is no mapping."""
    entry = node.entries.get(key)
    return entry.value.entries if entry and isinstance(entry.value, Mapping) else ()


def agents_of(root: Mapping, find: FindAgent, report: Report) -> list[SourceAgent]:
    """The agents of the file, in its order, each with an id of its own."""
    found: list[SourceAgent] = []
    for node in _items(root, "agents"):
        if isinstance(node, Mapping):
            found.append(_agent(node, [one.id for one in found], find, report))
        else:
            report.warn(node.span, "mentiko-agent", "an agent must be a mapping", hint="it was left out")
    return found


def _agent(node: Mapping, taken: list[str], find: FindAgent, report: Report) -> SourceAgent:
    fields = Fields(node, report)
    reference = fields.text(_REFERENCE)
    whole = _with_reference(node, reference, find, report) if reference else node
    fields = Fields(whole or node, report)
    fields.get(_REFERENCE)
    name = fields.text("id") or reference or fields.text("name")
    ours = agent_id(name, taken)
    if name and ours != name:
        report.note(
            fields.span("id" if "id" in fields else "name"), "mentiko-name", f'agent "{name}" is called "{ours}"'
        )
    if not name:
        report.warn(node.span, "mentiko-agent", "an agent has neither id nor name", hint=f'it is called "{ours}"')
    return SourceAgent(id=ours, name=name or ours, fields=fields, found=whole is not None)


def _with_reference(node: Mapping, reference: str, find: FindAgent, report: Report) -> Mapping | None:
    """The agent of the file that is referred to, with what the chain says instead; None when there is none."""
    place = node.entries[_REFERENCE].value.place
    file = f"agents/{reference}/agent.json"
    data = find(reference)
    findings = Findings(file)
    root = read(file, data, findings)[1] if data is not None else None
    if not isinstance(root, Mapping):
        why = (
            "is not there"
            if data is None
            else f"cannot be read: {findings.found[0].message}"
            if findings.found
            else "is no mapping"
        )
        message = f'the agent "{reference}" is not known: {file} {why}'
        report.error(
            place.span, "mentiko-ref", message, hint="the agent fails until its file is found: import again beside it"
        )
        return None
    of_file = {key: Entry(place, _placed(entry.value, place)) for key, entry in root.entries.items()}
    return Mapping({**of_file, **node.entries}, node.place)


def _placed(node: Node, place: Place) -> Node:
    """The value as if it stood at the reference: points are about the chain's file."""
    if isinstance(node, Scalar):
        return Scalar(node.value, place, node.style)
    if isinstance(node, Sequence):
        return Sequence(tuple(_placed(item, place) for item in node.items), place)
    return Mapping({key: Entry(place, _placed(entry.value, place)) for key, entry in node.entries.items()}, place)


def _items(root: Mapping, key: str) -> tuple[Node, ...]:
    entry = root.entries.get(key)
    if entry is None:
        return ()
    return entry.value.items if isinstance(entry.value, Sequence) else ()
