"""What was found in chain files before: a file that is the same means the same, so a push of one file lints one.

Only what stands by itself is remembered of a file. One that calls chains, names other files or uses agents of other repositories means
what those mean too; one that uses reusable agents is remembered together with the text of all of these. The newest results of whole
repositories are remembered as well: one push has the same two versions of a repository linted several times, by the verdict, by its
plan and by the deployment.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final, Generic, TypeVar

from chainwright.daemon.definition.load import Loaded, OpenedChain
from chainwright.daemon.lint.linted import Linted
from chainwright.schemas.diagnostic import Diagnostic

MOST_BYTES: Final = 16 << 20
"""Of the text that is remembered; what was made of it takes some ten times as much."""
MOST_WHOLE_BYTES: Final = 4 << 20
"""Of the text of whole repositories. Successive ones share most of what was made of it, and that with what is remembered of files."""

_USES: Final = b"uses"
_CALLS: Final = b"chains/"
_OUTSIDE: Final = (b"git+", b"schema")
"""What shows that a file means more than those beside it say."""
_FOLD: Final = re.compile(rb"\\(?:\r\n?|\n)[ \t]*")
"""A line that goes on in the next: YAML then reads a word that stands in neither. So do shells, and many scripts have some."""
_WRITES_ANY: Final = re.compile(rb"\\(?:[xuU/]|\xc2\x85|\xe2\x80[\xa8\xa9])")
"""Escapes with which YAML and JSON can write any word, and the rarer line breaks."""

Key = tuple[str, str, str, str]
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A chain file as it was understood, and what was found in it alone; comments that ignore findings are not heeded yet."""

    opened: OpenedChain
    loaded: Loaded
    found: tuple[Diagnostic, ...]

    @property
    def size(self) -> int:
        """Characters of its text."""
        return len(self.opened.source.text)


class LintMemory:
    """What was found, by what it depends on. Safe to use from several threads."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_whole_bytes: int = MOST_WHOLE_BYTES) -> None:
        self._entries: _Kept[Key, Entry] = _Kept(most_bytes)
        self._wholes: _Kept[str, Linted] = _Kept(most_whole_bytes)

    def keys(self, files: Mapping[str, bytes], folder: str, agents: Mapping[str, bytes]) -> dict[str, Key]:
        """The key of each chain file that can be remembered, by its path."""
        of_agents = _of_agents(agents)
        return {
            path: (folder, path, hashlib.sha256(data).hexdigest(), depends)
            for path, data in files.items()
            if (depends := _depends(data, of_agents)) is not None
        }

    def known(self, keys: Mapping[str, Key]) -> dict[str, Entry]:
        """What is remembered of these, by path."""
        found = self._entries.found(keys.values())
        return {path: found[key] for path, key in keys.items() if key in found}

    def keep(self, entries: Mapping[Key, Entry]) -> None:
        """Remember these, as long as there is room."""
        self._entries.keep((key, entry, entry.size) for key, entry in entries.items())

    def whole(self, key: str | None) -> Linted | None:
        """The result that was kept under this key of :func:`whole_key`, if it is remembered."""
        return None if key is None else self._wholes.found([key]).get(key)

    def keep_whole(self, key: str | None, linted: Linted) -> None:
        """Remember the result, as long as there is room; without a key it is none that could be."""
        if key is not None:
            self._wholes.keep([(key, linted, sum(len(one.text) for one in linted.sources.values()))])


def whole_key(files: Mapping[str, bytes], folder: str) -> str | None:
    """What the result for these definitions depends on; None when other files, or other repositories, have a say in it."""
    content = b"\0".join(files.values())  # looked through in one piece: a thousand small ones take twenty times as long
    if _has(content, *_OUTSIDE):
        return None
    named = "".join(f"{len(path)} {path} {len(data)} " for path, data in files.items())
    return hashlib.sha256(f"{len(folder)} {folder} {named}".encode("utf-8", "surrogatepass") + content).hexdigest()


class _Kept(Generic[K, V]):
    """Values with their sizes, the longest unused forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = Lock()

    def found(self, keys: Iterable[K]) -> dict[K, V]:
        with self._lock:
            found = {key: self._values[key][0] for key in keys if key in self._values}
            for key in found:
                self._values.move_to_end(key)
            return found

    def keep(self, values: Iterable[tuple[K, V, int]]) -> None:
        with self._lock:
            for key, value, size in values:
                if key not in self._values:
                    self._values[key] = value, size
                    self._held += size
            while self._held > self._most:
                _, (_, size) = self._values.popitem(last=False)
                self._held -= size


def _depends(data: bytes, of_agents: str | None) -> str | None:
    """What else the meaning of a file depends on, None when that cannot be told from its text."""
    if _has(data, _CALLS, *_OUTSIDE):
        return None
    return of_agents if _has(data, _USES) else ""


def _of_agents(agents: Mapping[str, bytes]) -> str | None:
    return None if any(_has(data, _CALLS, *_OUTSIDE) for data in agents.values()) else _digest(agents)


def _has(data: bytes, *words: bytes) -> bool:
    """Whether one of the words stands in the file, or can be hidden in it."""
    if b"\\" in data:
        data = _FOLD.sub(b"", data)
        if _WRITES_ANY.search(data):
            return True
    return any(word in data for word in words)


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, data in files.items():
        digest.update(b"%d %s %d " % (len(path), path.encode("utf-8", "surrogatepass"), len(data)) + data)
    return digest.hexdigest()
