"""The texts of a chain or agent file in which expressions stand, compiled, with their places."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal

from chainwright.daemon.core.expressions import (
    Condition,
    ExpressionError,
    Reference,
    Template,
    parse_assertion,
    parse_condition,
    parse_template,
)
from chainwright.daemon.definition.nodes import Mapping, Node, Path, Scalar, Sequence, at, scalars

Role = Literal[
    "env",
    "run",
    "with",
    "prompt",
    "if",
    "assert",
    "directory",
    "labels",
    "outputs",
    "message",
    "verdict",
    "group",
    "strategy",
    "name",
    "given",
]
"""What a text is for: rules differ in what it may name. A ``message`` is that of an approval, a ``verdict`` that of a check."""

_OF_CHAIN: Final[tuple[tuple[Role, Path], ...]] = (
    ("env", ("env",)),
    ("env", ("defaults", "env")),
    ("directory", ("defaults", "working-directory")),
    ("labels", ("defaults", "runs-on")),
    ("outputs", ("outputs",)),
    ("group", ("concurrency",)),
)
_OF_AGENT: Final[tuple[tuple[Role, Path], ...]] = (
    ("if", ("if",)),
    ("run", ("run",)),
    ("env", ("env",)),
    ("with", ("with",)),
    ("prompt", ("prompt",)),
    ("directory", ("working-directory",)),
    ("strategy", ("strategy",)),
    ("labels", ("runs-on",)),
    ("message", ("approval", "message")),
    ("group", ("concurrency",)),
)
_OF_TRIGGER: Final[tuple[tuple[Role, Path], ...]] = (("if", ("if",)), ("given", ("inputs",)))
_TRIGGERS: Final = ("webhook", "event", "chain", "push", "pull_request")
"""Those with expressions of their own; one or a list."""
_OF_STEP: Final[tuple[tuple[Role, Path], ...]] = (
    ("if", ("if",)),
    ("run", ("run",)),
    ("env", ("env",)),
    ("directory", ("working-directory",)),
)
_OF_CHECK: Final[tuple[tuple[Role, Path], ...]] = (
    ("run", ("run",)),
    ("assert", ("assert",)),
    ("verdict", ("message",)),
)
_COMPILED: Final[dict[Role, Callable[[str], Template | Condition]]] = {"if": parse_condition, "assert": parse_assertion}
"""How a text is read; any other is a template."""


@dataclass(frozen=True)
class Text:
    """A text with what stands in it. ``agent`` is the id of the agent that it belongs to, None for the chain's own."""

    role: Role
    agent: str | None
    path: Path
    scalar: Scalar

    @property
    def step(self) -> int | None:
        """The index of the step that it belongs to, None where it is not of a step."""
        pairs = pairwise(self.path)
        return next((index for key, index in pairs if key == "steps" and isinstance(index, int)), None)

    @property
    def trigger(self) -> str | None:
        """The trigger that it belongs to, ``webhook``, None where it is of none: such a text is read before there is a run."""
        return str(self.path[1]) if self.path[0] == "on" else None

    @property
    def is_asked_afterwards(self) -> bool:
        """Whether it is evaluated when an attempt has done its work: then the context ``outputs`` holds what it gave."""
        return self.role in ("assert", "verdict")

    @property
    def written(self) -> str:
        """As the author wrote it."""
        return str(self.scalar.value)

    @cached_property
    def parsed(self) -> Template | Condition | ExpressionError:
        """The compiled text, or why there is none."""
        try:
            return _COMPILED.get(self.role, parse_template)(self.written)
        except ExpressionError as error:
            return error

    @property
    def references(self) -> tuple[Reference, ...]:
        """The paths that it reads; none where it cannot be read."""
        return () if isinstance(self.parsed, ExpressionError) else self.parsed.located


def texts_of(root: Node) -> Iterator[Text]:
    """The texts of a chain file."""
    for role, path in _OF_CHAIN:
        yield from _texts(root, role, None, path)
    for trigger in _TRIGGERS:
        yield from _texts_of_trigger(root, ("on", trigger))
    agents = at(root, "agents")
    for name in agents.entries if isinstance(agents, Mapping) else ():
        yield from texts_of_agent(root, name, ("agents", name))


def texts_of_agent(root: Node, name: str | None, path: Path = ()) -> Iterator[Text]:
    """The texts of the agent that stands at ``path``: of an agent file, the whole file."""
    for role, below in _OF_AGENT:
        yield from _texts(root, role, name, (*path, *below))
    if at(root, *path, "strategy") is not None:  # the names of legs; any other is a mere word
        yield from _texts(root, "name", name, (*path, "name"))
    steps = at(root, *path, "steps")
    for index in range(len(steps.items)) if isinstance(steps, Sequence) else ():
        for role, below in _OF_STEP:
            yield from _texts(root, role, name, (*path, "steps", index, *below))
    checks = at(root, *path, "checks")
    for index in range(len(checks.items)) if isinstance(checks, Sequence) else ():
        for role, below in _OF_CHECK:
            yield from _texts(root, role, name, (*path, "checks", index, *below))


def _texts_of_trigger(root: Node, path: Path) -> Iterator[Text]:
    found = at(root, *path)
    places = [(*path, index) for index in range(len(found.items))] if isinstance(found, Sequence) else [path]
    for place in places:
        for role, below in _OF_TRIGGER:
            yield from _texts(root, role, None, (*place, *below))


def _texts(root: Node, role: Role, agent: str | None, path: Path) -> Iterator[Text]:
    for below, scalar in scalars(at(root, *path)):
        if isinstance(scalar.value, str):
            yield Text(role, agent, (*path, *below), scalar)
