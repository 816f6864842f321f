"""Two versions of a repository → the plan: what deploying the second in place of the first would do. Nothing of either is executed."""

from collections.abc import Iterator, Sequence

from chainwright.daemon.core.plan.chain_changes import changed_chain
from chainwright.daemon.core.plan.contracts_between import broken_between
from chainwright.daemon.core.plan.estimates import estimated
from chainwright.daemon.core.plan.findings import findings_of, requests_of
from chainwright.daemon.core.plan.judging import levelled, needed_approvals, violations
from chainwright.daemon.core.plan.pairs import pairs
from chainwright.daemon.core.plan.report import Plan, RunInFlight, Side
from chainwright.daemon.core.plan.sentences import Sentence, said
from chainwright.daemon.core.plan.version import Surroundings, Version
from chainwright.daemon.core.plan.widening_of_files import changed_files
from chainwright.schemas.diagnostic import Diagnostic, Severity


def compared(base: Version, head: Version, around: Surroundings, *, folder: str = "workflows") -> Plan:
    """The plan. ``folder`` is where the definitions of both stand."""
    matched = list(pairs(base.chains, head.chains))
    told = [(pair, change) for pair in matched if (change := changed_chain(*pair, around.now)) is not None]
    changed = [pair for pair, _ in told]
    files = changed_files(base.files, head.files)
    findings = levelled(findings_of(matched, files, folder), around.policies)
    return Plan(
        base=_side(base),
        head=_side(head),
        chains=tuple(change for _, change in told),
        widening=findings,
        approvals=needed_approvals(findings, files, around.policies),
        violations=violations(requests_of(matched), around.branch, around.policies),
        policies=tuple(policy.origin for policy in around.policies),
        contracts=broken_between(base.chains, head.chains),
        files=files,
        runs=_runs({before.id for before, _ in changed if before}, around.runs),
        estimates=estimated(changed, around.history, around.now),
        diagnostics=_news(base.diagnostics, head.diagnostics),
        notes=tuple(_notes(base, head, around)),
    )


def _runs(chains: set[str], runs: Sequence[RunInFlight]) -> tuple[RunInFlight, ...]:
    return tuple(run for run in runs if run.chain in chains)


def _side(version: Version) -> Side:
    return Side(revision=version.revision, commit=version.commit, is_valid=version.is_valid)


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
    if not around.branch and any(
        rule.branches for policy in around.policies for rule in (*policy.secrets, *policy.hosts)
    ):
        yield said("a policy keeps secrets to branches, and which branch is to be moved is not known")
