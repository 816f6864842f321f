"""A tree on disk: what is in it, and writing it as fast as the file system allows.

A run waits for this, so: paths are opened relative to their folder, each folder once, and small trees are written from memory. Every
file is new (``O_EXCL``) in a folder that is new too, so no link that is already there can lead a write astray. Hard links are never
made: an agent that edits its copy in place would edit everybody's.
"""

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chainwright.daemon.sources.trees import TreeEntry, checked_link
from chainwright.runners.host_files import FOLDER, NEW_FILE, copy_content, write_all


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutFile:
    """A regular file."""

    path: str
    is_executable: bool
    size: int
    blob: str = ""
    """Git's id of the content; empty where the tree was read from disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutLink:
    """A symbolic link that stays inside the tree."""

    path: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """Everything that a tree puts on disk, by folder; the folder "" comes first, each one after the one around it."""

    folders: dict[str, tuple[CheckoutFile | CheckoutLink, ...]]

    @property
    def files(self) -> Iterator[CheckoutFile]:
        """Every regular file."""
        return (one for below in self.folders.values() for one in below if isinstance(one, CheckoutFile))


Pour = Callable[[CheckoutFile, int], None]
"""Writes the file's content into an open descriptor."""


def of_entries(entries: Iterable[TreeEntry], target_of: Callable[[TreeEntry], str]) -> Checkout:
    """The checkout of a git tree. Submodules are left out; raises ``TreeRefused`` for a link that leaves the tree."""
    found: list[CheckoutFile | CheckoutLink] = []
    for entry in entries:
        if entry.kind == "link":
            found.append(CheckoutLink(path=entry.path, target=checked_link(entry.path, target_of(entry))))
        elif entry.kind == "file":
            found.append(
                CheckoutFile(path=entry.path, is_executable=entry.is_executable, size=entry.size, blob=entry.blob)
            )
    return _by_folder(found)


def of_folder(root: Path) -> Checkout:
    """The checkout that :func:`write` made at ``root``."""
    return _by_folder(_found_below(root, ""))


def write(checkout: Checkout, destination: Path, pour: Pour) -> None:
    """Makes the folder ``destination``, which must not exist, with the whole tree in it.

    Raises OSError, for a full disk say, and leaves what it has written so far.
    """
    destination.mkdir()
    root = os.open(destination, FOLDER)
    try:
        for folder, below in checkout.folders.items():
            with _made(folder, root) as at:
                for one in below:
                    _write_one(one, at, pour)
    finally:
        os.close(root)


def pour_from_memory(contents: dict[str, bytes]) -> Pour:
    """Takes the content by path."""

    def pour(file: CheckoutFile, descriptor: int) -> None:
        write_all(descriptor, contents[file.path])

    return pour


def pour_from_folder(source: Path) -> Pour:
    """Takes the content from the same path below ``source``, sharing its blocks where the file system can."""

    def pour(file: CheckoutFile, descriptor: int) -> None:
        origin = os.open(source / file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            copy_content(origin, descriptor)
        finally:
            os.close(origin)

    return pour


def _write_one(one: CheckoutFile | CheckoutLink, at: int, pour: Pour) -> None:
    name = one.path.rpartition("/")[2]
    if isinstance(one, CheckoutLink):
        os.symlink(one.target, name, dir_fd=at)
        return
    descriptor = os.open(name, NEW_FILE, 0o777 if one.is_executable else 0o666, dir_fd=at)
    try:
        if one.size:
            pour(one, descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _made(folder: str, root: int) -> Iterator[int]:
    """A descriptor of the folder, made first unless it is the root."""
    if not folder:
        yield root
        return
    os.mkdir(folder, dir_fd=root)
    at = os.open(folder, FOLDER, dir_fd=root)
    try:
        yield at
    finally:
        os.close(at)


def _by_folder(found: Iterable[CheckoutFile | CheckoutLink]) -> Checkout:
    folders: dict[str, list[CheckoutFile | CheckoutLink]] = {"": []}
    for one in found:
        parts = one.path.split("/")[:-1]
        for depth in range(len(parts)):
            folders.setdefault("/".join(parts[: depth + 1]), [])
        folders["/".join(parts)].append(one)
    return Checkout(folders={folder: tuple(below) for folder, below in folders.items()})


def _found_below(root: Path, folder: str) -> Iterator[CheckoutFile | CheckoutLink]:
    with os.scandir(root / folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_symlink():
            yield CheckoutLink(path=path, target=str(Path(entry.path).readlink()))
        elif entry.is_dir(follow_symlinks=False):
            yield from _found_below(root, path)
        else:
            status = entry.stat(follow_symlinks=False)
            yield CheckoutFile(path=path, is_executable=bool(status.st_mode & stat.S_IXUSR), size=status.st_size)
