"""Texts of ``env`` and ``with`` in which secrets stand: cut into what can be evaluated now, and names.

The run machine never knows a secret's value: it journals names, and whoever starts the process puts the values in. So a secret stands
alone in its ``${{ }}``, beside text or other expressions; one within a larger expression would have to be known to be evaluated, and
is refused. Names are kept apart from texts and never searched for in them: an event whose data looks like a mention names nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from chainwright.daemon.core.decisions import Piece
from chainwright.daemon.core.expressions import ExpressionError, Json, parse_template

_MENTION: Final = re.compile(r"\$\{\{\s*(?P<path>secrets\.(?P<name>[A-Za-z_][A-Za-z0-9_-]*))\s*\}\}", re.IGNORECASE)
CONTEXT: Final = "secrets"


def mentions(text: str) -> dict[int, str]:
    """The secrets that stand alone in their ``${{ }}``: offset of ``secrets.NAME`` → NAME as it is written."""
    return {found.start("path"): found["name"] for found in _MENTION.finditer(text)}


def parted(texts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values without secrets, and the texts with at least one."""
    hiding = {name: text for name, text in texts.items() if isinstance(text, str) and _MENTION.search(text)}
    return {name: value for name, value in texts.items() if name not in hiding}, hiding


def pieces(text: str, listed: tuple[str, ...], contexts: Mapping[str, Json]) -> tuple[Piece, ...]:
    """What the text consists of, everything but the secrets evaluated.

    Raises :class:`ExpressionError` for a name that is not among ``listed``.
    """
    return tuple(_pieces(text, {name.lower(): name for name in listed}, contexts))


def shown(parts: tuple[Piece, ...]) -> str:
    """The text for those who may know only that there is a secret: its name in brackets."""
    return "".join(f"[secret {part.secret}]" if part.secret else part.text for part in parts)


def filled(parts: tuple[Piece, ...], values: Mapping[str, str]) -> str:
    """The text with the values of its secrets."""
    return "".join(values[part.secret] if part.secret else part.text for part in parts)


def _pieces(text: str, listed: Mapping[str, str], contexts: Mapping[str, Json]) -> Iterator[Piece]:
    at = 0
    for found in _MENTION.finditer(text):
        if found.start() > at:
            yield _between(text[at : found.start()], contexts)
        name = listed.get(found["name"].lower())
        if name is None:
            raise ExpressionError(f"the agent does not list the secret {found['name']}", "evaluation", found.start())
        yield Piece(secret=name)
        at = found.end()
    if at < len(text):
        yield _between(text[at:], contexts)


def _between(text: str, contexts: Mapping[str, Json]) -> Piece:
    return Piece(text=parse_template(text).text(contexts))
