"""The names that an expression may use.

``core.contexts`` fills the contexts. Where in a chain each may stand is the lint's to say (``expr-availability`` and
``expr-unknown-context``); ``signatures`` has the functions.
"""

from dataclasses import dataclass
from typing import Final, get_args

from chainwright.daemon.core.expressions.tree import StatusName

CONTEXTS: Final = frozenset(
    {
        "inputs",
        "needs",
        "event",
        "vars",
        "run",
        "agents",
        "secrets",
        "steps",
        "env",
        "matrix",
        "strategy",
        "outputs",
        "host",
    }
)
STATUS_FUNCTIONS: Final[frozenset[str]] = frozenset(get_args(StatusName))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What may be named in one place; all in lower case, because names are read without regard to case."""

    contexts: frozenset[str] = CONTEXTS
    has_status: bool = False
    """Whether ``success()`` and its kin may be asked."""


IN_TEMPLATE: Final = Vocabulary()
IN_CONDITION: Final = Vocabulary(has_status=True)
