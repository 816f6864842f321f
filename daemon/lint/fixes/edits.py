"""Changes to the text of a definition, by position: comments, quotes and layout beside them stay as they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from chainwright.daemon.definition.nodes import Entry, Mapping, Node, Path, Place, at, scalars
from chainwright.daemon.definition.nodes import Sequence as List
from chainwright.daemon.definition.source import LINE_END, Source


class Edit(NamedTuple):
    """The text from one offset up to another becomes ``text``."""

    start: int
    end: int
    text: str


Edits = tuple[Edit, ...]
"""Of one fix; none of them overlap."""


def edited(text: str, edits: Edits) -> str:
    """The text with all of them made."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@dataclass(frozen=True, eq=False)
class Page:
    """A definition as it is written: its text and the tree of what stands in it, words of GitHub Actions included."""

    source: Source
    root: Node
    kind: Literal["chain", "agent"]

    @property
    def text(self) -> str:
        """The whole text."""
        return self.source.text

    @cached_property
    def line_end(self) -> str:
        """The line end that the file uses."""
        found = LINE_END.search(self.text)
        return found[0] if found else "\n"

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in LINE_END.finditer(self.text))]

    def offset(self, line: int, column: int) -> int:
        """Where a position is in the text."""
        return self._starts[line - 1] + column - 1 if line <= len(self._starts) else len(self.text)

    def start(self, place: Place) -> int:
        """Where a value begins."""
        return self.offset(place.line, place.column)

    def end(self, place: Place) -> int:
        """Where a value ends."""
        return self.offset(place.end_line, place.end_column)

    def written(self, place: Place) -> str:
        """A value as its author wrote it, quotes included."""
        return self.text[self.start(place) : self.end(place)]

    def line_start(self, offset: int) -> int:
        """Where the line that holds an offset begins."""
        return max(start for start in self._starts if start <= offset)

    def line_stop(self, offset: int) -> int:
        """Where the line that holds an offset is over, before its line end."""
        found = LINE_END.search(self.text, offset)
        return found.start() if found else len(self.text)

    def is_first_on_line(self, offset: int) -> bool:
        """Whether only white space stands before an offset on its line."""
        return not self.text[self.line_start(offset) : offset].strip()

    def is_flow(self, node: Node) -> bool:
        """Whether a mapping or list is written in brackets, as everything of JSON is."""
        return self.text[self.start(node.place) : self.start(node.place) + 1] in {"{", "["}

    @property
    def is_json(self) -> bool:
        """Whether texts and keys need double quotes."""
        return self.source.path.endswith(".json")

    def entry(self, path: Path) -> Entry | None:
        """The entry at a path, with the place of its key; None where the path does not end in a key."""
        above = at(self.root, *path[:-1])
        return above.entries.get(str(path[-1])) if path and isinstance(above, Mapping) else None

    def key_at(self, line: int, column: int) -> Path | None:
        """The path of the key that begins at a position."""
        found = (path for path, entry in _entries(self.root, ()) if entry.key[:2] == (line, column))
        return next(found, None)

    def scalar_at(self, line: int, column: int) -> Path | None:
        """The path of the scalar that begins at a position."""
        found = (path for path, scalar in scalars(self.root) if scalar.place[:2] == (line, column))
        return next(found, None)


def _entries(node: Node, path: Path) -> Iterator[tuple[Path, Entry]]:
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield (*path, key), entry
            yield from _entries(entry.value, (*path, key))
    elif isinstance(node, List):
        for index, item in enumerate(node.items):
            yield from _entries(item, (*path, index))


def key_renamed(page: Page, path: Path, name: str) -> Edits:
    """Another name for the key at a path, in the quotes that it has; nothing where the parent already has that name."""
    entry, above = page.entry(path), at(page.root, *path[:-1])
    if entry is None or not isinstance(above, Mapping) or name in above.entries:
        return ()
    return replaced(page, entry.key, str(path[-1]), name)


