"""Which daemon a command line is about: its home, its configuration, a client of it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainwright.daemon import config

if TYPE_CHECKING:
    from chainwright.daemon.cli.client import Client


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the global options say."""

    home_flag: str | None
    config_file: Path | None

    @cached_property
    def home(self) -> config.Home:
        """The state folder, found without reading more than is needed."""
        return config.find_home(self.home_flag, file=self.config_file)

    @property
    def client(self) -> "Client":
        """A new client of the daemon at :attr:`home`; nothing is connected yet."""
        from chainwright.daemon.cli.client import Client

        return Client(self.home.socket)

    def load(self, flags: dict[str, Any]) -> config.Config:
        """The whole configuration, with further flags."""
        home = {"home": self.home_flag} if self.home_flag else {}
        return config.load({**home, **flags}, file=self.config_file)

    def flags(self) -> list[str]:
        """The global options again, for a command line that we start."""
        home = ["--home", self.home_flag] if self.home_flag else []
        return home + (["--config", str(self.config_file)] if self.config_file else [])
