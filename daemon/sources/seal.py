"""Whether a copy of a tree is still as it was made.

A workspace that no agent touched is as good as new, and the next run may have it: most of what a short run costs is making a hundred
files. Nobody can change a file, its name, its mode or its times without the kernel noting the moment in the inode's change time, which no
program can set; so the change times of everything below tell, and reading them costs a twentieth of making the files.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SETTLED_S: Final = 0.02
"""Change times are as coarse as the kernel's tick (10 ms at worst): what happens sooner after sealing could go unnoticed."""

_Mark = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The state of a folder when it was complete."""

    root_changed_ns: int
    """The root's modification time: its change time tells of renames of the root itself, which are ours."""
    marks: tuple[_Mark, ...]
    """Path, inode and change time of everything below."""
    made_at: float
    """Monotonic."""

    @property
    def is_settled(self) -> bool:
        """Whether a change from now on could not be mistaken for the making."""
        return time.monotonic() - self.made_at >= SETTLED_S

    def holds(self, folder: Path) -> bool:
        """Whether the folder, wherever it was renamed to, is unchanged.

        No folder is listed: a name that came or went has changed the time of the folder that it is in.
        """
        try:
            return folder.stat().st_mtime_ns == self.root_changed_ns and all(
                self._is_kept(folder, *mark) for mark in self.marks
            )
        except OSError:
            return False

    @staticmethod
    def _is_kept(folder: Path, path: str, inode: int, changed_ns: int) -> bool:
        status = os.lstat(f"{folder}/{path}")
        return (status.st_ino, status.st_ctime_ns) == (inode, changed_ns)


def seal(folder: Path) -> Seal:
    """The present state of a folder. Raises OSError."""
    marks = tuple(sorted(_marks(str(folder), "")))
    return Seal(root_changed_ns=folder.stat().st_mtime_ns, marks=marks, made_at=time.monotonic())


def _marks(root: str, below: str) -> Iterator[_Mark]:
    with os.scandir(f"{root}/{below}") as listing:
        for entry in listing:
            path = f"{below}{entry.name}"
            status = entry.stat(follow_symlinks=False)
            yield path, status.st_ino, status.st_ctime_ns
            if entry.is_dir(follow_symlinks=False):
                yield from _marks(root, f"{path}/")
