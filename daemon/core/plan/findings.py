"""Everything that a change widens, as findings with a place: of its chains and agents, its files, and the policy itself."""

import posixpath
from collections.abc import Iterator, Sequence
from typing import Final

from chainwright.daemon.core.graph import Agent, Chain
from chainwright.daemon.core.host_labels import LOCAL
from chainwright.daemon.core.plan.judging import Request
from chainwright.daemon.core.plan.policy import PATH as POLICY_PATH
from chainwright.daemon.core.plan.report import FileChange, Finding
from chainwright.daemon.core.plan.risks import WIDENINGS
from chainwright.daemon.core.plan.sentences import said
from chainwright.daemon.core.plan.widening import Widened, widened
from chainwright.daemon.core.plan.widening_of_chains import widened_chain
from chainwright.daemon.core.plan.widening_of_files import widened_by_files

Pair = tuple[Chain | None, Chain | None]
"""A chain of the base and what it is in the head; None where it is not there."""

DEFINITION_ENDINGS: Final = frozenset({".yaml", ".yml", ".json"})


def findings_of(matched: Sequence[Pair], files: Sequence[FileChange], folder: str) -> list[Finding]:
    """Each with its usual risk. ``folder`` is where the definitions stand."""
    others = [one.path for one in files if one.path != POLICY_PATH and not _is_definition(one.path, folder)]
    return [*_findings_of_policy(files), *_findings_of_chains(matched), *_findings_of_files(matched, others)]


def _is_definition(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/") and posixpath.splitext(path)[1] in DEFINITION_ENDINGS


def _findings_of_chains(matched: Sequence[Pair]) -> Iterator[Finding]:
    for before, after in matched:
        if after is not None:
            yield from (_finding(one, after, None) for one in widened_chain(before, after))
            for name, agent in after.agents.items():
                was = before.agents.get(name) if before else None
                if was != agent:
                    yield from (_finding(one, after, agent) for one in widened(was, agent))


def _findings_of_policy(files: Sequence[FileChange]) -> Iterator[Finding]:
    for one in files:
        if one.path == POLICY_PATH:
            yield _finding(("policy-changed", said(f"{{}} is {one.kind}", one.path)), None, None)


def requests_of(matched: Sequence[Pair]) -> Iterator[Request]:
    """The secrets and hosts that agents get by the change, and those that a chain takes along to another file."""
    for before, after in matched:
        if after is not None:
            kept = before.agents if before is not None and before.path == after.path else {}
            for name, agent in after.agents.items():
                held = kept.get(name, Agent(id=name))
                labels = agent.runs_on or (LOCAL,)
                yield Request(
                    chain=after,
                    agent=agent,
                    secrets=tuple(one for one in agent.secrets if one not in held.secrets),
                    labels=tuple(one for one in labels if name not in kept or one not in (held.runs_on or (LOCAL,))),
                )


def _findings_of_files(matched: Sequence[Pair], paths: Sequence[str]) -> Iterator[Finding]:
    holders = [(after, agent) for before, after in matched if before and after for agent in _holders(before, after)]
    for chain, agent, one in widened_by_files(holders, paths):
        yield _finding(one, chain, agent)


def _holders(before: Chain, after: Chain) -> Iterator[Agent]:
    """Agents that held secrets and still do: of those that get their first, that itself is told."""
    for name, agent in after.agents.items():
        if agent.secrets and name in before.agents and before.agents[name].secrets:
            yield agent


def _finding(one: Widened, chain: Chain | None, agent: Agent | None) -> Finding:
    rule, what = one
    kind = WIDENINGS[rule]
    return Finding(
        rule=rule,
        risk=kind.risk,
        what=what,
        why=kind.why,
        chain=chain.id if chain else "",
        agent=agent.id if agent else "",
        path=chain.path if chain else "",
    )
