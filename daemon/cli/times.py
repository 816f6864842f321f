"""Times and durations as people read them, and as they write them."""

import re
import time
from datetime import UTC, datetime
from typing import Any, Final

import click

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WRITTEN: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


def duration(seconds: float) -> str:
    """``0.4s``, ``12s``, ``3m04s``, ``2h10m``, ``3d04h``."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f}s"
    whole = int(seconds)
    for size, name, lower, lower_name in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= size:
            return f"{whole // size}{name}{whole % size // lower:02}{lower_name}"
    return f"{whole}s"


def taken(thing: dict[str, Any]) -> str:
    """How long something with ``started_at`` and ``ended_at`` took, or has taken until now; empty before it began."""
    if thing["started_at"] is None:
        return ""
    return duration((thing["ended_at"] or time.time()) - thing["started_at"])


def ago(at: float | None) -> str:
    """``3m04s ago``; empty without a time."""
    return f"{duration(time.time() - at)} ago" if at is not None else ""


def stamp(at: float | None) -> str:
    """ISO 8601 in UTC, to the second; empty without a time."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else ""


def seconds(written: str) -> float:
    """What ``90``, ``90s``, ``20m``, ``2h`` or ``1d`` means, as the type of an option; a usage error for anything else."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise click.BadParameter(f"{written!r} is no duration; write 90s, 20m or 2h")
    return float(found[1]) * _UNITS[found[2] or "s"]
