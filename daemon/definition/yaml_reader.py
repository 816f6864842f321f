"""YAML text → nodes, by the 1.2 core schema: no dates, no base 60, ``yes`` and ``on`` are texts.

PyYAML's loaders build YAML 1.1 values and forget positions, so only its event stream is used: libyaml's where it is installed
(the pure one takes ten times as long), and from there on the work is ours.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import yaml

from chainwright.daemon.definition.bounds import MAX_DIGITS, Bounds, Unreadable
from chainwright.daemon.definition.nodes import Entry, Mapping, Node, Place, Plain, Scalar, Sequence, Style
from chainwright.daemon.definition.source import Findings, Source
from chainwright.schemas.diagnostic import Span

FASTEST: Final[Callable[[str], Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""What makes the stream of events."""

_STYLES: Final[dict[str | None, Style]] = {"'": "quoted", '"': "quoted", "|": "block", ">": "block"}

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT: Final = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_BASED: Final = re.compile(r"0(?:o(?P<octal>[0-7]+)|x(?P<hex>[0-9a-fA-F]+))\Z")
_NO_NUMBER: Final = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")

_TAG: Final = "tag:yaml.org,2002:"
_TEXT_TAGS: Final = frozenset({"!", _TAG + "str"})
_CORE_TAGS: Final = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null", "seq", "map"))


def read_yaml(source: Source, findings: Findings, loader: Callable[[str], Any] = FASTEST) -> Node | None:
    """The file's only document; None when it is empty or cannot be read, which ``findings`` then say."""
    try:
        return _Reader(source, findings, loader).document()
    except Unreadable:
        return None
    except yaml.YAMLError as error:
        _report(error, source, findings)
        return None


def _report(error: yaml.YAMLError, source: Source, findings: Findings) -> None:
    problem = getattr(error, "problem", None) or getattr(error, "context", None) or "this is not YAML"
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    # What should have been a key is where the context begins; the problem is noticed lines later.
    first, second = reversed(marks) if problem == _NO_KEY else marks
    mark = first or second
    span = _point(mark) if mark else Span(end_column=2)
    if source.line(span.line)[span.column - 1 : span.column] == "\t":
        findings.error(span, "yaml-syntax", "a tab cannot indent YAML", hint="use spaces")
    else:
        findings.error(span, "yaml-syntax", problem, hint=_HINTS.get(problem, ""))


_NO_KEY: Final = "could not find expected ':'"
_HINTS: Final = {
    "mapping values are not allowed in this context": (
        'put the text in quotes, or a script below "run: |": ": " within a plain text begins a value'
    ),
    "did not find expected ',' or '}'": "a comma is missing, or a { is not closed",
    "did not find expected ',' or ']'": "a comma is missing, or a [ is not closed",
    "did not find expected key": "the line is indented otherwise than those beside it",
    _NO_KEY: 'each line says "key: value"; the lines of a script stand below "run: |", indented',
    "found character that cannot start any token": "put the text in quotes",
    "found unexpected end of stream": "a quote is not closed",
}
"""libyaml's words → what its author has probably done."""


def _point(mark: Any) -> Span:
    line, column = mark.line + 1, mark.column + 1
    return Span(line=line, column=column, end_line=line, end_column=column + 1)


@dataclass(slots=True)
class _Anchor:
    """``node`` is None until the anchored value has been read: an alias within it would never end."""

    size: int = 0
    node: Node | None = None


