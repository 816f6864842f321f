"""What may not stand in a tree that is deployed, told as diagnostics: the tree is made by whoever can push.

A chain's folder holds regular files with names that everybody can read, each of them small. Elsewhere a link may stand as long as it
stays inside, and a submodule nowhere: it is not followed, so a run would silently lack it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from chainwright.daemon.sources.trees import (
    DEFINITION_BOUNDS,
    WORKSPACE_BOUNDS,
    TreeEntry,
    TreeRefused,
    check_bounds,
    checked_link,
)

MOST: Final = 50
"""Of diagnostics; more help nobody."""

TargetOf = Callable[[TreeEntry], str]


def screened(entries: Iterable[TreeEntry], folder: str, target_of: TargetOf) -> list[str]:
    """Diagnostics, each ``path:line:column: error: …``, of what keeps the tree from being deployed; empty when nothing does."""
    every = list(entries)
    inside = [one for one in every if one.path.startswith(f"{folder}/")]
    wrong = [*_of_definitions(inside), *_of_all(every, folder, target_of)]
    wrong += _too_much(inside, folder, of_all=every) if not wrong else []
    return wrong[:MOST]


def diagnostic(path: str, what: str) -> str:
    """One line about a path, whatever bytes that is made of."""
    return f"{shown(path)}:1:1: error: {what} [tree]"


def shown(path: str) -> str:
    """The path with everything that does not print as an escape."""
    if path.isprintable():
        return path
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _of_definitions(inside: list[TreeEntry]) -> Iterator[str]:
    for one in inside:
        if one.kind == "link":
            yield diagnostic(one.path, "a symbolic link is not followed; put the file itself there")
        if not one.path.isprintable():
            yield diagnostic(one.path, "the name holds characters that do not print; rename the file")
        if one.kind == "file" and one.size > DEFINITION_BOUNDS.file_bytes:
            limit = DEFINITION_BOUNDS.file_bytes
            yield diagnostic(one.path, f"the file has {one.size:,} bytes, and at most {limit:,} are taken")


def _of_all(every: list[TreeEntry], folder: str, target_of: TargetOf) -> Iterator[str]:
    for one in every:
        if one.kind == "submodule":
            yield diagnostic(one.path, "a submodule is not followed, and runs would lack it; commit its files")
        if one.kind == "link" and not one.path.startswith(f"{folder}/"):
            try:
                checked_link(one.path, target_of(one))
            except TreeRefused as refused:
                yield diagnostic(one.path, shown(str(refused)))


def _too_much(inside: list[TreeEntry], folder: str, *, of_all: list[TreeEntry]) -> Iterator[str]:
    for path, entries, bounds in ((folder, inside, DEFINITION_BOUNDS), (".", of_all, WORKSPACE_BOUNDS)):
        try:
            check_bounds(entries, bounds)
        except TreeRefused as refused:
            yield diagnostic(path, shown(str(refused)))
