"""A policy file → the policy, with a diagnostic for everything that does not fit."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.core.filters import FilterError, pattern
from chainwright.daemon.core.plan.policy import Agreement, OwnerRule, Policy, Restriction, unreadable
from chainwright.daemon.core.plan.risks import Risk
from chainwright.daemon.definition.form import check_form
from chainwright.daemon.definition.nodes import Node, Scalar, Sequence, at
from chainwright.daemon.definition.reading import read
from chainwright.daemon.definition.source import Findings
from chainwright.schemas import policy as form
from chainwright.schemas.diagnostic import Diagnostic
from chainwright.schemas.policy import PolicyFile

_PATTERNS: Final = {
    "secrets": ("names", "files", "branches"),
    "hosts": ("labels", "files", "branches"),
    "owners": ("files",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPolicy:
    """``policy`` asks a person about everything where the file has errors: what it wanted is not known."""

    policy: Policy
    diagnostics: tuple[Diagnostic, ...]


def read_policy(path: str, data: bytes, origin: str) -> ReadPolicy:
    """The policy of a file. ``path`` is what diagnostics call it, ``origin`` what people are told it is."""
    findings = Findings(path)
    _, root = read(path, data, findings)
    formed = check_form(root, PolicyFile, "policy", findings) if root is not None else None
    if formed is not None:
        _check_patterns(formed.root, findings)
    if findings.has_error or formed is None or formed.model is None:
        return ReadPolicy(policy=unreadable(origin), diagnostics=findings.found)
    return ReadPolicy(policy=_policy(formed.model, origin), diagnostics=findings.found)


def _check_patterns(root: Node, findings: Findings) -> None:
    """Those that cannot be read are errors; what is no list of texts has been reported by the form."""
    for section, keys in _PATTERNS.items():
        for rule in _items(at(root, section)):
            for text in (one for key in keys for one in _items(at(rule, key))):
                _check_pattern(text, findings)


def _items(node: Node | None) -> Iterable[Node]:
    return node.items if isinstance(node, Sequence) else ()


def _check_pattern(node: Node, findings: Findings) -> None:
    if isinstance(node, Scalar) and isinstance(node.value, str):
        try:
            pattern(node.value)
        except FilterError as error:
            findings.error(node.span, "glob-invalid", f'the pattern "{node.value}" cannot be read: {error}')


def _policy(file: PolicyFile, origin: str) -> Policy:
    given = {Risk.LOW: file.approvals.low, Risk.MEDIUM: file.approvals.medium, Risk.HIGH: file.approvals.high}
    return Policy(
        origin=origin,
        approvals={risk: _agreement(one) for risk, one in given.items() if one is not None},
        levels={name: Risk(level) for name, level in file.levels.items()},
        secrets=tuple(_restriction(one.names, one) for one in file.secrets),
        hosts=tuple(_restriction(one.labels, one) for one in file.hosts),
        owners=tuple(OwnerRule(files=tuple(one.files), agreement=_agreement(one)) for one in file.owners),
    )


def _agreement(given: form.Agreement | form.OwnerRule) -> Agreement:
    people = (given.by,) if isinstance(given.by, str) else tuple(given.by or ())
    return Agreement(by=people, count=given.count)


def _restriction(names: list[str], given: form.SecretRule | form.HostRule) -> Restriction:
    return Restriction(names=tuple(names), files=tuple(given.files or ()), branches=tuple(given.branches or ()))