class _Reader:
    """Turns events into nodes, recursively: the depth is bounded far below Python's own limit."""

    def __init__(self, source: Source, findings: Findings, loader: Callable[[str], Any]) -> None:
        self._findings = findings
        self._next: Callable[[], Any] = loader(source.text).get_event
        self._bounds = Bounds(findings)
        self._anchors: dict[str, _Anchor] = {}
        self._size = 0
        """Values read so far, aliases unfolded; the difference over a value is its size."""

    def document(self) -> Node | None:
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        root = self._node(self._next(), 0)
        self._next()  # the document's end
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            self._findings.error(
                _point(event.start_mark), "yaml-syntax", "a second document begins here; a file holds one"
            )
        return root

    def _node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        place = _place(event)
        self._bounds.count(place)
        self._bounds.check_depth(place, depth)
        self._size += 1
        anchor = _Anchor()
        if event.anchor is not None:
            self._anchors[event.anchor] = anchor
        before = self._size
        anchor.node = self._value(event, place, depth)
        anchor.size = self._size - before + 1
        return anchor.node

    def _value(self, event: Any, place: Place, depth: int) -> Node:
        if event.tag is not None and event.tag not in _CORE_TAGS and event.tag != "!":
            self._findings.error(place.span, "yaml-syntax", f'the tag "{event.tag}" is not understood')
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(self._resolved(event, place), place, _STYLES.get(event.style, "plain"))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(place, depth)
        return self._mapping(place, depth)

    def _aliased(self, event: Any) -> Node:
        place = _place(event)
        anchor = self._anchors.get(event.anchor)
        if anchor is None or anchor.node is None:
            why = "is not defined above" if anchor is None else "stands within what it names"
            self._stop(place, "yaml-syntax", f'the alias "*{event.anchor}" {why}')
        self._bounds.count_alias(place, anchor.size)
        self._size += anchor.size
        return anchor.node

    def _sequence(self, start: Place, depth: int) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Sequence(tuple(items), _until(start, event, items[-1] if items else None))

    def _mapping(self, start: Place, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        merged: list[Node] = []
        value: Node | None = None
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            if _is_merge(event, key):
                merged.append(value)
            elif (name := self._key(key)) is not None:
                self._enter(entries, name, Entry(key.place, value))
        self._merge(entries, merged)
        return Mapping(entries, _until(start, event, value))

    def _key(self, key: Node) -> str | None:
        if isinstance(key, Scalar) and key.value is not None:
            return key.value if isinstance(key.value, str) else str(key.value).lower()
        self._findings.error(key.span, "yaml-syntax", "a key must be text")
        return None

    def _enter(self, entries: dict[str, Entry], name: str, entry: Entry) -> None:
        if name in entries:
            related = (entries[name].key.span, "first given here")
            self._findings.error(entry.key.span, "yaml-dup-key", f'"{name}" is given twice', related=related)
        else:
            entries[name] = entry

    def _merge(self, entries: dict[str, Entry], merged: list[Node]) -> None:
        """Adds the keys of ``<<``; what the mapping says itself wins, then the earlier of several."""
        flat = [item for node in merged for item in (node.items if isinstance(node, Sequence) else (node,))]
        for node in flat:
            if not isinstance(node, Mapping):
                self._findings.error(node.span, "yaml-syntax", '"<<" merges a mapping or a list of mappings')
                continue
            self._bounds.count(node.place, len(node.entries))
            for name, entry in node.entries.items():
                entries.setdefault(name, entry)

    def _resolved(self, event: Any, place: Place) -> Plain:
        text: str = event.value
        if event.tag in _TEXT_TAGS or (event.tag is None and not event.implicit[0]):
            return text
        if text in _NULLS:
            return None
        if text in _BOOLS:
            return _BOOLS[text]
        return self._number(text, place)

    def _number(self, text: str, place: Place) -> Plain:
        if text[0] not in "-+.0123456789":
            return text
        if len(text) > MAX_DIGITS and _FLOAT.match(text):
            self._stop(place, "yaml-limits", f"a number of more than {MAX_DIGITS} digits")
        if _INT.match(text):
            return int(text)
        if based := _BASED.match(text):
            return int(based["octal"], 8) if based["octal"] else int(based["hex"], 16)
        if _NO_NUMBER.match(text) or (_FLOAT.match(text) and math.isinf(float(text))):
            self._findings.error(place.span, "yaml-syntax", f"{text} is not a number that JSON could hold")
            return None
        return float(text) if _FLOAT.match(text) else text

    def _stop(self, place: Place, rule: str, message: str) -> NoReturn:
        self._findings.error(place.span, rule, message)
        raise Unreadable


def _is_merge(event: Any, key: Node) -> bool:
    return (
        isinstance(key, Scalar)
        and key.value == "<<"
        and isinstance(event, yaml.ScalarEvent)
        and bool(event.implicit[0])
    )


def _place(event: Any) -> Place:
    start, end = event.start_mark, event.end_mark
    return Place(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _until(start: Place, event: Any, last: Node | None) -> Place:
    """From ``start`` to the end of a collection. A block one is closed by the next token, so its last value tells the end."""
    end = event.end_mark
    is_flow = end.index > event.start_mark.index
    if is_flow or last is None:
        return Place(start.line, start.column, end.line + 1, end.column + 1)
    return Place(start.line, start.column, last.place.end_line, last.place.end_column)
