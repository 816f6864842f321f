"""What the expressions of a file read, found by their text.

The rules about what nobody reads ask here: a reader that is missed makes a false warning, so every scalar of the file is looked at, also
those of fields that no other rule knows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from chainwright.daemon.definition.nodes import Node, scalars
from chainwright.daemon.lint.shell_text import EXPRESSION

_CONDITIONS: Final = frozenset({"if", "assert"})
"""Fields whose whole text is an expression."""

_INPUT: Final = re.compile(r"\binputs\b(?:\.(?P<name>[\w-]+))?", re.IGNORECASE)
_OUTPUT: Final = re.compile(
    r"\b(?:needs|agents)\b(?:\.(?P<agent>[\w-]+)\.(?:outputs\.(?P<name>[\w-]+)|(?P<other>result)\b))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reads:
    """Names in lower case. ``all_inputs`` and ``all_outputs`` say that some expression may read any of them."""

    inputs: set[str] = field(default_factory=set)
    all_inputs: bool = False
    outputs: set[tuple[str, str]] = field(default_factory=set)
    """Agent and output."""
    all_outputs: bool = False


def reads_of(root: Node) -> Reads:
    """Of the whole file."""
    bodies = list(_expressions(root))
    inputs = [found["name"] for body in bodies for found in _INPUT.finditer(body)]
    outputs = [found for body in bodies for found in _OUTPUT.finditer(body)]
    picked = {(found["agent"].lower(), found["name"].lower()) for found in outputs if found["name"]}
    return Reads(
        {name.lower() for name in inputs if name},
        None in inputs,
        picked,
        any(not found["name"] and not found["other"] for found in outputs),
    )


def _expressions(root: Node) -> Iterator[str]:
    for path, scalar in scalars(root):
        if not isinstance(scalar.value, str):
            continue
        if path and path[-1] in _CONDITIONS:
            yield scalar.value
        elif "${{" in scalar.value:
            yield from (found[0] for found in EXPRESSION.finditer(scalar.value))
