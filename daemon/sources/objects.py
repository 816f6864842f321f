"""Objects of every repository that is followed, by their ids alone: an id says the same wherever it is found."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from chainwright.daemon.sources.repository import Repository, RepositoryGone, UnknownRef
from chainwright.daemon.sources.trees import SourceError, TreeEntry


class Objects(Protocol):
    """What a workspace is made from. Both raise as :class:`~chainwright.daemon.sources.repository.Repository` does."""

    def tree(self, commit: str) -> tuple[TreeEntry, ...]:
        """Every entry of the commit's tree."""

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The contents with these ids."""


class ObjectsOfAll:
    """Implements :class:`Objects` over whichever repositories there are at the time of asking."""

    def __init__(self, repositories: Callable[[], Iterable[Repository]]) -> None:
        self._repositories = repositories

    def tree(self, commit: str) -> tuple[TreeEntry, ...]:
        faults: list[SourceError] = []
        for repository in self._repositories():
            try:
                return repository.tree(commit)
            except (UnknownRef, RepositoryGone) as fault:
                faults.append(fault)
        raise faults[0] if faults else UnknownRef(f"there is no repository to read {commit} from")

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        wanted = list(ids)
        faults: list[SourceError] = []
        for repository in self._repositories():
            try:
                return repository.blobs(wanted)
            except SourceError as fault:
                faults.append(fault)
        raise faults[0] if faults else UnknownRef("there is no repository to read from")

    def common_folder(self, commit: str) -> Path:
        """Git's own folder of the first repository that has the commit. Raises SourceError."""
        faults: list[SourceError] = []
        for repository in self._repositories():
            try:
                repository.tree(commit)
                return repository.common_folder()
            except SourceError as fault:
                faults.append(fault)
        raise faults[0] if faults else UnknownRef(f"there is no repository to read {commit} from")
