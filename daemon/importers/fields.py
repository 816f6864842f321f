"""Reads the mappings of a file that another tool wrote: typed, with positions, and never forgetting what nobody asked for."""

import math
from collections.abc import Iterator

from chainwright.daemon.definition.nodes import Entry, Mapping, Node, Place, Scalar, Sequence
from chainwright.daemon.importers.report import Report
from chainwright.schemas.diagnostic import Span

NOTHING = Mapping({}, Place(1, 1, 1, 2))


class Fields:
    """The values of one mapping. A value of the wrong kind is reported and read as absent."""

    def __init__(self, node: Mapping, report: Report) -> None:
        self.node = node
        self._report = report
        self._asked: set[str] = set()
        self._below: dict[str, Fields] = {}

    def __contains__(self, key: str) -> bool:
        return key in self.node.entries

    @property
    def keys(self) -> list[str]:
        """All keys, in the order of the file."""
        return list(self.node.entries)

    def get(self, key: str) -> Node | None:
        """The value as it was read; None when it is absent or nothing."""
        self._asked.add(key)
        entry = self.node.entries.get(key)
        is_nothing = entry is None or (isinstance(entry.value, Scalar) and entry.value.value is None)
        return None if entry is None or is_nothing else entry.value

    def span(self, key: str) -> Span:
        """Where the value stands; the key, where there is no value; the mapping, where there is no key."""
        entry = self.node.entries.get(key)
        if entry is None:
            return self.node.span
        return entry.value.span if self.get(key) is not None else entry.key.span

    def key_span(self, key: str) -> Span:
        """Where the key stands."""
        entry = self.node.entries.get(key)
        return entry.key.span if entry else self.node.span

    def text(self, key: str) -> str:
        """A text or number as text; empty when absent."""
        node = self.get(key)
        if node is None:
            return ""
        if isinstance(node, Scalar) and not isinstance(node.value, bool):
            return str(node.value)
        self._wrong(key, "a text")
        return ""

    def number(self, key: str) -> float | None:
        """A number, also one in quotes."""
        node = self.get(key)
        value = node.value if isinstance(node, Scalar) and not isinstance(node.value, bool) else None
        try:
            number = float(value) if value is not None else None
        except ValueError:
            number = None
        if number is not None and not math.isfinite(number):
            number = None
        if number is None and node is not None:
            self._wrong(key, "a number")
        return number

    def flag(self, key: str) -> bool | None:
        """True or false."""
        node = self.get(key)
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        if node is not None:
            self._wrong(key, "true or false")
        return None

    def texts(self, key: str) -> list[tuple[str, Span]]:
        """One text, or a list of texts, with their places."""
        node = self.get(key)
        items = node.items if isinstance(node, Sequence) else () if node is None else (node,)
        found = [(str(item.value), item.span) for item in items if isinstance(item, Scalar) and item.value is not None]
        if len(found) < len(items):
            self._wrong(key, "a text or a list of texts")
        return found

    def below(self, key: str) -> "Fields":
        """The mapping below a key, empty when absent; the same one each time, so that it knows what it was asked for."""
        if key not in self._below:
            node = self.get(key)
            if node is not None and not isinstance(node, Mapping):
                self._wrong(key, "a mapping")
            self._below[key] = Fields(node if isinstance(node, Mapping) else NOTHING, self._report)
        return self._below[key]

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Every key with its value, all of them asked for."""
        self._asked |= set(self.node.entries)
        yield from self.node.entries.items()

    def rest(self) -> Iterator[tuple[str, Span]]:
        """The keys that nobody asked for."""
        return ((key, entry.key.span) for key, entry in self.node.entries.items() if key not in self._asked)

    def _wrong(self, key: str, expected: str) -> None:
        self._report.warn(self.span(key), "wrong-type", f'"{key}" must be {expected}', hint="it was left out")
