"""Two versions of a repository → the plan: what deploying the second in place of the first would do. Nothing of either is executed."""

import posixpath
from collections.abc import Iterator, Sequence
from typing import Final

from chainwright.daemon.core.graph import Agent, Chain
from chainwright.daemon.core.plan.contracts import broken_contracts, new_cycles
from chainwright.daemon.core.plan.drawing import drawn_change
from chainwright.daemon.core.plan.edges import changed_edges
from chainwright.daemon.core.plan.fields import changed_fields
from chainwright.daemon.core.plan.interface import changed_interface
from chainwright.daemon.core.plan.judging import Request, levelled, needed_approvals, violations
from chainwright.daemon.core.plan.pairs import pairs
from chainwright.daemon.core.plan.policy import PATH as POLICY_PATH
from chainwright.daemon.core.plan.report import AgentChange, ChainChange, FileChange, Finding, Plan, Side
from chainwright.daemon.core.plan.risks import WIDENINGS
from chainwright.daemon.core.plan.sentences import Sentence, said
from chainwright.daemon.core.plan.times import changed_schedules
from chainwright.daemon.core.plan.version import Surroundings, Version
from chainwright.daemon.core.plan.widening import Widened, widened
from chainwright.daemon.core.plan.widening_of_chains import widened_chain
from chainwright.daemon.core.plan.widening_of_files import changed_files, widened_by_files
from chainwright.schemas.diagnostic import Diagnostic, Severity

Pair = tuple[Chain | None, Chain | None]

DEFINITION_ENDINGS: Final = frozenset({".yaml", ".yml", ".json"})


def compared(base: Version, head: Version, around: Surroundings, *, folder: str = "workflows") -> Plan:
    """The plan. ``folder`` is where the definitions of both stand."""
    matched = list(pairs(base.chains, head.chains))
    files = changed_files(base.files, head.files)
    others = [one.path for one in files if one.path != POLICY_PATH and not _is_definition(one.path, folder)]
    findings = levelled(
        [*_findings_of_policy(files), *_findings_of_chains(matched), *_findings_of_files(matched, others)],
        around.policies,
    )
    return Plan(
        base=_side(base),
        head=_side(head),
        chains=tuple(change for pair in matched if (change := _change(*pair, around.now)) is not None),
        widening=findings,
        approvals=needed_approvals(findings, files, around.policies),
        violations=violations(_requests(matched), around.branch, around.policies),
        policies=tuple(policy.origin for policy in around.policies),
        files=files,
        diagnostics=_news(base.diagnostics, head.diagnostics),
        notes=tuple(_notes(base, head, around)),
    )


def _side(version: Version) -> Side:
    return Side(revision=version.revision, commit=version.commit, is_valid=version.is_valid)


def _is_definition(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/") and posixpath.splitext(path)[1] in DEFINITION_ENDINGS


def _news(base: Sequence[Diagnostic], head: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Errors, and what else the base was not told already: a plan is not the place to repeat old warnings."""
    known = {(one.path, one.rule, one.message) for one in base}
    return tuple(
        one for one in head if one.severity is Severity.ERROR or (one.path, one.rule, one.message) not in known
    )


def _notes(base: Version, head: Version, around: Surroundings) -> Iterator[Sentence]:
    if not base.is_valid:
        yield said("the base {} does not load: it is compared as far as it can be read", base.revision)
    if not head.is_valid:
        yield said("the head {} does not load and changes nothing: it is shown as far as it can be read", head.revision)
    if not around.branch and any(rule.branches for policy in around.policies for rule in policy.secrets):
        yield said("a policy keeps secrets to branches, and which branch is to be moved is not known")


def _change(before: Chain | None, after: Chain | None, now: float) -> ChainChange | None:
    """None for a chain that is as it was."""
    if after is None:
        assert before is not None
        return _gone(before)
    if before is None:
        return _come(after, now)
    if before == after or (_is_same(before, after) and before.path == after.path):
        return None
    return _changed(before, after, now)


def _is_same(before: Chain, after: Chain) -> bool:
    """Whether only the definitions that it calls differ, which are told where they stand."""
    return before.id == after.id and not any(_differences(before, after, 0.0))


def _differences(before: Chain, after: Chain, now: float) -> Iterator[object]:
    yield from changed_fields(before, after)
    yield from _agents(before, after)
    yield from changed_interface(before, after)
    yield from changed_schedules(before, after, now)


def _gone(before: Chain) -> ChainChange:
    return ChainChange(
        kind="removed",
        id=before.id,
        path=before.path,
        agents=tuple(AgentChange(kind="removed", id=name) for name in before.agents),
        schedules=changed_schedules(before, None, 0.0),
    )


def _come(after: Chain, now: float) -> ChainChange:
    return ChainChange(
        kind="added",
        id=after.id,
        path=after.path,
        agents=tuple(AgentChange(kind="added", id=name) for name in after.agents),
        edges=changed_edges(None, after),
        schedules=changed_schedules(None, after, now),
        contracts=broken_contracts(None, after),
        cycles=new_cycles(None, after),
        graph=drawn_change(None, after),
    )


def _changed(before: Chain, after: Chain, now: float) -> ChainChange:
    is_renamed = before.id != after.id or before.path != after.path
    return ChainChange(
        kind="renamed" if is_renamed else "changed",
        id=after.id,
        path=after.path,
        was=before.id if before.id != after.id else "",
        was_path=before.path if before.path != after.path else "",
        fields=changed_fields(before, after),
        agents=tuple(_agents(before, after)),
        edges=changed_edges(before, after),
        interface=changed_interface(before, after),
        schedules=changed_schedules(before, after, now),
        contracts=broken_contracts(before, after),
        cycles=new_cycles(before, after),
        graph=drawn_change(before, after),
    )


def _agents(before: Chain, after: Chain) -> Iterator[AgentChange]:
    for name, agent in after.agents.items():
        if name not in before.agents:
            yield AgentChange(kind="added", id=name)
        elif fields := changed_fields(before.agents[name], agent):
            yield AgentChange(kind="changed", id=name, fields=fields)
    for name in before.agents:
        if name not in after.agents:
            yield AgentChange(kind="removed", id=name)


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


def _requests(matched: Sequence[Pair]) -> Iterator[Request]:
    """The secrets that agents get by the change, and those that a chain takes along to another file."""
    for before, after in matched:
        if after is not None:
            kept = before.agents if before is not None and before.path == after.path else {}
            for name, agent in after.agents.items():
                held = kept[name].secrets if name in kept else ()
                yield Request(chain=after, agent=agent, secrets=tuple(one for one in agent.secrets if one not in held))


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
