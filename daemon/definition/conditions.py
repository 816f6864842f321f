"""Conditions as the run machine and the triggers read them."""

import re
from typing import Final

_WRAPPED: Final = re.compile(r"\s*\$\{\{(?P<inner>.*)\}\}\s*", re.DOTALL)


def bare(condition: str | None) -> str | None:
    """The expression of an ``if`` without ``${{ }}`` around the whole."""
    found = _WRAPPED.fullmatch(condition) if condition is not None else None
    return found["inner"].strip() if found and "${{" not in found["inner"] else condition
