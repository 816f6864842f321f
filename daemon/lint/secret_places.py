"""Where secrets may be named, and how: what the rules for chains and for agent files share."""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.expressions import Reference
from chainwright.daemon.core.secret_texts import CONTEXT, mentions
from chainwright.daemon.lint.texts import Text

Misplaced = tuple[Reference, str, str]
"""Where it stands, message and hint."""

_KNOWN_IN: Final = frozenset({"env", "with"})
_DEPTH_OF_INPUT: Final = 4
"""``agents.<id>.with.<input>``."""


def secrets_in(text: Text) -> Iterator[Reference]:
    """The mentions of secrets in a text; those in scripts are ``inject-shell``'s."""
    return (reference for reference in text.references if reference.path[0] == CONTEXT and text.role != "run")


def misplaced(text: Text) -> Iterator[Misplaced]:
    """The mentions that nobody could fill in."""
    alone = mentions(text.written)
    for reference in secrets_in(text):
        if text.role not in _KNOWN_IN:
            yield reference, "secrets are known only in env and with", "name it there, and let the agent read it"
        elif reference.offset not in alone:
            yield reference, "the value of a secret is not known when an expression is evaluated", _ALONE
        elif text.role == "with" and len(text.path) > _DEPTH_OF_INPUT:
            yield reference, "a secret cannot stand within a list or a mapping", "give it an input of its own"


_ALONE: Final = "a secret stands alone: ${{ secrets.NAME }}, beside text or other expressions"


def unlisted(text: Text, listed: tuple[str, ...]) -> Iterator[tuple[Reference, str]]:
    """The well placed mentions of secrets that are not listed, with their names."""
    alone, known = mentions(text.written), {name.lower() for name in listed}
    for reference in secrets_in(text):
        name = alone.get(reference.offset)
        if text.role in _KNOWN_IN and name is not None and name.lower() not in known:
            yield reference, name
