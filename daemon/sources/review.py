"""Changes under review in a repository: what refs/for/… means, what merging would make, and making it. Objects alone, no work tree."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chainwright.daemon.core.change_requests import Outlook
from chainwright.daemon.core.plan.policy import PATH as POLICY_PATH
from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.core.plan.version import Surroundings
from chainwright.daemon.lint.linter import lint_repository
from chainwright.daemon.sources.git_command import git, tried
from chainwright.daemon.sources.plan import Lint, plan_of
from chainwright.daemon.sources.repository import Repository, UnknownRef
from chainwright.daemon.sources.source import Environment
from chainwright.daemon.sources.trees import SourceError

FOR: Final = "refs/for/"
"""What a change request for a branch is pushed to."""
MAX_DIFF: Final = 1 << 20
"""Characters of a diff that are handed out."""

_CONFLICT: Final = 1
_LARGE: Final = "core.bigFileThreshold=1m"
"""Larger files count as binary: a patch of one would fill memory, and nobody reads it."""


def wanted_branch(ref: str) -> str:
    """The branch that a pushed ref asks to be changed; empty for any other ref."""
    return ref.removeprefix(FOR) if ref.startswith(FOR) else ""


def head_ref(number: int) -> str:
    """Where the newest commit of a change request is kept, for people to fetch."""
    return f"refs/changes/{number}/head"


def number_of(ref: str) -> int:
    """The change request whose :func:`head_ref` it is."""
    return int(ref.split("/")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The branch that a change is for, without ``refs/heads/``, and what is deployed from it."""

    branch: str
    environments: tuple[Environment, ...]
    now: float


def plans_of(
    repository: Repository, base: str, head: str, target: Target, *, lint: Lint = lint_repository
) -> dict[str, Plan]:
    """What the branch would do with the head, for each environment that is deployed from it. Raises :class:`SourceError`.

    Of a branch that nothing is deployed from: what it would do if it were.
    """
    around = Surroundings(now=target.now, branch=target.branch)
    chosen = target.environments or (Environment(name=target.branch, branch=target.branch),)
    return {
        one.name: plan_of(repository, base, head, around, folder=one.folder, from_common=True, lint=lint)
        for one in chosen
    }


def outlook(repository: Repository, head: str, target: Target) -> Outlook:
    """What merging the head into the branch, as they are now, would do. Raises :class:`SourceError`."""
    tip = repository.head(target.branch)
    conflicts = _joined(repository.path, tip, head)[1] if _diverged(repository, tip, head) else ()
    return Outlook(plans=plans_of(repository, tip, head, target), conflicts=conflicts)


def has_policy(repository: Repository, commit: str) -> bool:
    """Whether anybody is to be asked about changes to it. Raises :class:`SourceError`."""
    return any(one.path == POLICY_PATH for one in repository.tree(commit))


def merged(repository: Repository, tip: str, head: str, *, message: str, who: str) -> str:
    """The commit that has both: the head itself where it contains the tip, else a new one. Raises SourceError for a conflict."""
    if not _diverged(repository, tip, head):
        return head
    tree, conflicts = _joined(repository.path, tip, head)
    if conflicts:
        raise SourceError(f"both sides changed {', '.join(conflicts)}")
    name = "".join(one for one in who if one.isprintable() and one not in "<>") or "chainwright"
    people = {f"GIT_{role}_{part}": value for role in _ROLES for part, value in (("NAME", name), ("EMAIL", ""))}
    done = tried(repository.path, "commit-tree", tree, "-p", tip, "-p", head, "-m", message, environment=people)
    if done.returncode:
        raise SourceError(f"git commit-tree: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode().strip()


_ROLES: Final = ("AUTHOR", "COMMITTER")


def diff(repository: Repository, base: str, head: str) -> str:
    """What the head brings since it left the base, as a patch. Raises :class:`SourceError`."""
    tip = repository.resolve(base)
    start = repository.merge_base(tip, head)
    if start is None:
        raise UnknownRef(f"{base} and {head[:12]} have no commit in common")
    told = git(repository.path, "-c", _LARGE, "diff", "--no-ext-diff", "--no-textconv", "--no-color", start, head)
    return told[:MAX_DIFF].encode(errors="surrogateescape").decode(errors="replace")


def subject(repository: Repository, commit: str) -> str:
    """The first line of a commit's message. Raises :class:`SourceError`."""
    told = git(repository.path, "log", "-1", "--no-show-signature", "--format=%s", commit)
    return told.strip().encode(errors="surrogateescape").decode(errors="replace")


def keep_head(path: Path, number: int, commit: str) -> None:
    """Has :func:`head_ref` lead to the commit. Raises :class:`SourceError`."""
    git(path, "update-ref", head_ref(number), commit)


def move(repository: Repository, branch: str, old: str, new: str) -> None:
    """Has the branch lead to ``new``, if it still leads to ``old``, or has it already. Raises :class:`SourceError`."""
    if not repository.is_ancestor(new, repository.head(branch)):
        git(repository.path, "update-ref", f"refs/heads/{branch}", new, old)


def _diverged(repository: Repository, tip: str, head: str) -> bool:
    return not repository.is_ancestor(tip, head)


def _joined(path: Path, tip: str, head: str) -> tuple[str, tuple[str, ...]]:
    """The tree that has both sides, and the files in which they contradict each other."""
    done = tried(path, "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", tip, head)
    if done.returncode not in (0, _CONFLICT):
        raise SourceError(f"git merge-tree: {done.stderr.decode(errors='replace').strip()}")
    tree, *names = done.stdout.decode(errors="replace").rstrip("\0").split("\0")
    return tree.strip(), tuple(dict.fromkeys(filter(None, names))) if done.returncode else ()
