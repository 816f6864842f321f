"""How long a session's log is: found by looking whether there is a byte, because a runner only reads."""

from collections.abc import Awaitable, Callable
from typing import Final

STEP: Final = 1 << 16

HasByte = Callable[[int], Awaitable[bool]]


async def size_of(has_byte: HasByte, at_least: int = 0) -> int:
    """The size of a log of which ``at_least`` bytes are there. Some thirty questions for a gigabyte; it may have grown meanwhile."""
    low, step = at_least, STEP
    while await has_byte(low + step):
        low, step = low + step, step * 2
    high = low + step
    while low < high:
        middle = (low + high) // 2
        if await has_byte(middle):
            low = middle + 1
        else:
            high = middle
    return low
