"""What the policies say of a change: the approvals that it needs and why, and what it must not do at all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chainwright.daemon.core.filters import included
from chainwright.daemon.core.graph import Agent, Chain
from chainwright.daemon.core.plan.policy import Agreement, Policy, Restriction
from chainwright.daemon.core.plan.report import FileChange, Finding, NeededApproval
from chainwright.daemon.core.plan.risks import Risk
from chainwright.daemon.core.plan.sentences import Sentence, said

MAX_REASONS: Final = 20
"""Reasons that are given for one approval."""

_EXPRESSION: Final = "${{"
"""In a label: what it will be is known in a run, so that it has to fit every rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An agent with the secrets and the labels of hosts that a change gives it, or that it takes along to another file."""

    chain: Chain
    agent: Agent
    secrets: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def levelled(findings: Iterable[Finding], policies: Sequence[Policy]) -> tuple[Finding, ...]:
    """The findings with the risk that the strictest policy sees in them, the riskiest first."""
    found = [replace(one, risk=_strictest(one, policies)) for one in findings]
    return tuple(sorted(found, key=lambda one: -one.risk.rank))


def _strictest(found: Finding, policies: Sequence[Policy]) -> Risk:
    return max((policy.level(found.rule) for policy in policies), key=lambda risk: risk.rank, default=found.risk)


def needed_approvals(
    findings: Sequence[Finding], files: Sequence[FileChange], policies: Sequence[Policy]
) -> tuple[NeededApproval, ...]:
    """Each group of people that has to agree, once, with the largest number of them and the reasons."""
    merged: dict[tuple[str, ...], NeededApproval] = {}
    for agreement, because in _needs(findings, files, policies):
        people = tuple(sorted(agreement.by))
        known = merged.get(people, NeededApproval(by=people))
        merged[people] = replace(
            known,
            count=max(known.count, agreement.count),
            because=known.because
            if because in known.because or len(known.because) >= MAX_REASONS
            else (*known.because, because),
        )
    return tuple(merged.values())


def _needs(
    findings: Sequence[Finding], files: Sequence[FileChange], policies: Sequence[Policy]
) -> Iterator[tuple[Agreement, Sentence]]:
    for policy in policies:
        for one in findings:
            if agreement := policy.agreement(policy.level(one.rule)):
                yield agreement, _reason(one, policy)
        for owner in policy.owners:
            for file in files:
                if _fits(file.path, owner.files):
                    yield owner.agreement, said("{} has owners ({})", file.path, policy.origin)


def _reason(found: Finding, policy: Policy) -> Sentence:
    risk = policy.level(found.rule).value
    about = [name for name in (found.chain, found.agent) if name]
    where = f" in {': '.join('{}' for _ in about)}" if about else ""
    return said(f"{found.rule}{where} is of {risk} risk ({{}})", *about, policy.origin)


def violations(requests: Iterable[Request], branch: str, policies: Sequence[Policy]) -> tuple[Sentence, ...]:
    """What no approval mends. A rule about branches is not asked where the branch is not known (empty)."""
    found = (
        sentence
        for request in requests
        for policy in policies
        for verb, names, rules in (
            ("have", request.secrets, policy.secrets),
            ("run on", request.labels, policy.hosts),
        )
        for name in names
        for rule in rules
        if _EXPRESSION in name or _fits(name, rule.names)
        for sentence in _broken(request, (verb, name), branch, rule, policy)
    )
    return tuple(dict.fromkeys(found))


def _broken(
    request: Request, wish: tuple[str, str], branch: str, rule: Restriction, policy: Policy
) -> Iterator[Sentence]:
    verb, name = wish
    who = (request.chain.id, request.agent.id)
    if rule.files and not _fits(request.chain.path, rule.files):
        allowed = ", ".join(rule.files)
        yield said(
            f"{{}}: {{}} may not {verb} {{}}, which is for chains of {{}} ({{}})", *who, name, allowed, policy.origin
        )
    if rule.branches and branch and not _fits(branch, rule.branches):
        allowed = ", ".join(rule.branches)
        yield said(
            f"{{}}: {{}} may not {verb} {{}}, which is for branches {{}} ({{}})", *who, name, allowed, policy.origin
        )


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return included(patterns, [name])[0].is_included
