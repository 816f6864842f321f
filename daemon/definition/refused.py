"""Takes out of a file what is refused by name, before its form is checked: features to come and words of GitHub Actions.

Both are tables of paths; they are walked together as a tree of keys, so a file is passed through once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from chainwright.daemon.definition import gha_keys
from chainwright.daemon.definition.nodes import Mapping, Node, Path, Scalar, Sequence, at, key_span, without
from chainwright.daemon.definition.source import Findings
from chainwright.schemas import unsupported
from chainwright.schemas.diagnostic import Span
from chainwright.schemas.unsupported import Unsupported

Kind = Literal["chain", "agent", "policy"]

_TABLES: Final[dict[Kind, tuple[Unsupported, ...]]] = {
    "chain": unsupported.CHAIN,
    "agent": unsupported.AGENT,
    "policy": (),
}


_MISPLACED: Final = (
    (
        "agents.*.limits.turns",
        '"turns" does not bound a single turn',
        'say "max-turns" beside "limits", or put the limit at the top of the chain',
    ),
)
"""Path of keys, message, hint: words of the language where they have no meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    rule: str
    message: str
    hint: str = ""
    value: str | None = None
    """A regular expression for the texts that are refused; None refuses whatever stands there."""

    def concerns(self, node: Node) -> bool:
        if self.value is None:
            return True
        return isinstance(node, Scalar) and isinstance(node.value, str) and bool(re.fullmatch(self.value, node.value))


@dataclass(slots=True)
class _Table:
    """What is refused here, and below which keys more may be."""

    refusals: list[_Refusal] = field(default_factory=list)
    below: dict[str, "_Table"] = field(default_factory=dict)

    def enter(self, where: str, refusal: _Refusal) -> None:
        table = self
        for step in where.split("."):
            table = table.below.setdefault(step, _Table())
        table.refusals.append(refusal)

    def at(self, step: str | int) -> list["_Table"]:
        return [self.below[key] for key in (str(step), "*") if key in self.below]


def take_out_refused(root: Node, kind: Kind, findings: Findings) -> tuple[Node, list[Path]]:
    """The tree without what is refused by name, and the paths that went; each is an error in ``findings``."""
    found = list(_found(root, (), [_table(kind)]))
    for path, refusal in found:
        findings.error(_span(root, path, refusal), refusal.rule, refusal.message, hint=refusal.hint)
    paths = list(dict.fromkeys(path for path, _ in found))
    return without(root, paths), paths


def refused_paths(root: Node, kind: Kind) -> list[tuple[Path, str]]:
    """The path of each value that would be refused by name, with the reason: what an importer must not leave in a file."""
    return [(path, refusal.message) for path, refusal in _found(root, (), [_table(kind)])]


@cache
def _table(kind: Kind) -> _Table:
    table = _Table()
    for entry in _TABLES[kind]:
        message = f"{entry.what} is not supported yet"
        table.enter(entry.where, _Refusal(rule="not-supported", message=message, value=entry.value))
    if kind == "chain":
        _enter_gha_keys(table)
        for where, message, hint in _MISPLACED:
            table.enter(where, _Refusal(rule="unknown-key", message=message, hint=hint))
    return table


def _enter_gha_keys(table: _Table) -> None:
    for where, fix in gha_keys.FIXES:
        word = where.rpartition(".")[2]
        table.enter(where, _of_github(f'"{word}" of a step' if ".steps." in where else f'"{word}"', fix))
    for where, word, fix in gha_keys.VALUE_FIXES:
        table.enter(where, _of_github(f'"{word}"', fix, value=word))


def _of_github(word: str, fix: str, value: str | None = None) -> _Refusal:
    return _Refusal(rule="gha-key", message=f"{word} is a word of GitHub Actions", hint=fix, value=value)


def with_jobs_as_agents(root: Node, findings: Findings) -> Node:
    """The tree with ``agents`` where it says ``jobs``, which is an error in ``findings``."""
    if not isinstance(root, Mapping) or gha_keys.JOBS not in root.entries or "agents" in root.entries:
        return root
    refusal = _of_github(f'"{gha_keys.JOBS}"', 'say "agents"')
    findings.error(root.entries[gha_keys.JOBS].key.span, refusal.rule, refusal.message, hint=refusal.hint)
    entries = {"agents" if key == gha_keys.JOBS else key: entry for key, entry in root.entries.items()}
    return Mapping(entries, root.place)


def _found(node: Node, path: Path, tables: list[_Table]) -> Iterable[tuple[Path, _Refusal]]:
    for step, value in _children(node):
        below = [table for above in tables for table in above.at(step)]
        for refusal in (refusal for table in below for refusal in table.refusals):
            if refusal.concerns(value):
                yield (*path, step), refusal
                break
        if below:
            yield from _found(value, (*path, step), below)


def _children(node: Node) -> Iterable[tuple[str | int, Node]]:
    if isinstance(node, Mapping):
        return [(key, entry.value) for key, entry in node.entries.items()]
    return enumerate(node.items) if isinstance(node, Sequence) else ()


def _span(root: Node, path: Path, refusal: _Refusal) -> Span:
    """A refused field is pointed at by its key, a refused value by itself."""
    value = at(root, *path)
    found = value.span if refusal.value is not None and value else key_span(root, *path)
    return found or root.span
