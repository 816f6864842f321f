"""What is known of a value before there is one: its kind, and the shapes of what it holds.

Inputs, outputs and payloads declare types, and ``vars`` are written down. What nobody declares has no kind, and nothing is said about
it. Any value may turn out to be null, so a shape is what a value is when it is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chainwright.daemon.core.expressions.values import Kind, kind_of
from chainwright.daemon.core.graph import Agent, Chain, ValueType
from chainwright.daemon.lint.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """``kind`` None is not known. ``fields`` are those of an object that are known; a ``closed`` one has no others."""

    kind: Kind | None = None
    fields: Mapping[str, "Shape"] | None = None
    closed: bool = False
    filtered: bool = False
    """Whether it is what ``.*`` gives: a list of which a member is that of each item."""

    @property
    def is_primitive(self) -> bool:
        """Whether it is known to be neither a list nor an object."""
        return self.kind in ("boolean", "number", "string")

    @property
    def called(self) -> str:
        """As a message names it."""
        return CALLED[self.kind] if self.kind else "a value"


CALLED: Final[dict[Kind, str]] = {
    "null": "null",
    "boolean": "a boolean",
    "number": "a number",
    "string": "a text",
    "array": "a list",
    "object": "an object",
}
UNKNOWN: Final = Shape()
TEXT: Final = Shape(kind="string")
NUMBER: Final = Shape(kind="number")
BOOLEAN: Final = Shape(kind="boolean")
LIST: Final = Shape(kind="array")
FILTERED: Final = Shape(kind="array", filtered=True)
_OF_TYPE: Final[dict[ValueType, Shape]] = {
    "string": TEXT,
    "choice": TEXT,
    "number": NUMBER,
    "integer": NUMBER,
    "boolean": BOOLEAN,
}
_RUN: Final = {"id": TEXT, "number": NUMBER, "attempt": NUMBER, "chain": TEXT, "commit": TEXT, "actor": TEXT}


def shape_of(value: Any) -> Shape:
    """That of a value that is written in the chain, texts without expressions."""
    kind = kind_of(value)
    if kind == "object":
        return Shape(kind=kind, fields={str(key): shape_of(item) for key, item in value.items()}, closed=True)
    return UNKNOWN if kind == "null" else Shape(kind=kind)


def shapes_for(subject: Subject, agent_id: str | None) -> Mapping[str, Shape]:
    """The shapes of the contexts in an agent, or in the chain's own texts; those that are not among them are unknown."""
    chain = subject.chain
    found = {"inputs": _inputs(chain), "vars": _open(vars_of(chain)), "run": _open(_RUN)}
    agent = chain.agents.get(agent_id or "")
    if agent is not None:
        found["needs"] = _agents(chain, agent.needs)
        found["event"] = _event(subject, agent)
        found["outputs"] = _open(_typed(agent.outputs))
    elif agent_id is None:
        found["agents"] = _agents(chain, tuple(chain.agents))
    return found


def vars_of(chain: Chain) -> Mapping[str, Shape]:
    """The shapes of the variables."""
    return {name: shape_of(value) for name, value in chain.vars.items()}


def _open(fields: Mapping[str, Shape]) -> Shape:
    """An object whose unknown fields are another rule's."""
    return Shape(kind="object", fields=fields)


def _inputs(chain: Chain) -> Shape:
    return _open(_typed({one.name: one.type for one in chain.inputs}))


def _typed(types: Mapping[str, ValueType]) -> Mapping[str, Shape]:
    return {name: _OF_TYPE.get(declared, UNKNOWN) for name, declared in types.items()}


def _agents(chain: Chain, names: tuple[str, ...]) -> Shape:
    return _open({name: _agent(chain.agents[name]) for name in names if name in chain.agents})


def _agent(agent: Agent) -> Shape:
    return _open({"result": TEXT, "outputs": _open(_typed(agent.outputs))})


def _event(subject: Subject, agent: Agent) -> Shape:
    """Of a join, name and data are another thing; and data that one emitter leaves open is open."""
    if agent.listens is None or agent.listens.mode != "any" or subject.any_lost("emits", "on"):
        return UNKNOWN
    return _open({"name": TEXT, "time": NUMBER, "data": _data(subject, agent.listens.names)})


def _data(subject: Subject, names: tuple[str, ...]) -> Shape:
    payloads = [
        subject.agents[emitter].emits[name].payload if emitter and name in subject.agents[emitter].emits else None
        for name in names
        for emitter in subject.feeds.emitters.get(name, ("",))
    ]
    if not payloads or any(payload is None for payload in payloads):
        return UNKNOWN
    types: dict[str, set[ValueType]] = {}
    for payload in payloads:
        for field, declared in (payload or {}).items():
            types.setdefault(field, set()).add(declared)
    return _open({field: _OF_TYPE.get(next(iter(of)), UNKNOWN) for field, of in types.items() if len(of) == 1})
