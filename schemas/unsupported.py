"""What the language has and this version does not: the one list.

Each entry is refused with ``… is not supported yet`` at its position. Whoever brings a feature strikes its entries off and gives the
field to the model; nothing is accepted and ignored.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Unsupported:
    """``where`` is a path of keys, in which ``*`` stands for any key or any item.

    With ``value``, a regular expression for the whole of a text, only such a value is refused, not the field.
    """

    where: str
    what: str
    value: str | None = None


CHAIN: Final[tuple[Unsupported, ...]] = (
    Unsupported("defaults.uses", "a built-in agent", "builtin/.*"),
    Unsupported("limits.tokens", '"tokens" in limits'),
    Unsupported("limits.cost-usd", '"cost-usd" in limits'),
    Unsupported("agents.*.uses", "a built-in agent", "builtin/.*"),
    Unsupported("agents.*.limits.tokens", '"tokens" in limits'),
    Unsupported("agents.*.limits.cost-usd", '"cost-usd" in limits'),
)
"""Of chain files."""

AGENT: Final[tuple[Unsupported, ...]] = (
    Unsupported("usage", '"usage"'),
    Unsupported("requires", '"requires"'),
)
"""Of the files of reusable agents."""
