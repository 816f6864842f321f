"""What was found in chain files before: a file that is the same means the same, so a push of one file lints one.

Only what stands by itself is remembered. A file that calls chains, names other files or uses agents of other repositories means what
those mean too; one that uses reusable agents is remembered together with the text of all of these.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from chainwright.daemon.definition.load import Loaded, OpenedChain
from chainwright.schemas.diagnostic import Diagnostic

MOST_BYTES: Final = 16 << 20
"""Of the text that is remembered; what was made of it takes some ten times as much."""

_USES: Final = b"uses"
_ELSEWHERE: Final = (b"chains/", b"git+", b"schema", b"\\")
"""What shows, or can hide, that a file means more than its own text: YAML can write any word with backslashes."""

Key = tuple[str, str, str, str]


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
    """Entries by what they depend on, the longest unused forgotten first. Safe to use from several threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._lock = Lock()

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
        with self._lock:
            found = {path: self._entries[key] for path, key in keys.items() if key in self._entries}
            for path in found:
                self._entries.move_to_end(keys[path])
            return found

    def keep(self, entries: Mapping[Key, Entry]) -> None:
        """Remember these, as long as there is room."""
        with self._lock:
            for key, entry in entries.items():
                if key not in self._entries:
                    self._entries[key] = entry
                    self._held += entry.size
            while self._held > self._most:
                _, forgotten = self._entries.popitem(last=False)
                self._held -= forgotten.size


def _depends(data: bytes, of_agents: str | None) -> str | None:
    """What else the meaning of a file depends on, None when that cannot be told from its text."""
    if any(word in data for word in _ELSEWHERE):
        return None
    return of_agents if _USES in data else ""


def _of_agents(agents: Mapping[str, bytes]) -> str | None:
    digest = hashlib.sha256()
    for path, data in agents.items():
        if any(word in data for word in _ELSEWHERE):
            return None
        digest.update(b"%d %s %d " % (len(path), path.encode("utf-8", "surrogateescape"), len(data)) + data)
    return digest.hexdigest()
