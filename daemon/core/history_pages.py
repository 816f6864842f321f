"""Pages of a history, newest first, of which one row more was asked for than a page holds: that one tells whether more follows."""

from collections.abc import Sequence
from typing import Any


def page(rows: Sequence[dict[str, Any]], limit: int, cursor: str) -> dict[str, Any]:
    """``{"items", "next"}``; ``cursor`` is the field by whose value in its last row the next page begins."""
    items = list(rows[:limit])
    return {"items": items, "next": items[-1][cursor] if len(rows) > limit else None}
