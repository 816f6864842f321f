"""A read file as a tree of values that know where they stand. YAML and JSON both become this."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from chainwright.schemas.diagnostic import Span

Plain = str | int | float | bool | None
Path = tuple[str | int, ...]
"""Keys and indexes from the root to a value."""

Style = Literal["plain", "quoted", "block"]


class Place(NamedTuple):
    """Where a value stands, as numbers: a chain has a thousand of them, of which messages turn few into a ``Span``."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def span(self) -> Span:
        """The same for a message."""
        return Span(line=self.line, column=self.column, end_line=self.end_line, end_column=self.end_column)


class Scalar(NamedTuple):
    """A text, number, boolean or nothing. ``style`` tells how it was written, for ``Source.within``."""

    value: Plain
    place: Place
    style: Style = "plain"

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.place.span


class Sequence(NamedTuple):
    """A list."""

    items: tuple["Node", ...]
    place: Place

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.place.span


class Entry(NamedTuple):
    """A key's place with its value."""

    key: Place
    value: "Node"


class Mapping(NamedTuple):
    """Keys, each once, in the order of the file."""

    entries: dict[str, Entry]
    place: Place

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.place.span


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """The value without positions: what ``json.loads`` would give. New containers at each call."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(entry.value) for key, entry in node.entries.items()}


def child(node: Node | None, step: str | int) -> Node | None:
    """The value below ``node``, None when there is none."""
    if isinstance(node, Mapping) and isinstance(step, str) and step in node.entries:
        return node.entries[step].value
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def at(root: Node | None, *path: str | int) -> Node | None:
    """The value at a path, None when there is none."""
    for step in path:
        root = child(root, step)
    return root


def key_span(root: Node | None, *path: str | int) -> Span | None:
    """Where the last key of the path is written; for an item of a list, the item."""
    parent = at(root, *path[:-1])
    if isinstance(parent, Mapping) and path[-1] in parent.entries:
        return parent.entries[str(path[-1])].key.span
    found = at(root, *path)
    return found.span if found else None


def scalars(node: Node | None, path: Path = ()) -> Iterator[tuple[Path, Scalar]]:
    """Every scalar of the tree with its path, in the order of the file."""
    if isinstance(node, Scalar):
        yield path, node
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from scalars(item, (*path, index))
    elif isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield from scalars(entry.value, (*path, key))


def without(node: Node, paths: Iterable[Path]) -> Node:
    """The tree without the values at these paths; ``node`` itself is not changed. An item goes, the later ones move up."""
    below: dict[str | int, list[Path]] = {}
    for path in paths:
        if path:
            below.setdefault(path[0], []).append(path[1:])
    if isinstance(node, Mapping):
        entries = (
            (key, entry if key not in below else Entry(entry.key, without(entry.value, below[key])))
            for key, entry in node.entries.items()
            if () not in below.get(key, ())
        )
        return Mapping(dict(entries), node.place)
    if isinstance(node, Sequence):
        items = (
            without(item, below[index]) if index in below else item
            for index, item in enumerate(node.items)
            if () not in below.get(index, ())
        )
        return Sequence(tuple(items), node.place)
    return node
