"""What every agent on a host is given by it: its environment, and the folder with the ``chainwright`` command."""

from collections.abc import Mapping
from typing import Final

INHERITED: Final = ("PATH", "HOME", "LANG", "TERM", "TZ", "USER", "SHELL")


def environment_of(login: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """The allow-listed part of what a login there gives (semantics 32), and over it what the host's operator has added."""
    return {name: login[name] for name in INHERITED if name in login} | dict(added)
