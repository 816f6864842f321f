"""JSON text → nodes. ``json.loads`` forgets positions, keeps the last of two equal keys and takes NaN."""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Final, NoReturn

from chainwright.daemon.definition.bounds import MAX_DIGITS, Bounds, Unreadable
from chainwright.daemon.definition.nodes import Entry, Mapping, Node, Place, Plain, Scalar, Sequence
from chainwright.daemon.definition.source import LINE_END, Findings, Source

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<fraction>(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_WORD: Final = re.compile(r"[A-Za-z_]+")


def read_json(source: Source, findings: Findings) -> Node | None:
    """The file's value; None when it is empty or cannot be read, which ``findings`` then say."""
    try:
        return _Reader(source, findings).document()
    except Unreadable:
        return None


class _Reader:
    """A recursive descent; the depth is bounded far below Python's own limit."""

    def __init__(self, source: Source, findings: Findings) -> None:
        self._text = source.text
        self._findings = findings
        self._bounds = Bounds(findings)
        self._at = 0
        self._starts = _line_starts(source.text)
        self._line = 0
        """Index of the line that holds the last position asked for: positions only grow."""

    def document(self) -> Node | None:
        self._space()
        if self._at == len(self._text):
            return None
        root = self._value(0)
        self._space()
        if self._at < len(self._text):
            self._refuse("the value is over, but the file goes on")
        return root

    def _value(self, depth: int) -> Node:
        start = self._point()
        self._bounds.count(start)
        self._bounds.check_depth(start, depth)
        read = self._readers.get(self._text[self._at : self._at + 1])
        return read(self, start, depth) if read else self._bare(start)

    def _object(self, start: Place, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        for _ in self._parts("}"):
            key_start = self._point()
            name = self._text_value()
            key = self._since(key_start)
            self._take(":")
            entry = Entry(key, self._value(depth + 1))
            if name in entries:
                related = (entries[name].key.span, "first given here")
                self._findings.error(key.span, "yaml-dup-key", f'"{name}" is given twice', related=related)
            entries.setdefault(name, entry)
        return Mapping(entries, self._since(start))

    def _array(self, start: Place, depth: int) -> Sequence:
        items = [self._value(depth + 1) for _ in self._parts("]")]
        return Sequence(tuple(items), self._since(start))

    def _string(self, start: Place, depth: int) -> Scalar:
        return Scalar(self._text_value(), self._since(start), "quoted")

    def _bare(self, start: Place) -> Scalar:
        return Scalar(self._word() if _WORD.match(self._text, self._at) else self._number(), self._since(start))

    _readers: Final[dict[str, Callable[["_Reader", Place, int], Node]]] = {"{": _object, "[": _array, '"': _string}

    def _parts(self, end: str) -> Iterator[None]:
        """Stops at each part between commas, for the caller to read it; ends behind the closing symbol."""
        self._at += 1
        self._space()
        if self._closes(end):
            return
        while True:
            yield
            self._space()
            if self._closes(end):
                return
            self._take(",")

    def _closes(self, end: str) -> bool:
        found = self._text.startswith(end, self._at)
        self._at += found
        return found

    def _text_value(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            self._refuse("text in double quotes was expected")
        self._at = found.end()
        value = str(json.loads(found[0]))
        # A lone surrogate can be escaped in JSON, but not be stored or sent as UTF-8.
        return value.encode("utf-8", "replace").decode("utf-8")

    def _word(self) -> Plain:
        found = _WORD.match(self._text, self._at)
        if found is None or found[0] not in _WORDS:
            self._refuse("a JSON value was expected")
        self._at = found.end()
        return _WORDS[found[0]]

    def _number(self) -> Plain:
        found = _NUMBER.match(self._text, self._at)
        if found is None:
            self._refuse("a JSON value was expected")
        if len(found[0]) > MAX_DIGITS:
            self._refuse(f"a number of more than {MAX_DIGITS} digits", "yaml-limits")
        value = float(found[0]) if found["fraction"] else int(found[0])
        if math.isinf(value):
            self._refuse(f"{found[0]} is too large for a number")
        self._at = found.end()
        return value

    def _space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _take(self, symbol: str) -> None:
        self._space()
        if not self._text.startswith(symbol, self._at):
            self._refuse(f'"{symbol}" was expected')
        self._at += 1
        self._space()

    def _point(self) -> Place:
        line, column = self._place()
        return Place(line, column, line, column + 1)

    def _since(self, start: Place) -> Place:
        line, column = self._place()
        return Place(start.line, start.column, line, column)

    def _place(self) -> tuple[int, int]:
        while self._line + 1 < len(self._starts) and self._starts[self._line + 1] <= self._at:
            self._line += 1
        return self._line + 1, self._at - self._starts[self._line] + 1

    def _refuse(self, message: str, rule: str = "json-syntax") -> NoReturn:
        self._findings.error(self._point().span, rule, message)
        raise Unreadable


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in LINE_END.finditer(text))]
