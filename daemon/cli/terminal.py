"""A person's own terminal while it is lent to a session: raw, and given back as it was whatever happens."""

import os
import re
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_ALTERNATE: Final = re.compile(rb"\x1b\[\?(?:1049|1047|47)([hl])")
_REMEMBERED: Final = 16
"""Bytes of the output kept to see a sequence that arrives in two pieces."""

_SET_BACK: Final = b"".join(
    (
        b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l",  # mouse
        b"\x1b[?2004l",  # bracketed paste
        b"\x1b[?1l\x1b>",  # cursor keys and keypad
        b"\x1b[r\x1b[?7h",  # scrolling region, wrapping
        b"\x1b[?25h\x1b[0m",  # cursor, colours
    )
)


@contextmanager
def lent(fd: int) -> Iterator[None]:
    """The terminal ``fd`` raw inside the block. What is not a terminal is left alone."""
    if not os.isatty(fd):
        yield
        return
    before = termios.tcgetattr(fd)
    tty.setraw(fd, termios.TCSADRAIN)  # whoever has typed already meant it for the agent
    try:
        yield
    finally:
        with suppress(termios.error):  # the terminal itself may be gone: that is one way to leave
            termios.tcsetattr(fd, termios.TCSAFLUSH, before)


def size(fd: int) -> tuple[int, int]:
    """Rows and columns."""
    columns, rows = os.get_terminal_size(fd)
    return rows, columns


class Screen:
    """Where the session's output goes. Knows whether the agent has switched to the alternate screen, to switch back."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._tail = b""
        self._alternate = False

    def write(self, data: bytes) -> None:
        """All of it; blocks while the terminal does not take it, which is what slows us down and nobody else."""
        seen = self._tail + data
        for found in _ALTERNATE.finditer(seen):
            self._alternate = found[1] == b"h"
        self._tail = seen[-_REMEMBERED:]
        while data:
            data = data[os.write(self._fd, data) :]

    def set_back(self) -> None:
        """Undo what the agent has set and, watched only to the middle, will not unset for us."""
        if os.isatty(self._fd):
            with suppress(OSError):
                self.write(b"\x1b[?1049l" * self._alternate + _SET_BACK + b"\r\n")


def say(text: str) -> None:
    """A line of ours on stderr, right also while the terminal is raw."""
    sys.stderr.write(f"\r[{text}]\r\n")
    sys.stderr.flush()
