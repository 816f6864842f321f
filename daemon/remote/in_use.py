"""What must stay on every host."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """Commits and runs that some open run needs."""

    commits: Collection[str] = ()
    runs: Collection[str] = ()
