"""Notices that the daemon's own folder is gone.

Somebody who removes it, a test or a person who cleans up, means the daemon too. It would not find out by itself: its open database goes
on taking what nobody will ever read, and no command reaches it any more.
"""

import asyncio
from pathlib import Path
from typing import Final

LOOKS_EVERY_S: Final = 1.0


class HomeGone(Exception):
    """The home is not there any more, or another folder is there in its place; the text is for the operator."""


async def until_gone(home: Path, *, every_s: float = LOOKS_EVERY_S) -> None:
    """Return once the folder is gone for good: a file system that does not answer for a while is another matter."""
    begun = _identity(home)
    while True:
        await asyncio.sleep(every_s)
        if _identity(home) not in (begun, None):
            return


def _identity(home: Path) -> tuple[int, int] | None:
    """What tells the folder from any other; all zeros when there is none, None when that cannot be said now."""
    try:
        found = home.stat()
    except (FileNotFoundError, NotADirectoryError):
        return 0, 0
    except OSError:
        return None
    return found.st_dev, found.st_ino
