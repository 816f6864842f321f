"""The examples of rules: one text that may hold several files → what a reader sees, and what the linter is given.

A line ``# file: <path>`` begins a further file; what stands before the first is ``workflows/example.yaml``, or ``.json`` if it is JSON.
"""

import re
from inspect import cleandoc
from typing import Final

_FILE: Final = re.compile(r"^# file: (\S+)\n", re.MULTILINE)


def shown(example: str) -> str:
    """As a reader sees it, with a line end."""
    return cleandoc(example) + "\n"


def language(example: str) -> str:
    """``json`` or ``yaml``."""
    return "json" if shown(example).startswith("{") else "yaml"


def files(example: str) -> dict[str, bytes]:
    """Path → content, for the linter."""
    first, *further = _FILE.split(shown(example))
    named = dict(zip(further[::2], further[1::2], strict=True))
    return {path: text.encode() for path, text in {f"workflows/example.{language(example)}": first, **named}.items()}
