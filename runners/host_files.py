"""Rules about files that hold on every machine that agents work on, the daemon's own and those that SSH reaches.

The daemon imports this, and it is uploaded beside the session host: like that it needs nothing but the standard library of Python 3.6.
What may be written to disk for a tree that anybody can push, what may be opened for an agent that names it, and how a copy is made: each
of these is said here once. Whoever calls says it to people: :class:`Unfit` carries the sentence.

Paths are text with ``surrogateescape``; they become bytes here, because a host's Python 3.6 without a locale knows only ASCII names.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
from typing import Iterator, NamedTuple, Sequence, Tuple

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
PIECE_BYTES = 1 << 20

_NAMED_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NAME_BYTES = 255
_FICLONE = 0x40049409  # shares the blocks until one side writes; not every file system can
_CANNOT_CLONE = frozenset([errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL, errno.EXDEV])
_CANNOT_SEND = frozenset([errno.EINVAL, errno.ENOSYS])
_OCCUPIED = frozenset([errno.ENOTEMPTY, errno.EEXIST])
_WHY = {
    errno.ENOENT: "there is no such file",
    errno.ELOOP: "it is a link, and links are not followed",
    errno.ENOTDIR: "a part of its path is a link or no folder",
    errno.EACCES: "it cannot be read",
    errno.ENXIO: "it is not a regular file",
    errno.ENAMETOOLONG: "its path is too long",
}


class Unfit(Exception):
    """A path, a link or a file is not taken; the text names it and says why."""


def raw(text: str) -> bytes:
    """The bytes of a path."""
    return text.encode("utf-8", "surrogateescape")


def shown(path: bytes) -> str:
    """The text of a path."""
    return path.decode("utf-8", "surrogateescape")


# ── trees ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Bounds(NamedTuple):
    """How much one tree may hold."""

    files: int
    file_bytes: int
    total_bytes: int


WORKSPACE_BOUNDS = Bounds(files=50000, file_bytes=64 << 20, total_bytes=1 << 30)


class Tally:
    """What of a tree has been counted so far, against its bounds."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._files = 0
        self._bytes = 0

    def add(self, path: str, size: int) -> None:
        """One more entry. Raises :class:`Unfit` when the tree holds too much with it."""
        self._files += 1
        self._bytes += size
        if self._files > self._bounds.files:
            raise Unfit("more than {:,} files".format(self._bounds.files))
        if size > self._bounds.file_bytes:
            raise Unfit("{} has {:,} bytes, at most {:,} are taken".format(path, size, self._bounds.file_bytes))
        if self._bytes > self._bounds.total_bytes:
            raise Unfit("more than {:,} bytes in all".format(self._bounds.total_bytes))


def path_in_tree(path: str) -> str:
    """The path, if a file of a tree may have it. Raises :class:`Unfit`."""
    if any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in path.split("/")):
        raise Unfit("%r cannot be the path of a file" % path)
    return path


def link_in_tree(path: str, target: str) -> str:
    """The target, if the link stays inside the tree. Raises :class:`Unfit`.

    ``..`` may only lead the target: after the name of another link it would climb from wherever that one points.
    """
    parts = [part for part in target.split("/") if part not in ("", ".")]
    names = list(parts)
    climbs = 0
    while names and names[0] == "..":
        names.pop(0)
        climbs += 1
    if not parts or target.startswith("/") or ".." in names or climbs > path.count("/") or "\0" in target:
        raise Unfit("%s is a link that leaves the tree: %s" % (path, target))
    return target


# ── files that agents name ──────────────────────────────────────────────────────────────────────────────────────────


def open_named(path: str, folder: str, roots: "Sequence[str]", limit_bytes: int) -> int:
    """A descriptor of a file that an agent names, which the caller closes. Raises :class:`Unfit`.

    ``path`` counts from ``folder`` and has to lie in one of ``roots``. Each step of it is opened from the one before, so that a link
    that somebody puts there meanwhile is met, not followed.
    """
    root, parts = _located(path, folder, roots)
    try:
        descriptor = _walk(root, parts)
    except OSError as error:
        raise Unfit('"%s": %s' % (path, _WHY.get(error.errno or 0, error.strerror))) from None
    except ValueError:
        raise Unfit('"%s": a path holds no null character' % path) from None
    try:
        _check(path, os.fstat(descriptor), limit_bytes)
    except Unfit:
        os.close(descriptor)
        raise
    return descriptor


def _located(path: str, folder: str, roots: "Sequence[str]") -> "Tuple[str, Sequence[str]]":
    """The root that the path lies in, and the way from there."""
    whole = os.path.normpath(os.path.join(folder, path))
    for root in map(os.path.normpath, roots):
        if whole.startswith(root + "/"):
            return root, whole[len(root) + 1 :].split("/")
    raise Unfit('"%s": it is not in the workspace' % path)


