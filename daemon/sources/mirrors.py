"""Mirrors of the chain repository for agents, who have no ``.git`` in their workspace (semantics 31).

One for each commit, whose HEAD it is: a bare repository without objects of its own, which borrows those of the chain repository, so it
is made in a millisecond, once, and costs nothing however large the history is. git never writes to borrowed objects, and a push into a
mirror is refused by its hook. Agents run as the user of the daemon, so this keeps them from accidents, not from intent.
"""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from chainwright.runners.host_git import borrow, fill_mirror

FOLDER: Final = "mirrors"
"""Name of the folder of mirrors within the cache."""
KEPT: Final = 200
"""Mirrors that stay when a further one is made; a run outlives that many deployments only if nobody cares for it."""


class Mirrors:
    """The mirrors of chain repositories. Every method blocks."""

    def __init__(self, cache_root: Path, folder_of: Callable[[str], Path]) -> None:
        """``folder_of`` gives git's own folder of a repository that has a commit; it may raise ``SourceError``."""
        self._root = cache_root / FOLDER
        self._folder_of = folder_of

    def path(self, commit: str) -> Path:
        """Where the mirror of a commit is, or will be."""
        return self._root / f"{commit}.git"

    def make_ready(self, commit: str) -> None:
        """Makes the mirror, or lets it borrow from where the repository is now. Raises ``SourceError`` and OSError."""
        common = self._folder_of(commit)
        mirror = self.path(commit)
        if mirror.is_dir():
            borrow(str(mirror), str(common))
            return
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".", dir=self._root))
        fill_mirror(str(aside), commit, str(common))
        with suppress(OSError):  # another run was quicker
            aside.rename(mirror)
        shutil.rmtree(aside, ignore_errors=True)
        self._drop_oldest()

    def _drop_oldest(self) -> None:
        by_age = sorted(self._root.iterdir(), key=lambda one: one.stat().st_mtime_ns, reverse=True)
        for surplus in by_age[KEPT:]:
            shutil.rmtree(surplus, ignore_errors=True)
