"""What ``wire`` is asked for, as values that do not need the library of SSH."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainwright.schemas.hosts import HostSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalWish:
    """A terminal on the host, raw: its type and size."""

    type: str
    rows: int
    cols: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A host to be connected to; ``home`` is where its files are named from, ``tunnel`` (a connection) leads there when it is not
    reached directly."""

    name: str
    settings: HostSettings
    home: Path
    tunnel: Any
    within_s: float

    @property
    def place(self) -> str:
        """For people."""
        return f'host "{self.name}" at {self.settings.address}:{self.settings.port}'

    def path(self, file: str) -> Path:
        """A file that the settings name."""
        return self.home / Path(file).expanduser()
