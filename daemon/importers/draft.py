"""A chain file in the making: plain values, the comments above them, and where each came from."""

from collections.abc import Iterator
from typing import Any, Final

from chainwright.daemon.definition.nodes import Path
from chainwright.schemas.diagnostic import Span

_START: Final = Span(end_column=2)


class Draft:
    """Keys stay in the order in which they were put. What is ``disabled`` is written as a comment, ready to be taken back in."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self.disabled: set[Path] = set()
        self.header: list[str] = []
        """Lines of the comment on top."""
        self._comments: dict[Path, list[str]] = {}
        self._origins: dict[Path, Span] = {}

    def put(self, *path: str, value: Any, origin: Span | None = None) -> None:
        """Puts a value at a path of keys; mappings above it come into being."""
        above = self.root
        for key in path[:-1]:
            above = above.setdefault(key, {})
        above[path[-1]] = value
        if origin is not None:
            self._origins[path] = origin

    def came_from(self, path: Path, origin: Span) -> None:
        """Says where the value at a path stood in the file that was converted."""
        self._origins[path] = origin

    def comment(self, path: Path, text: str) -> None:
        """Adds a comment above the value at a path."""
        self._comments.setdefault(path, []).extend(text.splitlines())

    def comments(self, path: Path) -> list[str]:
        """The lines above the value at a path."""
        return self._comments.get(path, [])

    def origin(self, path: Path) -> Span:
        """Where the value at a path came from, or the nearest one above it."""
        above = (self._origins.get(path[:depth]) for depth in range(len(path), -1, -1))
        return next((found for found in above if found is not None), _START)

    def disable(self, path: Path) -> None:
        """Makes a comment of the value at a path, and of a mapping above it that has nothing else."""
        self.disabled.add(path)
        above = path[:-1]
        if above and all((*above, key) in self.disabled for key in _keys(self._at(above))):
            self.disable(above)

    def _at(self, path: Path) -> Any:
        value: Any = self.root
        for step in path:
            value = value[step]
        return value


def _keys(value: Any) -> Iterator[str | int]:
    return iter(value) if isinstance(value, dict) else iter(range(len(value)))
