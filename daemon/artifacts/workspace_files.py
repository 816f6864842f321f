"""Opens a file that an agent names: within its workspace, and never through a link.

Each step of the path is opened from the one before, so that a link that somebody puts there meanwhile is met, not followed.
"""

import errno
import os
import stat
from pathlib import PurePosixPath
from typing import Final

from chainwright.daemon.artifacts.port import BadFile

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_WHY: Final = {
    errno.ENOENT: "there is no such file",
    errno.ELOOP: "it is a link, and links are not followed",
    errno.ENOTDIR: "a part of its path is a link or no folder",
    errno.EACCES: "it cannot be read",
    errno.ENXIO: "it is not a regular file",
    errno.ENAMETOOLONG: "its path is too long",
}


def opened(path: str, *, folder: str, roots: tuple[str, ...], limit_bytes: int) -> int:
    """A descriptor of the file, which the caller closes. Raises :class:`BadFile`."""
    root, parts = _located(path, folder, roots)
    try:
        descriptor = _walk(root, parts)
    except OSError as error:
        raise BadFile(f'"{path}": {_WHY.get(error.errno or 0, error.strerror)}') from None
    except ValueError:
        raise BadFile(f'"{path}": a path holds no null character') from None
    try:
        _check(path, os.fstat(descriptor), limit_bytes)
    except BadFile:
        os.close(descriptor)
        raise
    return descriptor


def _located(path: str, folder: str, roots: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The root that the path lies in, and the way from there."""
    whole = PurePosixPath(os.path.normpath(PurePosixPath(folder, path)))
    for root in roots:
        if whole.is_relative_to(root) and whole != PurePosixPath(root):
            return root, whole.relative_to(root).parts
    raise BadFile(f'"{path}": it is not in the workspace')


def _walk(root: str, parts: tuple[str, ...]) -> int:
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            below = os.open(part, _FOLDER, dir_fd=at)
            os.close(at)
            at = below
        return os.open(parts[-1], _FILE, dir_fd=at)
    finally:
        os.close(at)


def _check(path: str, found: os.stat_result, limit_bytes: int) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise BadFile(f'"{path}": it is a folder, not a file')
    if not stat.S_ISREG(found.st_mode):
        raise BadFile(f'"{path}": it is not a regular file')
    if found.st_size > limit_bytes:
        raise BadFile(f'"{path}": it has {found.st_size} bytes, at most {limit_bytes} are kept')
