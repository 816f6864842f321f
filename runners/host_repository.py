"""The history of chains on a host that has git: mirrors that agents read, worktrees that they commit in, and their branches.

Standard library of Python 3.6 only: it is uploaded to hosts. One bare repository holds what was sent, a pack for each commit with what
is new in it, and a ref ``refs/commits/<commit>`` for each that is complete. Worktrees stand on it, mirrors borrow from it. Without git
there is none of that.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess

from chainwright.runners.host_files import PIECE_BYTES, raw, remove_left, shown, whole_folder
from chainwright.runners.host_git import (
    BRANCHES,
    ENVIRONMENT,
    NO_CONFIGURATION,
    PACK,
    SETTINGS,
    UNPACK,
    attempt_key,
    fill_mirror,
    make_worktree,
    replace,
    wish,
)
from chainwright.runners.host_trees import commit_name, folder_name, run_folder
from chainwright.runners.refused import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Dict, Iterator, List, Optional

    Json = Dict[str, Any]

GIT_WITHIN_S = 300.0
PACK_BYTES = 2 << 30
SHRINKING = (
    "gc.auto=5000",
    "gc.autoPackLimit=20",
    "gc.autoDetach=false",
    "gc.pruneExpire=2.days.ago",
    "gc.packRefs=false",  # the file of a ref says when its commit was used last
)
TIPS = 200
"""Commits that are named to whoever sends another one, the newest: from them on, nothing is sent twice."""


def repository_folder(home: str) -> str:
    """Where the repository is, or will be."""
    return "%s/cache/repository.git" % home


def has_commit(home: str, commit: str) -> bool:
    """Whether the commit came whole, with its history."""
    return os.path.exists("%s/refs/commits/%s" % (repository_folder(home), commit_name(commit)))


def has_git() -> bool:
    """Whether the host has the command."""
    return shutil.which("git") is not None


def tips(home: str) -> "List[str]":
    """The commits that came last."""
    folder = "%s/refs/commits" % repository_folder(home)
    if not os.path.isdir(folder):
        return []
    return sorted(os.listdir(folder), key=lambda name: os.stat("%s/%s" % (folder, name)).st_mtime, reverse=True)[:TIPS]


def put_commit(stream: "BinaryIO", home: str, commit: str, shallow: "List[str]") -> None:
    """Take in a pack of a commit and of what of its history the host does not have; ``shallow`` are the ends of a cut history."""
    _require_git()
    with _locked(home):
        _make_ready(home)
        if shallow:
            _add_ends(repository_folder(home), [commit_name(one) for one in shallow])
    _feed(home, stream)
    git(home, "cat-file", "-e", "%s^{commit}" % commit_name(commit))
    git(home, "update-ref", "refs/commits/%s" % commit, commit)


def make_mirror(home: str, commit: str) -> str:
    """The path of the mirror of a commit; it is there only if the commit is."""
    folder = "%s/cache/mirrors/%s.git" % (home, commit_name(commit))
    if os.path.isdir(folder):
        os.utime(folder)
        with contextlib.suppress(FileNotFoundError):  # what it borrows from stays as long
            os.utime("%s/refs/commits/%s" % (repository_folder(home), commit))
    elif has_commit(home, commit):
        remove_left(os.path.dirname(folder))
        with whole_folder(folder) as aside:
            fill_mirror(aside, commit, repository_folder(home))
    return folder


def worktree_folder(home: str, run: str, turn: str) -> str:
    """Of a turn, all of whose attempts on this host work in it."""
    return "%s/worktrees/%s" % (run_folder(home, run), folder_name(turn))


def put_worktree(home: str, run: str, *, turn: str, branch: str, attempt: int, commit: str) -> bool:
    """Whether the worktree is there, as it was at the commit: it is made anew. Not without the commit."""
    _require_git()
    if not has_commit(home, commit):
        return False
    with _locked(home):
        make_worktree(
            lambda *arguments: git(home, *arguments), worktree_folder(home, run, turn), branch, commit, attempt
        )
    return True


def branches(home: str, run: "Optional[str]") -> "Json":
    """The ``branches`` of a run's worktrees, or of all runs', each ``{branch, tip, attempt}``; and ``tips``, what they stand on."""
    folder = run_folder(home, run) + "/worktrees" if run else repository_folder(home)
    if not os.path.isdir(folder) or not has_git():
        return {"branches": [], "tips": []}
    pattern = "%s%s-*" % (BRANCHES, folder_name(run)) if run else BRANCHES
    listed = git(home, "for-each-ref", "--format=%(objectname) %(refname)", pattern)
    found = []
    for line in listed.splitlines():
        tip, _, ref = line.partition(" ")
        branch = ref[len("refs/heads/") :]
        attempt = git(home, "config", "--get", attempt_key(branch))
        found.append({"branch": branch, "tip": tip, "attempt": int(attempt)})
    return {"branches": found, "tips": tips(home)}


def shrink(home: str, before: float) -> None:
    """Let go of branches whose runs' folders have gone and that point to something older than ``before``; pack anew when git finds that
    worthwhile, and drop what nothing leads to any more. What came within two days stays: somebody may just be sending it."""
    if not os.path.isdir(repository_folder(home)) or not has_git():
        return
    with _locked(home):
        git(home, "worktree", "prune")
        listed = git(home, "for-each-ref", "--format=%(committerdate:unix) %(refname)", BRANCHES)
        for at, _, ref in (line.partition(" ") for line in listed.splitlines()):
            run = ref[len(BRANCHES) :].partition("-")[0]
            if float(at) < before and not os.path.isdir(run_folder(home, run)):
                git(home, "branch", "--quiet", "-D", ref[len("refs/heads/") :])
    git(home, *(word for setting in SHRINKING for word in ("-c", setting)), "gc", "--auto", "--quiet")


def give_commits(home: str, wanted: "List[str]", had: "List[str]") -> "Iterator[bytes]":
    """A pack of the commits with their history, less that of those that are had."""
    _require_git()
    text = wish(map(commit_name, wanted), map(commit_name, had))
    with _process(home, PACK, stdout=subprocess.PIPE) as process:
        process.stdin.write(text)
        process.stdin.close()
        while True:
            piece = process.stdout.read(PIECE_BYTES)
            if not piece:
                break
            yield piece
        _finish(process, PACK[0])


def git(home: str, *arguments: str) -> str:
    """What git prints. Raises :class:`Refused` with its reason."""
    with _process(home, arguments, stdout=subprocess.PIPE) as process:
        try:
            out, err = process.communicate(timeout=GIT_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Refused("git-failed", "git %s gave no answer within %d s" % (arguments[0], GIT_WITHIN_S)) from None
        if process.returncode != 0:
            raise Refused("git-failed", "git %s: %s" % (arguments[0], shown(err).strip()))
        return shown(out)


def _require_git() -> None:
    if not has_git():
        raise Refused("no-git", "git is not installed there, and a worktree cannot be without it")


def _make_ready(home: str) -> None:
    folder = repository_folder(home)
    if not os.path.isdir(folder):
        remove_left(os.path.dirname(folder))
        with whole_folder(folder) as aside:
            git(home, "init", "--quiet", "--bare", "--template=", aside)
            for name, value in SETTINGS:
                git(home, "config", "--file=%s/config" % aside, name, value)


def _add_ends(repository: str, ends: "List[str]") -> None:
    path = "%s/shallow" % repository
    known = []
    with contextlib.suppress(FileNotFoundError), open(path) as file:
        known = file.read().split()
    replace(path, "".join("%s\n" % one for one in sorted(set(known) | set(ends))))


def _feed(home: str, stream: "BinaryIO") -> None:
    with _process(home, UNPACK, stdout=subprocess.DEVNULL) as process:
        size = 0
        with contextlib.suppress(BrokenPipeError):  # git has given up, and says why
            for piece in iter(lambda: stream.read(PIECE_BYTES), b""):
                size += len(piece)
                if size > PACK_BYTES:
                    raise Refused("git-failed", "a history of more than %d bytes is not taken" % PACK_BYTES)
                process.stdin.write(piece)
            process.stdin.close()
        _finish(process, UNPACK[0])


def _finish(process: "Any", what: str) -> None:
    """Its input is closed, its output was read."""
    err = process.stderr.read()
    process.wait(GIT_WITHIN_S)
    if process.returncode != 0:
        raise Refused("git-failed", "git %s: %s" % (what, shown(err).strip()))


@contextlib.contextmanager
def _process(home: str, arguments: "Any", stdout: int) -> "Iterator[Any]":
    """Git on the repository; whatever is left of it when the block is left is ended."""
    environment = dict(ENVIRONMENT, PATH=os.environ.get("PATH", os.defpath), **NO_CONFIGURATION)
    repository = [] if arguments[0] == "init" else ["--git-dir=%s" % repository_folder(home)]
    process = subprocess.Popen(
        ["git", *repository, *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()


@contextlib.contextmanager
def _locked(home: str) -> "Iterator[None]":
    """One at a time, also of porters of connections that are half dead: git's own lock files make the second one fail."""
    path = "%s/cache" % home
    os.makedirs(raw(path), exist_ok=True)
    descriptor = os.open(raw("%s/.repository.lock" % path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