def _walk(root: str, parts: "Sequence[str]") -> int:
    at = os.open(raw(root), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            below = os.open(raw(part), FOLDER, dir_fd=at)
            os.close(at)
            at = below
        return os.open(raw(parts[-1]), _NAMED_FILE, dir_fd=at)
    finally:
        os.close(at)


def _check(path: str, found: os.stat_result, limit_bytes: int) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise Unfit('"%s": it is a folder, not a file' % path)
    if not stat.S_ISREG(found.st_mode):
        raise Unfit('"%s": it is not a regular file' % path)
    if found.st_size > limit_bytes:
        raise Unfit('"%s": it has %d bytes, at most %d are kept' % (path, found.st_size, limit_bytes))


# ── contents and copies ─────────────────────────────────────────────────────────────────────────────────────────────


def checked_name(name: str) -> str:
    """The name, if a file can have it. Raises :class:`Unfit`."""
    if name in ("", ".", "..") or "/" in name or "\0" in name or len(raw(name)) > _NAME_BYTES:
        raise Unfit("%r cannot be the name of a file" % name[:80])
    return name


def given_path(folder: str, sha256: str, name: str) -> str:
    """Where below ``folder`` a process finds the copy of an artifact that it is given. Raises :class:`Unfit`."""
    return "%s/%s/%s" % (folder, sha256[:16], checked_name(name))


def give(origin: int, path: str) -> None:
    """Make a copy of an open content, which whoever gets it may change. Raises OSError."""
    os.makedirs(raw(os.path.dirname(path)), mode=0o700, exist_ok=True)
    with whole_file(path) as copy:
        copy_content(origin, copy)


@contextlib.contextmanager
def whole_file(path: str) -> "Iterator[int]":
    """A descriptor of a new file that only this user may read; it has its name when the block is left without an error."""
    folder, name = os.path.split(path)
    descriptor, aside = tempfile.mkstemp(prefix=b".", dir=raw(folder or "."))
    try:
        try:
            yield descriptor
        finally:
            os.close(descriptor)
        os.rename(aside, os.path.join(raw(folder), raw(name)))
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)
        raise


def write_all(descriptor: int, content: bytes) -> None:
    """Writes every byte, however many the system takes at a time."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def copy_content(origin: int, descriptor: int) -> None:
    """The whole content of one open file into another, new one, sharing its blocks where the file system can."""
    if not _cloned(origin, descriptor):
        _copied(origin, descriptor)


def _cloned(origin: int, descriptor: int) -> bool:
    try:
        fcntl.ioctl(descriptor, _FICLONE, origin)
    except OSError as error:
        if error.errno in _CANNOT_CLONE:
            return False
        raise
    return True


def _copied(origin: int, descriptor: int) -> None:
    at = 0
    try:
        while True:
            sent = os.sendfile(descriptor, origin, at, 1 << 30)
            if not sent:
                return
            at += sent
    except OSError as error:
        if error.errno not in _CANNOT_SEND:  # some file systems, those of /proc and FUSE among them, have no such thing
            raise
    while True:
        piece = os.pread(origin, PIECE_BYTES, at)
        if not piece:
            return
        write_all(descriptor, piece)
        at += len(piece)


def sync_all(folder: str) -> None:
    """Make everything durable that is on the file system of a folder: for many files at once that is the quickest way.

    Not on the others, of which one may hang: an NFS whose server has gone.
    """
    descriptor = os.open(raw(folder), os.O_RDONLY | os.O_DIRECTORY)
    try:
        import ctypes  # noqa: PLC0415 - some Pythons are built without it

        ctypes.CDLL(None).syncfs(descriptor)
    except (ImportError, OSError, AttributeError):
        os.sync()
    finally:
        os.close(descriptor)


def sync_folder(path: str) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(raw(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def whole_folder(path: str) -> "Iterator[str]":
    """The path of a new folder; it is renamed to ``path`` when the block is left without an error, unless somebody was quicker.

    While it is written it is locked, so that what a killed process has left can be told from it (:func:`remove_left`).
    """
    aside, descriptor = _locked_beside(path)
    try:
        os.fchmod(descriptor, 0o777 & ~_umask())  # mkdtemp's are for nobody else, whatever this user's files are like
        yield aside
        try:
            os.rename(raw(aside), raw(path))
        except OSError as error:
            if error.errno not in _OCCUPIED:
                raise
    finally:
        os.close(descriptor)
        shutil.rmtree(raw(aside), ignore_errors=True)


def _locked_beside(path: str) -> "Tuple[str, int]":
    """A new folder beside the path, and a descriptor of it that holds its lock."""
    parent, name = os.path.split(path)
    os.makedirs(raw(parent), exist_ok=True)
    while True:
        aside = tempfile.mkdtemp(prefix=raw(".%s." % name), dir=raw(parent))
        try:
            descriptor = os.open(aside, FOLDER)
        except FileNotFoundError:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            if os.stat(aside).st_ino == os.fstat(descriptor).st_ino:
                return shown(aside), descriptor
        except FileNotFoundError:
            pass  # before it was locked, somebody took it for one that was left
        os.close(descriptor)


def remove_left(parent: str) -> None:
    """Remove what was begun in a folder by :func:`whole_folder` and is written by nobody any more."""
    for name in _begun(parent):
        path = raw("%s/%s" % (parent, name))
        try:
            descriptor = os.open(path, FOLDER)
        except OSError:
            continue  # it is done or gone
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)


def _begun(parent: str) -> "Sequence[str]":
    try:
        return [shown(name) for name in os.listdir(raw(parent)) if name.startswith(b".")]
    except FileNotFoundError:
        return []


def _umask() -> int:
    """Of this process; asked of the kernel without setting it, for other threads may be making files."""
    with open("/proc/self/status", "rb") as status:
        for line in status:
            if line.startswith(b"Umask:"):
                return int(line.split()[1], 8)
    return 0o077


# ── the folder of a run ─────────────────────────────────────────────────────────────────────────────────────────────


def link_events(home: str, run: str, attempt: str) -> None:
    """``runs/<run>/events/<attempt>`` below the home leads to the attempt's consumed event files, which are in ``s/<attempt>``. Raises OSError."""
    folder = "%s/runs/%s/events" % (home, run)
    os.makedirs(raw(folder), exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.symlink(raw("../../../s/%s/events/done" % attempt), raw("%s/%s" % (folder, attempt)))
