"""Commit → deployment: every chain of the tree compiled and one hash over all of them, or nothing at all.

How a tree becomes chains is handed in, so this knows neither YAML nor rules. Keeping the last good deployment in force, and recording
either result, is the caller's part.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from chainwright.daemon.core.access import DEFAULT_ENVIRONMENT
from chainwright.daemon.core.graph import Chain, digest
from chainwright.daemon.definition.named_files import ReadFile
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.screening import diagnostic, screened, shown
from chainwright.daemon.sources.trees import SourceError, TreeRefused

DEFAULT_FOLDER: Final = "workflows"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTree:
    """What a loader made of the files of a tree; ``chains`` count only if ``ok``."""

    chains: dict[str, Chain]
    diagnostics: tuple[str, ...]
    """``path:line:column: …``, warnings included."""
    ok: bool


Load = Callable[[Mapping[str, bytes], ReadFile, str], LoadedTree]
"""Gets the files of definitions by path, reads the others that these name, and knows which folder holds the chains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A commit whose chains can be in force."""

    commit: str
    chains: dict[str, Chain]
    digests: dict[str, str]
    """Chain id → hash of its compiled form."""
    hash: str
    """Over all chains: equal for two commits that define the same."""
    diagnostics: tuple[str, ...] = ()
    """Warnings and notes."""
    unmarked: str = ""
    """Why ``refs/chains/deployed/…`` does not name the commit, if so: the repository may be read-only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A commit that changes nothing, and why."""

    commit: str
    diagnostics: tuple[str, ...]


def compiled(repository: Repository, commit: str, load: Load, *, folder: str = DEFAULT_FOLDER) -> Deployed | Refused:
    """The deployment that the commit would make, or what is wrong with it.

    Raises ``RepositoryGone`` and ``UnknownRef`` when the commit cannot be read: that says nothing about it.
    """
    if fault := repository.signature_fault(commit):
        return Refused(commit=commit, diagnostics=(f"{commit[:12]}: error: {fault} [signature]",))
    try:
        wrong = screened(repository.tree(commit), folder, repository.link_target)
        files = {} if wrong else repository.files(commit, folder)
    except TreeRefused as refused:
        wrong = [diagnostic(folder, shown(str(refused)))]
    if wrong:
        return Refused(commit=commit, diagnostics=tuple(wrong))
    loaded = load(files, partial(repository.named_file, commit), folder)
    if not loaded.ok:
        return Refused(commit=commit, diagnostics=loaded.diagnostics)
    digests = {chain_id: digest(chain) for chain_id, chain in loaded.chains.items()}
    return Deployed(
        commit=commit,
        chains=loaded.chains,
        digests=digests,
        hash=_hash(digests),
        diagnostics=loaded.diagnostics,
    )


def deploy(
    repository: Repository,
    commit: str,
    load: Load,
    *,
    folder: str = DEFAULT_FOLDER,
    environment: str = DEFAULT_ENVIRONMENT,
) -> Deployed | Refused:
    """As :func:`compiled`; a commit that loads is marked in the repository."""
    made = compiled(repository, commit, load, folder=folder)
    return replace(made, unmarked=_mark(repository, environment, commit)) if isinstance(made, Deployed) else made


def _hash(digests: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()


def _mark(repository: Repository, environment: str, commit: str) -> str:
    try:
        repository.mark_deployed(environment, commit)
    except SourceError as error:
        return str(error)
    return ""
