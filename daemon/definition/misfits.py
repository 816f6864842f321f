"""What the checks between files say to each other before it has a place."""

from typing import NamedTuple


class Misfit(NamedTuple):
    """Something that does not agree with what it refers to; ``path`` is within the agent."""

    path: tuple[str, ...]
    rule: str
    message: str
    hint: str = ""
