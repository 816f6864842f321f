"""Files of a commit → chains, by the linter: what ``sources`` is handed to load a tree with."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from chainwright.daemon.definition.named_files import ReadFile
from chainwright.daemon.definition.remotes import ReadRemote, nothing_fetched
from chainwright.daemon.sources.deployment import DEFAULT_FOLDER, LoadedTree
from chainwright.schemas.diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from chainwright.daemon.lint.linted import Linted
    from chainwright.daemon.lint.memory import LintMemory


def load_tree(
    files: Mapping[str, bytes],
    read: ReadFile | None = None,
    folder: str = DEFAULT_FOLDER,
    remotes: ReadRemote = nothing_fetched,
) -> LoadedTree:
    """The chains of these files below the folder, or what is wrong with them; nothing is ok while one error stands.

    ``read`` gives the other files that chains name; without it these are among ``files``. ``remotes``
    gives the agents of other repositories; what it has not fetched is only noted.
    """
    # A daemon that starts again on the commit that is in force never needs the linter, and starts a seventh sooner.
    from chainwright.daemon.lint.formats.text import one_line_with_hint
    from chainwright.daemon.lint.linter import lint_repository

    linted = lint_repository(files, folder, read=read, remotes=remotes, memory=_memory())
    found = sorted(linted.diagnostics, key=_is_no_error)  # who shows only the first shows why it does not load
    return LoadedTree(
        chains=dict(linted.chains),
        diagnostics=tuple(one_line_with_hint(one) for one in found),
        ok=all(map(_is_no_error, found)),
    )


def lint_tree(files: Mapping[str, bytes], folder: str, read: ReadFile | None) -> "Linted":
    """What a plan reads a tree with: as :func:`load_tree` does, remembering what it has seen."""
    from chainwright.daemon.lint.linter import lint_repository

    return lint_repository(files, folder, read, memory=_memory())


def _is_no_error(found: Diagnostic) -> bool:
    return found.severity is not Severity.ERROR


@cache
def _memory() -> "LintMemory":
    """Of the whole process: every source and every push finds what any of them has seen."""
    from chainwright.daemon.lint.memory import LintMemory

    return LintMemory()