def replaced(page: Page, place: Place, old: str, new: str) -> Edits:
    """Another word in place of one that is written as it is meant; nothing where it is escaped or stands elsewhere."""
    written = page.written(place)
    if written.strip("'\"") != old:
        return ()
    quote = (len(written) - len(old)) // 2
    start = page.start(place) + quote
    return (Edit(start, start + len(old), new),)


def removed(page: Page, path: Path) -> Edits:
    """The entry or item at a path taken out, with its lines; nothing where it shares its lines with others."""
    above = at(page.root, *path[:-1])
    if above is None or not path or _count(above) < 2:
        return ()
    return _from_flow(page, above, path) if page.is_flow(above) else _from_block(page, path)


def _from_block(page: Page, path: Path) -> Edits:
    start = _begin(page, path)
    before = page.text[page.line_start(start) : start]
    if before.strip() not in ({"-"} if isinstance(path[-1], int) else {""}):
        return ()
    node = at(page.root, *path)
    stop = page.line_stop(stop_of(page, node)) if node else start
    if stop < start:  # an alias: what it stands for is written elsewhere
        return ()
    ended = LINE_END.match(page.text, stop)
    return (Edit(page.line_start(start), ended.end() if ended else stop, ""),)


def _from_flow(page: Page, above: Node, path: Path) -> Edits:
    """With the comma after it, else the one before it."""
    node = at(page.root, *path)
    if node is None:
        return ()
    start, end = _begin(page, path), page.end(node.place)
    rest = page.text[end : page.end(above.place)]
    if rest.lstrip().startswith(","):
        after = rest.index(",") + 1
        return (Edit(start, end + after + len(rest[after:]) - len(rest[after:].lstrip()), ""),)
    before = page.text[page.start(above.place) : start].rstrip()
    return (Edit(page.start(above.place) + len(before) - 1, end, ""),) if before.endswith(",") else ()


def _begin(page: Page, path: Path) -> int:
    entry, node = page.entry(path), at(page.root, *path)
    return page.start(entry.key) if entry else page.start(node.place) if node else 0


def _count(node: Node) -> int:
    return len(node.entries) if isinstance(node, Mapping) else len(node.items) if isinstance(node, List) else 0


def stop_of(page: Page, node: Node) -> int:
    """Where a value is over; YAML's parser ends a block text only where the next token begins."""
    return len(page.text[: page.end(node.place)].rstrip())


def entry_added(page: Page, owner: Path, key: str, value: str, before: Sequence[str] = ()) -> Edits:
    """A new key with ``value`` as it is to be written, at the end of the mapping, or before the first of these keys that it has."""
    mapping = at(page.root, *owner)
    if not isinstance(mapping, Mapping) or not mapping.entries:
        return ()
    name = next((one for one in before if one in mapping.entries), None)
    new = f'"{key}": {value}' if page.is_json else f"{key}: {value}"
    if name is not None or page.is_flow(mapping):
        start = page.start(mapping.entries[name or next(iter(mapping.entries))].key)
        return (_inserted_before(page, start, new, "," if page.is_flow(mapping) else ""),)
    last = list(mapping.entries.values())[-1]
    column = mapping.place.column
    stop = page.line_stop(stop_of(page, last.value))
    return (Edit(stop, stop, f"{page.line_end}{' ' * (column - 1)}{new}"),)


def _inserted_before(page: Page, start: int, new: str, comma: str) -> Edit:
    """On a line of its own where what follows has one; above the comments that belong to what follows."""
    line_start = page.line_start(start)
    indent = " " * (start - line_start)
    if comma and not page.is_first_on_line(start):
        return Edit(start, start, f"{new}, ")
    if page.is_first_on_line(start):
        above = line_start
        while above and page.text[page.line_start(above - 1) : above].strip().startswith("#"):
            above = page.line_start(above - 1)
        return Edit(above, above, f"{indent}{new}{comma}{page.line_end}")
    return Edit(start, start, f"{new}{page.line_end}{indent}")
