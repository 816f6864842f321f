"""What a change of files that are no definitions widens: what agents with secrets execute stands in the same repository."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from chainwright.daemon.core.graph import Agent, Chain
from chainwright.daemon.core.plan.commands import is_prose, names_in, ways_to_name
from chainwright.daemon.core.plan.fields import cut
from chainwright.daemon.core.plan.report import FileChange
from chainwright.daemon.core.plan.sentences import said
from chainwright.daemon.core.plan.widening import Widened

_SHOWN: Final = 5
"""Files that one sentence names."""


def changed_files(base: Mapping[str, str], head: Mapping[str, str]) -> tuple[FileChange, ...]:
    """Every file that comes, goes or differs, by path."""
    paths = sorted(base.keys() | head.keys())
    kinds = ((path, _kind(base.get(path), head.get(path))) for path in paths)
    return tuple(FileChange(kind=kind, path=path) for path, kind in kinds if kind is not None)


def _kind(before: str | None, after: str | None) -> Literal["added", "removed", "changed"] | None:
    if before == after:
        return None
    if before is None:
        return "added"
    return "changed" if after is not None else "removed"


def widened_by_files(
    holders: Sequence[tuple[Chain, Agent]], paths: Sequence[str]
) -> Iterator[tuple[Chain | None, Agent | None, Widened]]:
    """``holders`` are the agents that held secrets and still do, ``paths`` the changed files that define nothing."""
    named: set[str] = set()
    ways = {path: ways_to_name(path) for path in paths}
    for chain, agent in holders:
        words = names_in(agent)
        found = [path for path in paths if not words.isdisjoint(ways[path])]
        named.update(found)
        if found:
            what = said("its command names {}; it holds {}", _listed(found), ", ".join(agent.secrets))
            yield chain, agent, ("file-run-with-secrets", what)
    near = [path for path in paths if path not in named and not is_prose(path)]
    if holders and near:
        yield None, None, ("files-near-secrets", said("agents with secrets could run {}", _listed(near)))


def _listed(paths: Sequence[str]) -> str:
    more = len(paths) - _SHOWN
    return ", ".join(cut(path) for path in paths[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
