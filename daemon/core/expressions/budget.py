"""What evaluating one expression may cost: the items that it looks at, and the memory of what it makes.

Without bounds ten lines of ``format`` within ``format`` would fill any memory. The memory is GitHub's own bound and is counted as
theirs is: two bytes a character, and what a function was given is let go once it has its result.
"""

from typing import Final

from chainwright.daemon.core.expressions.errors import Fault

MAX_STEPS: Final = 250_000
MAX_BYTES: Final = 1 << 20
_OF_VALUE: Final = 24
_TEXT_A_STEP: Final = 64


class Budget:
    """What is left for one evaluation. Running out of either raises :class:`Fault`."""

    __slots__ = ("held", "steps")

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.held = 0
        """Bytes that are made and not let go."""

    def step(self, items: int = 1) -> None:
        """Look at so many items."""
        self.steps -= items
        if self.steps < 0:
            raise Fault(f"The maximum of {MAX_STEPS:,} steps was exceeded")

    def read(self, text: str) -> str:
        """Look through a text, which is given back."""
        self.step(1 + len(text) // _TEXT_A_STEP)
        return text

    def hold(self, characters: int = 0) -> None:
        """Make a value with so many characters."""
        self.held += _OF_VALUE + 2 * characters
        if self.held > MAX_BYTES:
            raise Fault("The maximum allowed memory size was exceeded")
