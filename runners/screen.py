"""What a terminal shows after some output, by a model of a terminal (pyte): lines of plain text, and where the cursor stands.

Only text comes out: control sequences move and colour here, and go no further; nothing is ever answered to the agent. The readers of
``transcript`` are for logs, which are read from above; a screen is what a program has drawn at arbitrary places.
"""

import re
from dataclasses import dataclass
from typing import Final

import pyte

TAIL_BYTES: Final = 16 << 10
"""Of output, enough for the screen that is shown; what stood there before it has been scrolled or drawn over."""

_CONTROLS: Final = frozenset("\x1b\x07\b\t\n\v\f\r")
_CSI: Final = re.compile(
    r"\x1b\[(?P<private>[<-?]*)(?P<numbers>[0-9;]*)(?P<more>[0-?]*[ -/]*)(?P<final>[@-~])|[\x80-\x9f]", re.ASCII
)
_MOST_NUMBERS: Final = {
    **dict.fromkeys("ABCDEFGJKLMPX@ade`", 0),
    **dict.fromkeys("Hfr", 1),
    **dict.fromkeys("mhl", 30),
}
"""Final byte of a sequence that is drawn → how many separators its numbers may have."""
_STRINGS: Final = re.compile(rb"\x1b[\]PX^_](?P<body>[^\x07\x1b]*)(?:\x07|\x1b\\)")
_TITLE: Final = re.compile(rb"^[02];")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A screen: its lines without the empty ones at its end, and the line of the cursor up to it."""

    lines: tuple[str, ...]
    before_cursor: str


def drawn(output: bytes, *, rows: int, cols: int) -> Drawn:
    """The screen after this output, which may begin in the middle of anything."""
    screen = pyte.Screen(cols, rows)
    pyte.Stream(screen).feed(_understood(output[-TAIL_BYTES:]))
    lines = [_UNSAFE.sub("", line).rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    before = _UNSAFE.sub("", screen.display[screen.cursor.y])[: screen.cursor.x]
    return Drawn(lines=tuple(lines), before_cursor=before)


def _understood(output: bytes) -> str:
    """What the model can draw. It stops at a character without a width, and at a sequence with more numbers than it expects."""
    text = _STRINGS.sub(b"", output).decode("utf-8", "replace")
    return "".join(one for one in _CSI.sub(_known, text) if one.isprintable() or one in _CONTROLS)


def _known(sequence: re.Match[str]) -> str:
    """The sequence, if it is one that moves, erases, colours or sets a mode, as it is written in books."""
    private, numbers, final = sequence["private"], sequence["numbers"] or "", sequence["final"] or ""
    is_plain = not sequence["more"] and (not private or (private == "?" and final in "hl"))
    return sequence[0] if is_plain and numbers.count(";") <= _MOST_NUMBERS.get(final, -1) else ""


def rings(output: bytes) -> bool:
    """Whether the bell rings: a BEL that ends no title or link."""
    return b"\x07" in _STRINGS.sub(b"", output)


def title_in(output: bytes) -> str | None:
    """The last title that is set, or None."""
    bodies = [found["body"] for found in _STRINGS.finditer(output) if _TITLE.match(found["body"])]
    return _UNSAFE.sub("", bodies[-1][2:].decode("utf-8", "replace"))[:200] if bodies else None
