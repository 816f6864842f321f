"""Regular expressions on RE2, whose time grows with the text and with nothing else: whoever writes a pattern cannot stop the daemon."""

from functools import lru_cache
from typing import Any, Final

import re2

MAX_PATTERN: Final = 500
"""Characters of a pattern."""

_KEPT: Final = 512


def pattern_problem(pattern: str) -> str | None:
    """Why this is no pattern, or None."""
    if len(pattern) > MAX_PATTERN:
        return f"the pattern is longer than {MAX_PATTERN} characters"
    try:
        _compiled(pattern)
    except re2.error as error:
        return f"the pattern cannot be read: {_reason(error)}"
    return None


def is_found(pattern: str, text: str) -> bool:
    """Whether the pattern matches anywhere in the text; ``^`` and ``$`` are its very ends. The pattern must have no problem."""
    return _compiled(pattern).search(_encodable(text)) is not None


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def _encodable(text: str) -> str:
    """RE2 reads UTF-8, in which half a surrogate pair has no place."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


@lru_cache(maxsize=_KEPT)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(_encodable(pattern), options)
