"""Secrets of a file: a YAML or JSON mapping of names to texts, which nobody but its owner may read."""

import asyncio
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from chainwright.daemon.secrets.port import SecretUnavailable

LIMIT_BYTES: Final = 1 << 20
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Takes every scalar for the text that it is: a token of digits needs no quotes."""


class FileProvider:
    """Reads the file anew at each question; a file that is not there has no secrets."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = f"the file {path}"

    async def read(self, names: Sequence[str]) -> Mapping[str, str]:
        """See :class:`~.port.Provider`."""
        known = await asyncio.to_thread(self._all)
        return {name: known[name] for name in names if name in known}

    def _all(self) -> dict[str, str]:
        data = self._content()
        try:
            values = yaml.load(data, Loader=_LOADER) if data.strip() else {}
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise SecretUnavailable(f"{self.path} is not YAML{_line_of(error)}") from None  # its text would quote it
        if not isinstance(values, dict) or not all(isinstance(item, str) for pair in values.items() for item in pair):
            raise SecretUnavailable(f"{self.path} has to map names to texts, and nothing else")
        return values

    def _content(self) -> bytes:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise SecretUnavailable(f"{self.path} cannot be read: {error.strerror}") from None
        try:
            self._check(os.fstat(descriptor))
            with open(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)

    def _check(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise SecretUnavailable(f"{self.path} is not a regular file")
        if found.st_uid not in (os.geteuid(), 0):
            raise SecretUnavailable(f"{self.path} belongs to another user (uid {found.st_uid})")
        if found.st_mode & 0o077:
            mode = stat.S_IMODE(found.st_mode)
            raise SecretUnavailable(f"{self.path} is open to others (mode {mode:04o}): chmod 600 {self.path}")
        if found.st_size > LIMIT_BYTES:
            raise SecretUnavailable(f"{self.path} is larger than {LIMIT_BYTES} bytes")


def _line_of(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark is not None else ""
