"""What those who follow a repository stand on, whatever of it they follow: whom to tell, where it is recorded, and by which clock."""

from collections.abc import Callable
from dataclasses import dataclass

from chainwright.daemon.audience import Audience
from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.left_behind import LeftBehind
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.store.port import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Of one repository. ``told`` is called when something that chains have to be told has been recorded."""

    repository: Repository
    audience: Audience
    store: Store
    clock: Clock
    told: Callable[[], None]

    @property
    def left_behind(self) -> LeftBehind:
        """Keeps the commits that its refs leave."""
        return LeftBehind(self.repository, self.store)
