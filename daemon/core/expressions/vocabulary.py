"""The names that an expression may use, and those that it may use one day.

What the language document has and this version does not is refused as ``not-supported``: whoever brings it moves its name from the
one set to the other.
"""

from dataclasses import dataclass
from typing import Final, get_args

from chainwright.daemon.core.expressions.tree import StatusName

CONTEXTS: Final = frozenset({"inputs", "needs", "event", "vars", "run", "agents", "matrix", "strategy"})
CONTEXTS_TO_COME: Final = frozenset({"env", "steps", "host", "secrets"})
STATUS_FUNCTIONS: Final[frozenset[str]] = frozenset(get_args(StatusName))
FUNCTIONS_TO_COME: Final = frozenset(
    {"contains", "startswith", "endswith", "format", "join", "tojson", "fromjson", "hashfiles", "case"}
    | {"len", "matches", "default", "any", "all", "now"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What may be named in one place; all in lower case, because names are read without regard to case."""

    contexts: frozenset[str] = CONTEXTS
    has_status: bool = False
    """Whether ``success()`` and its kin may be asked."""


IN_TEMPLATE: Final = Vocabulary()
IN_CONDITION: Final = Vocabulary(has_status=True)
