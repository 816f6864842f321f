"""``{NAME}`` in texts of another tool → inputs of the chain."""

import re
from typing import Final

_PLACEHOLDER: Final = re.compile(r"(?<![$\\{])\{([A-Z][A-Z0-9_]*)\}(?!\})")
_OPEN: Final = "${{"


def with_inputs(text: str) -> tuple[str, list[str]]:
    """The text as a template, and the names of the inputs that it reads, in their order.

    What would be taken for an expression of ours is written so that it stays the text that it was.
    """
    escaped = text.replace(_OPEN, "${{ '${{' }}")
    names = list(dict.fromkeys(_PLACEHOLDER.findall(escaped)))
    return _PLACEHOLDER.sub(r"${{ inputs.\1 }}", escaped), names
