"""A git repository of this machine, bare or with a work tree, read through its objects.

The only module that knows GitPython. No hook, filter or work tree takes part, nothing is fetched and nobody is asked for a password,
whatever the repository's configuration says. Safe to use from several threads; one reads at a time, because git's batch process
answers one question after the other.
"""

import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import Final, TypeVar

import git
from git.exc import GitCommandError, InvalidGitRepositoryError, NoSuchPathError
from git.refs.symbolic import SymbolicReference

from chainwright.daemon.definition.named_files import MAX_BYTES, Unusable, missing
from chainwright.daemon.sources.blob_cache import BlobCache
from chainwright.daemon.sources.refs import commits_of_refs, differing_paths, message_of
from chainwright.daemon.sources.signatures import signature_fault
from chainwright.daemon.sources.trees import (
    DEFINITION_BOUNDS,
    WORKSPACE_BOUNDS,
    SourceError,
    TreeEntry,
    TreeRefused,
    check_bounds,
    parse_listing,
)
from chainwright.daemon.sources.versions import Version, versions_of

GIT_TIMEOUT_S: Final = 60.0
"""For one git command; reading a listing of the largest allowed tree takes well under a second."""

LINK_BYTES: Final = 4_096
LISTING_BYTES: Final = WORKSPACE_BOUNDS.files * 400
"""A line of the listing has 60 bytes and a path."""

_CACHE_BYTES: Final = 32 << 20
_CACHED_LISTINGS: Final = 8
_ENVIRONMENT: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # older versions of git do not know the line above
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.hooksPath",  # writing a ref would run one
    "GIT_CONFIG_VALUE_0": os.devnull,
}

_NO_TREE: Final = re.compile("Not a valid object|not a tree object")  # git speaks English to GitPython

T = TypeVar("T")


class RepositoryGone(SourceError):
    """The repository is not there, or is none, or cannot be read."""


