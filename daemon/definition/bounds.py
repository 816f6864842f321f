"""How much a definition may hold, counted while it is read: a bomb is refused before it is unfolded."""

from typing import Final

from chainwright.daemon.definition.nodes import Place
from chainwright.daemon.definition.source import Findings

MAX_DEPTH: Final = 50
MAX_NODES: Final = 50_000
MAX_ALIASES: Final = 100
MAX_DIGITS: Final = 100
"""Of a number; Python refuses to read thousands, and a double keeps 17."""


class Unreadable(Exception):
    """Reading of this file has to stop; the finding is already made."""


class Bounds:
    """Counts values, an alias as all that it stands for. Each method raises :class:`Unreadable` beyond its bound."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._nodes = 0
        self._aliases = 0

    def count(self, place: Place, nodes: int = 1) -> None:
        """Counts values that were read at ``place``."""
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            self._refuse(place, f"the file unfolds to more than {MAX_NODES:,} values")

    def count_alias(self, place: Place, nodes: int) -> None:
        """Counts an alias that stands for ``nodes`` values."""
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            self._refuse(place, f"more than {MAX_ALIASES} aliases")
        self.count(place, nodes)

    def check_depth(self, place: Place, depth: int) -> None:
        """Refuses what is nested too deep."""
        if depth > MAX_DEPTH:
            self._refuse(place, f"nested deeper than {MAX_DEPTH} levels")

    def _refuse(self, place: Place, message: str) -> None:
        self._findings.error(place.span, "yaml-limits", message)
        raise Unreadable
