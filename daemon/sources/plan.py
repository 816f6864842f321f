"""Two commits → the plan: reads what ``daemon.core.plan`` compares, through objects alone. Nothing of either commit is executed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from chainwright.daemon.core.plan.comparing import compared
from chainwright.daemon.core.plan.policy import PATH as POLICY_PATH
from chainwright.daemon.core.plan.policy import unreadable
from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.core.plan.sentences import Sentence, said
from chainwright.daemon.core.plan.text import located
from chainwright.daemon.core.plan.version import Surroundings, Version
from chainwright.daemon.definition.named_files import ReadFile
from chainwright.daemon.definition.policy import ReadPolicy, read_policy
from chainwright.daemon.definition.source import MAX_BYTES
from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.linter import lint_repository
from chainwright.daemon.sources.deployment import DEFAULT_FOLDER
from chainwright.daemon.sources.repository import Repository, UnknownRef
from chainwright.daemon.sources.trees import TreeEntry, TreeRefused
from chainwright.schemas.diagnostic import Diagnostic, Severity, Span

NOTHING: Final = "nothing"
"""What a base is called where there is none: the first push of a branch."""

Lint = Callable[[Mapping[str, bytes], str, ReadFile | None], Linted]


def plan_of(
    repository: Repository,
    base: str | None,
    head: str,
    around: Surroundings,
    *,
    folder: str = DEFAULT_FOLDER,
    from_common: bool = False,
    lint: Lint = lint_repository,
) -> Plan:
    """What deploying ``head`` in place of ``base`` would do; without a base, everything is new.

    ``from_common`` takes the newest commit that both come from as the base, as a pull request does. A commit that does not load is
    compared as far as it can be read, and the plan says so. The change is judged by the policies of ``around``, and by that of ``base``
    itself, the tip: never by what it brings along. Raises ``UnknownRef`` (also for no common commit), ``RepositoryGone`` and
    ``SourceError``.
    """
    target = repository.resolve(head)
    after = _version(repository, head, target, folder, lint)
    if base is None:
        return compared(Version(revision=NOTHING), after, around, folder=folder)
    tip = repository.resolve(base)
    common = repository.merge_base(tip, target)
    if from_common and common is None:
        raise UnknownRef(f"{base} and {head} have no commit in common")
    start = common if from_common and common else tip
    before = _version(repository, base, start, folder, lint)
    plan = compared(before, after, _with_policy(around, repository, base, tip), folder=folder)
    return plan.with_notes(*_notes(base, head, start, common))


def _notes(base: str, head: str, start: str, common: str | None) -> tuple[Sentence, ...]:
    """What the history of the two says about the comparison."""
    if start == common:
        return ()
    if common is None:
        return (said("{} and {} have no commit in common: all that differs is told as a change", base, head),)
    return (said("{} holds commits that {} does not: what they brought is told as taken away", base, head),)


def version_of(
    revision: str,
    definitions: Mapping[str, bytes],
    *,
    commit: str = "",
    files: Mapping[str, str],
    folder: str = DEFAULT_FOLDER,
    lint: Lint = lint_repository,
    read: ReadFile | None = None,
) -> Version:
    """A version from the contents of its definitions; ``files`` are all of its tree, each with what tells it from another.

    ``read`` gives the other files that chains name. Agents of other repositories are not fetched: a plan is for anybody's change.
    """
    linted = lint(definitions, folder, read)
    return Version(revision=revision, commit=commit, chains=linted.drafts, diagnostics=linted.diagnostics, files=files)


def _version(repository: Repository, revision: str, commit: str, folder: str, lint: Lint) -> Version:
    try:
        files = {entry.path: _identity(entry) for entry in repository.tree(commit)}
        definitions = repository.files(commit, folder)
    except TreeRefused as refused:
        return Version(revision=revision, commit=commit, diagnostics=(_refusal(folder, str(refused)),))
    read = partial(repository.named_file, commit)
    found = version_of(revision, definitions, commit=commit, files=files, folder=folder, lint=lint, read=read)
    policy = _policy(repository, revision, commit)
    return found if policy is None else replace(found, diagnostics=(*policy.diagnostics, *found.diagnostics))


def _with_policy(around: Surroundings, repository: Repository, base: str, tip: str) -> Surroundings:
    found = _policy(repository, base, tip)
    return around if found is None else replace(around, policies=(*around.policies, found.policy))


def _policy(repository: Repository, revision: str, commit: str) -> ReadPolicy | None:
    """That of a commit; what stands in its place and is no file cannot be read."""
    origin = f"{POLICY_PATH} of {revision}"
    try:
        entry = next((one for one in repository.tree(commit) if one.path == POLICY_PATH), None)
    except TreeRefused:
        return ReadPolicy(policy=unreadable(origin), diagnostics=())
    if entry is None:
        return None
    if entry.kind != "file" or entry.size > MAX_BYTES:
        refusal = _refusal(POLICY_PATH, "it is no file, or too large for one")
        return ReadPolicy(policy=unreadable(origin), diagnostics=(refusal,))
    return read_policy(POLICY_PATH, repository.blobs([entry.blob])[entry.blob], origin)


def policy_faults(repository: Repository, commit: str) -> tuple[str, ...]:
    """Why nobody could say what the policy of a commit wants; empty where it can be read, and where there is none."""
    found = _policy(repository, commit[:12], commit)
    wrong = [] if found is None else [one for one in found.diagnostics if one.severity is Severity.ERROR]
    return tuple(map(located, wrong))


def _identity(entry: TreeEntry) -> str:
    return f"{entry.kind} {'x' if entry.is_executable else '-'} {entry.blob}"


def _refusal(path: str, why: str) -> Diagnostic:
    return Diagnostic(path=path, span=Span(), severity=Severity.ERROR, rule="tree-refused", message=why)
