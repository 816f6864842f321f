"""Reads what a session's terminal showed: plain text for people and search, an asciicast for players.

The log holds bytes as they came from the terminal, control sequences and all; it is never changed. These readers interpret just
what makes text readable (line ends, carriage returns, backspaces, erasing to the end of a line) and drop the rest. A screen that a
program draws at arbitrary places is a matter for a terminal emulator.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Final

LINE_MAX: Final = 1 << 16
"""Characters after which a line without an end is given out as it is: a log may have no line end at all."""

_TOKEN: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*(?P<csi>[@-~])"  # CSI: cursor, colour, erase
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC: titles, links, images, up to their end
    r"|\x1b[ -/]+[0-~]"  # character sets and the like
    r"|\x1b[0-Z\\`-~]"  # two characters
    r"|(?P<control>[\x00-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
)
_CUT_OFF: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)\Z")
_SEQUENCE_MAX: Final = 4096
"""A control sequence that is longer than this without its end is none: it must not swallow the log."""


class PlainText:
    """Terminal bytes to text, piece by piece: sequences and characters may be cut anywhere."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._line: list[str] = []
        self._column = 0

    def feed(self, data: bytes) -> str:
        """The lines that are complete now, each with its line end."""
        text = self._rest + self._decoder.decode(data)
        self._rest = ""
        if cut := _CUT_OFF.search(text, max(0, len(text) - _SEQUENCE_MAX)):
            text, self._rest = text[: cut.start()], cut[0]
        return "".join(self._lines(text))

    def end(self) -> str:
        """What is left once nothing follows: a last line without its end."""
        left = "".join(self._lines(self._decoder.decode(b"", final=True)))
        return left + self._taken()

    def _lines(self, text: str) -> Iterator[str]:
        for token in _TOKEN.finditer(text):
            if token["text"]:
                self._write(token["text"])
            elif token["control"] == "\n":
                yield self._taken() + "\n"
            elif token["control"]:
                self._control(token["control"])
            elif token["csi"] == "K":
                del self._line[self._column :]
            if len(self._line) > LINE_MAX:
                yield self._taken() + "\n"

    def _write(self, text: str) -> None:
        self._line[self._column : self._column + len(text)] = text
        self._column += len(text)

    def _control(self, control: str) -> None:
        if control == "\r":
            self._column = 0
        elif control == "\b":
            self._column = max(0, self._column - 1)
        elif control == "\t":
            self._write("\t")

    def _taken(self) -> str:
        line = "".join(self._line)
        self._line, self._column = [], 0
        return line


def plain_text(data: bytes) -> str:
    """The whole of a terminal's output as text, lines ended by a line feed."""
    reader = PlainText()
    return reader.feed(data) + reader.end()


class Asciicast:
    """Terminal bytes to the lines of an asciicast (version 3, https://docs.asciinema.org/manual/asciicast/v3/), piece by piece.

    ``timing``: the whole file of that name; output that it does not cover belongs to its last entry. ``exit_code`` ends it, if known.
    """

    def __init__(self, timing: bytes, *, rows: int, cols: int, started_at: float, exit_code: int | None = None) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._times = _times(timing)
        self._exit_code = exit_code
        self._entry = 0
        self._at = 0
        self._shown_ms = 0
        term = {"cols": cols, "rows": rows, "type": "xterm-256color"}
        self._head = json.dumps({"version": 3, "term": term, "timestamp": int(started_at)}) + "\n"

    def feed(self, data: bytes) -> str:
        """The lines of these bytes, each with its line end; the header before the first ones."""
        head, self._head = self._head, ""
        return head + "".join(self._event(at_ms, self._decoder.decode(part)) for at_ms, part in self._cut(data))

    def end(self) -> str:
        """What is left once nothing follows."""
        left = self.feed(b"") + self._event(self._shown_ms, self._decoder.decode(b"", final=True))
        return left if self._exit_code is None else f'{left}[0, "x", "{self._exit_code}"]\n'

    def _event(self, at_ms: int, text: str) -> str:
        if not text:
            return ""
        waited_s, self._shown_ms = (at_ms - self._shown_ms) / 1000, at_ms
        return json.dumps([waited_s, "o", text], ensure_ascii=False) + "\n"

    def _cut(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The output cut where its times change: (milliseconds since the start, bytes)."""
        while data:
            at_ms, following = self._times[self._entry][1], self._times[self._entry + 1 : self._entry + 2]
            room = max(0, following[0][0] - self._at) if following else len(data)
            head, data = data[:room], data[room:]
            if head:
                yield at_ms, head
            self._at += len(head)
            self._entry += bool(following) and self._at >= following[0][0]


def _times(timing: bytes) -> list[tuple[int, int]]:
    """Pairs (offset, milliseconds), in order; a line that a crash cut off is left out."""
    pairs = [line.split() for line in timing.splitlines()]
    times = [
        (int(pair[0]), int(pair[1])) for pair in pairs if len(pair) == 2 and pair[0].isdigit() and pair[1].isdigit()
    ]
    return times or [(0, 0)]