class UnknownRef(SourceError):
    """The repository has no such branch, tag or commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Where git keeps the objects of a push until it is taken, and where those that it builds on are."""

    objects: Path
    alternates: tuple[Path, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """For git's processes."""
        others = os.pathsep.join(map(str, self.alternates))
        return {"GIT_OBJECT_DIRECTORY": str(self.objects), "GIT_ALTERNATE_OBJECT_DIRECTORIES": others}


class Repository:
    """An open repository. Opening is put off to the first question, and done again after it has vanished.

    With a quarantine its objects can be read too, as those of a push that nobody has decided on. ``signers`` is the file of those
    whose signature a commit needs, if it needs one. What ``beside``, the same repository opened before, has read is not read again:
    an id says the same in both. It learns nothing of what is in quarantine here.
    """

    def __init__(
        self,
        path: Path,
        quarantine: Quarantine | None = None,
        signers: Path | None = None,
        beside: "Repository | None" = None,
    ) -> None:
        self.path = path
        self._signers = signers
        self._quarantine = quarantine
        self._lock = Lock()
        self._repo: git.Repo | None = None
        self._beside = beside
        self._blobs = BlobCache(_CACHE_BYTES)
        self._listings: OrderedDict[str, tuple[TreeEntry, ...]] = OrderedDict()

    def head(self, branch: str | None = None) -> str:
        """The commit at the tip of the branch; of the current branch of HEAD without one.

        Raises :class:`UnknownRef` for a branch without a commit, :class:`RepositoryGone`.
        """
        ref = "HEAD" if branch is None else f"refs/heads/{_checked_ref(branch)}"
        return self._ask(lambda repo: _tip(repo, ref))

    def current_branch(self) -> str | None:
        """The ref that HEAD names, whether it has a commit or not; None when HEAD names none."""
        return self._ask(_branch_of_head)

    def signature_fault(self, commit: str) -> str:
        """Why the commit may not be deployed for want of a signature; empty when it may."""
        signers = self._signers
        if signers is None:
            return ""
        environment = self._quarantine.environment if self._quarantine else {}
        return signature_fault(self.common_folder(), _checked_ref(commit), signers, environment)

    def is_ancestor(self, earlier: str, later: str) -> bool:
        """Whether a commit leads up to another. Raises :class:`SourceError` when one of them is not there."""
        return self._ask(lambda repo: _is_ancestor(repo, _checked_ref(earlier), _checked_ref(later)))

    def resolve(self, ref: str) -> str:
        """The commit that a branch, tag, (short) id or expression of git's names. Raises :class:`UnknownRef`."""
        question = f"{_checked_ref(ref)}^{{commit}}"
        return self._ask(lambda repo: _rev_parse(repo, ref, question))

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both come from; None when there is none. Raises as :meth:`tree` does."""
        return self._ask(lambda repo: _merge_base(repo, _checked_ref(one), _checked_ref(other)))

    def tree(self, commit: str) -> tuple[TreeEntry, ...]:
        """Every entry of the commit's tree, in git's order. Raises :class:`TreeRefused` and :class:`UnknownRef`."""
        known = self._known_tree(commit)
        if known is None:
            known = parse_listing(self._ask(lambda repo: _listing(repo, _checked_ref(commit))))
            self._listings[commit] = known
            while len(self._listings) > _CACHED_LISTINGS:
                self._listings.popitem(last=False)
        return known

    def _known_tree(self, commit: str) -> tuple[TreeEntry, ...] | None:
        beside = self._beside._known_tree(commit) if self._beside else None
        return beside or self._listings.get(commit)

    def files(self, commit: str, under: str) -> dict[str, bytes]:
        """The content of every regular file below a folder, by path from the root; empty when there is no such folder.

        Links and submodules are left out. Raises :class:`TreeRefused` for a folder beyond the bounds of definitions.
        """
        prefix = under.strip("/") + "/"
        entries = [one for one in self.tree(commit) if one.kind == "file" and one.path.startswith(prefix)]
        check_bounds(entries, DEFINITION_BOUNDS)
        contents = self.blobs(entry.blob for entry in entries)
        return {entry.path: contents[entry.blob] for entry in entries}

    def link_target(self, link: TreeEntry) -> str:
        """Where a link of a tree leads, as far as a path can be long."""
        return os.fsdecode(self.blobs([link.blob])[link.blob][:LINK_BYTES])

    def named_file(self, commit: str, path: str) -> bytes:
        """A file of the commit that a chain names. Raises ``Unusable`` as ``definition.named_files`` says."""
        files = {one.path: one for one in self.tree(commit)}
        entry = files.get(path)
        if entry is None:
            raise missing(path, files)
        if entry.kind != "file":
            raise Unusable(f"{path} is a {entry.kind}, which is not followed", "put the file itself there")
        if entry.size > MAX_BYTES:
            raise Unusable(f"{path} has {entry.size:,} bytes; a named file has at most {MAX_BYTES:,}")
        return self.blobs([entry.blob])[entry.blob]

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The contents with these ids, out of memory where they were read before."""
        wanted = set(ids)
        found = self._known_blobs(wanted)
        missing = wanted - found.keys()
        if missing:
            read = self._ask(lambda repo: {one: _blob(repo, one) for one in missing})
            self._blobs.keep(read)
            found.update(read)
        return found

    def _known_blobs(self, wanted: set[str]) -> dict[str, bytes]:
        found = self._beside._known_blobs(wanted) if self._beside else {}
        return found | self._blobs.known(wanted - found.keys())

    def refs(self) -> dict[str, str]:
        """See :func:`~.refs.commits_of_refs`."""
        return self._ask(commits_of_refs)

    def differing_paths(self, before: str, after: str) -> list[str]:
        """See :func:`~.refs.differing_paths`. Raises :class:`SourceError` when one of the commits is not there."""
        return self._ask(lambda repo: differing_paths(repo, _checked_ref(before), _checked_ref(after)))

    def message(self, commit: str) -> str:
        """See :func:`~.refs.message_of`."""
        return self._ask(lambda repo: message_of(repo, _checked_ref(commit)))

    def versions(self, commit: str, path: str, limit: int) -> list[Version]:
        """See :func:`~.versions.versions_of`. Raises :class:`SourceError`."""
        return self._ask(lambda repo: versions_of(repo, _checked_ref(commit), path, limit))

    def common_folder(self) -> Path:
        """Where the objects are: the folder of git itself, which a linked work tree shares. Raises :class:`RepositoryGone`."""
        return self._ask(lambda repo: Path(repo.common_dir).resolve())

    def mark_deployed(self, environment: str, commit: str) -> None:
        """Points ``refs/chains/deployed/<environment>`` at the commit. Raises :class:`SourceError` if it cannot be written."""
        ref = f"refs/chains/deployed/{_checked_ref(environment)}"
        self._ask(lambda repo: _update_ref(repo, ref, commit))

    def deployed(self, environment: str) -> str | None:
        """Where :meth:`mark_deployed` pointed the environment's ref last; None when there is none."""
        try:
            return self._ask(lambda repo: _tip(repo, f"refs/chains/deployed/{_checked_ref(environment)}"))
        except UnknownRef:
            return None

    def keep(self, commit: str) -> None:
        """Has ``refs/chains/kept/<commit>`` lead to the commit, whatever becomes of branches. Raises :class:`SourceError`."""
        ref = f"refs/chains/kept/{_checked_ref(commit)}"
        self._ask(lambda repo: _update_ref(repo, ref, commit))

    def forward(self, branch: str, commit: str) -> None:
        """Has a branch lead to the commit, if that contains what the branch has now. Raises :class:`SourceError`."""
        ref = f"refs/heads/{_checked_ref(branch)}"
        try:
            old = self.head(branch)
        except UnknownRef:
            old = ""
        if old and not self.is_ancestor(old, commit):
            raise SourceError(f"{branch} has commits that {commit[:12]} lacks: merge them first")
        self._ask(lambda repo: _update_ref(repo, ref, commit, old or "0" * len(commit)))

    def close(self) -> None:
        """Ends git's processes; a later question opens the repository again."""
        with self._lock:
            self._drop()

    def _ask(self, question: Callable[[git.Repo], T]) -> T:
        with self._lock:
            repo = self._opened()
            try:
                return question(repo)
            except (OSError, GitCommandError) as error:
                self._drop()
                if not _is_there(repo):
                    raise RepositoryGone(f"{self.path} is no longer there") from error
                raise SourceError(f"{self.path}: {_reason(error)}") from error

    def _opened(self) -> git.Repo:
        if self._repo is not None and not _is_there(self._repo):
            self._drop()
        if self._repo is None:
            self._repo = self._open()
        return self._repo

    def _open(self) -> git.Repo:
        try:
            repo = git.Repo(self.path)
        except NoSuchPathError:
            raise RepositoryGone(f"{self.path} is not there") from None
        except (InvalidGitRepositoryError, OSError, ValueError) as error:
            raise RepositoryGone(f"{self.path} is not a git repository ({type(error).__name__})") from error
        quarantined = self._quarantine.environment if self._quarantine else {}
        told = _ENVIRONMENT | {"GIT_DIR": str(repo.git_dir)} | quarantined  # else one of our own would win
        repo.git.update_environment(**told)
        return repo

    def _drop(self) -> None:
        if self._repo is not None:
            self._repo.close()
            self._repo = None


def _checked_ref(name: str) -> str:
    if not name or name.startswith("-") or not name.isprintable():
        raise UnknownRef(f"{name!r} cannot name a branch, tag or commit")
    return name


def _is_there(repo: git.Repo) -> bool:
    return os.path.isfile(os.path.join(repo.git_dir, "HEAD"))  # noqa: PTH113, PTH118 - asked every second: no Path is made


def _tip(repo: git.Repo, ref: str) -> str:
    try:
        return SymbolicReference.dereference_recursive(repo, ref)
    except (
        ValueError,
        AssertionError,
    ):  # an empty file of a ref, while git writes it, fails an assertion of GitPython's
        raise UnknownRef(f"{repo.git_dir} has no commit at {ref}") from None


def _branch_of_head(repo: git.Repo) -> str | None:
    return None if repo.head.is_detached else str(repo.head.reference.path)


def _is_ancestor(repo: git.Repo, earlier: str, later: str) -> bool:
    try:
        repo.git.merge_base("--is-ancestor", earlier, later, kill_after_timeout=GIT_TIMEOUT_S)
    except GitCommandError as error:
        if error.status == 1:
            return False
        raise
    return True


def _rev_parse(repo: git.Repo, ref: str, question: str) -> str:
    try:
        found = repo.git.rev_parse(
            "--verify", "--quiet", "--end-of-options", question, kill_after_timeout=GIT_TIMEOUT_S
        )
    except GitCommandError:
        if not _is_there(repo):
            raise
        raise UnknownRef(f"{repo.git_dir} has no commit {ref}") from None
    return str(found)


def _merge_base(repo: git.Repo, one: str, other: str) -> str | None:
    try:
        found = repo.git.merge_base("--end-of-options", one, other, kill_after_timeout=GIT_TIMEOUT_S)
    except GitCommandError as error:
        if error.status == 1:
            return None
        raise
    return str(found).split("\n", maxsplit=1)[0]


def _listing(repo: git.Repo, commit: str) -> bytes:
    """Ended as soon as it says more than a tree may hold: folders within folders that are all the same have no end."""
    process = repo.git.ls_tree("-r", "-l", "-z", "--full-tree", commit, as_process=True)
    overdue = Timer(GIT_TIMEOUT_S, process.proc.kill)
    overdue.start()
    try:
        listing = bytes(process.stdout.read(LISTING_BYTES + 1))
        if len(listing) > LISTING_BYTES:
            process.proc.kill()
            process.proc.wait()
            raise TreeRefused(f"more than {WORKSPACE_BOUNDS.files:,} files")
        process.wait()
    except GitCommandError as error:
        if not _is_there(repo) or not _NO_TREE.search(str(error.stderr)):
            raise
        raise UnknownRef(f"{repo.git_dir} has no commit {commit}") from None
    finally:
        overdue.cancel()
        for pipe in (process.proc.stdout, process.proc.stderr):
            pipe.close()  # git-python leaves that to the collector
    return listing


def _blob(repo: git.Repo, blob: str) -> bytes:
    try:
        return repo.git.get_object_data(blob)[3]
    except ValueError as error:  # git's batch process does not know it
        raise SourceError(f"{repo.git_dir} lacks the object {blob}") from error


def _update_ref(repo: git.Repo, ref: str, commit: str, *old: str) -> None:
    repo.git.update_ref(ref, commit, *old, kill_after_timeout=GIT_TIMEOUT_S)


def _reason(error: OSError | GitCommandError) -> str:
    if isinstance(error, GitCommandError):
        return str(error.stderr).strip().removeprefix("stderr: ").strip("' \n") or str(error)
    return str(error)
