"""Files that chains name by path: not definitions themselves, but part of what a definition means.

They are read from where the chains come from, at the same commit. What reads them is handed in; this bounds how much is read, and
reads each file once. Paths that leave the repository never come here: the form of a chain refuses them.
"""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Final

MAX_FILES: Final = 100
"""Of one repository that chains may name."""
MAX_BYTES: Final = 256 * 1024
"""Of one such file."""


class Unusable(Exception):
    """A named file cannot be used. The text is a whole sentence; ``hint`` says what to do, or is empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


ReadFile = Callable[[str], bytes]
"""The content of a file by its path within the repository; more than :data:`MAX_BYTES` may be cut after the first byte too many.

Raises :class:`Unusable` for what is not there, and for links, which are never followed.
"""


class NamedFiles:
    """The files that the chains of one repository name."""

    def __init__(self, read: ReadFile) -> None:
        self._read = read
        self._found: dict[str, bytes | Unusable] = {}

    def content(self, path: str) -> bytes:
        """The content of a file. Raises :class:`Unusable`, each time the same."""
        if path not in self._found:
            self._found[path] = self._looked_up(path)
        found = self._found[path]
        if isinstance(found, Unusable):
            raise found
        return found

    def _looked_up(self, path: str) -> bytes | Unusable:
        if len(self._found) >= MAX_FILES:
            return Unusable(f"the chains of a repository may name {MAX_FILES} files, {path} is one more")
        try:
            content = self._read(path)
        except Unusable as unusable:
            return unusable
        if len(content) > MAX_BYTES:
            return Unusable(
                f"{path} has more than {MAX_BYTES:,} bytes, which is too much for a file that a chain names"
            )
        return content


def missing(path: str, known: Iterable[str]) -> Unusable:
    """There is no such file among those that are known."""
    near = get_close_matches(path, known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else "a path is read from the top of the repository"
    return Unusable(f"there is no file {path}", hint)


def of_mapping(files: Mapping[str, bytes]) -> ReadFile:
    """Reads from contents by path."""

    def read(path: str) -> bytes:
        if path not in files:
            raise missing(path, files)
        return files[path]

    return read
