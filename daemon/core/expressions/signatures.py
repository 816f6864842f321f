"""How many arguments each function takes: what the parser asks, before anything is evaluated."""

import sys
from dataclasses import dataclass
from typing import Final

_MANY: Final = 255
_UNBOUNDED: Final = sys.maxsize


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """``name`` as it is written; ``least`` and ``most`` arguments."""

    name: str
    least: int
    most: int
    odd: bool = False
    """Whether their number must be odd."""

    @property
    def shown(self) -> str:
        """The sentence that says how many it takes."""
        if self.odd:
            return f"{self.name} takes pairs of a predicate and a value, then a last value"
        if self.most >= _MANY:
            return f"{self.name} takes at least {_counted(self.least)}"
        if self.least == self.most:
            return f"{self.name} takes {_counted(self.least)}"
        return f"{self.name} takes {self.least} or {_counted(self.most)}"


GITHUB: Final = (
    Signature(name="contains", least=2, most=2),
    Signature(name="startsWith", least=2, most=2),
    Signature(name="endsWith", least=2, most=2),
    Signature(name="format", least=1, most=_MANY),
    Signature(name="join", least=1, most=2),
    Signature(name="toJSON", least=1, most=1),
    Signature(name="fromJSON", least=1, most=1),
    Signature(name="case", least=3, most=_UNBOUNDED, odd=True),
)
"""Those of GitHub Actions."""

EXTENSIONS: Final = (
    Signature(name="len", least=1, most=1),
    Signature(name="matches", least=2, most=2),
    Signature(name="default", least=2, most=2),
    Signature(name="any", least=1, most=1),
    Signature(name="all", least=1, most=1),
    Signature(name="now", least=0, most=0),
)
"""Those that only a chain knows."""

SIGNATURES: Final = {signature.name.lower(): signature for signature in (*GITHUB, *EXTENSIONS)}
"""By name in lower case: names of functions are read without regard to case."""


def _counted(count: int) -> str:
    return "1 argument" if count == 1 else f"{count or 'no'} arguments"


def miscounted(name: str, count: int) -> str | None:
    """What is wrong with this number of arguments, in GitHub's words, or None. ``name`` is in lower case."""
    signature = SIGNATURES[name]
    if count < signature.least:
        return "Too few parameters supplied"
    if count > signature.most:
        return "Too many parameters supplied"
    if signature.odd and count % 2 == 0:
        return "Even number of parameters supplied, requires an odd number of parameters"
    return None
