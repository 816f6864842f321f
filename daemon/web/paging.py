"""Pages of lists that are made whole: those whose length the daemon's own state bounds. Long histories have pages of their own.

A cursor names the last item that was given, and where it stood. A page goes on behind that item wherever it stands by now, so one that comes
or goes elsewhere in the list doubles and hides nothing; if it is gone itself, behind where it stood.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from chainwright.daemon.core.refusals import Code
from chainwright.daemon.web.problems import BadRequest
from chainwright.schemas.pages import PageQuery

Row = dict[str, Any]


def page_of(rows: Sequence[Row], asked: PageQuery, *key: str) -> dict[str, Any]:
    """``{"items", "next"}``. ``key`` are the fields that tell the rows apart."""
    start = _behind(rows, asked.cursor, key) if asked.cursor is not None else 0
    end = len(rows) if asked.limit is None else start + asked.limit
    shown = list(rows[start:end])
    is_last = end >= len(rows) or not shown
    return {"items": shown, "next": None if is_last else _cursor(end, shown[-1], key)}


def _cursor(stood: int, row: Row, key: tuple[str, ...]) -> str:
    told = json.dumps([stood, *(row[name] for name in key)], separators=(",", ":"))
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _behind(rows: Sequence[Row], cursor: str, key: tuple[str, ...]) -> int:
    """The place at which a page begins."""
    try:
        stood, *last = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        stood = int(stood)
    except (ValueError, TypeError):
        raise BadRequest(
            Code.INVALID_INPUT, "the cursor does not fit", "the `next` of a page of this list is taken"
        ) from None
    places = (place for place, row in enumerate(rows, 1) if [row[name] for name in key] == last)
    return next(places, max(0, stood - 1))
