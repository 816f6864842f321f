"""Policies as values: who has to agree to which change, and what no change may do.

A plan is judged by the policy of the base and by the daemon's own, never by what the change brings along.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from chainwright.daemon.core.plan.risks import WIDENINGS, Risk

PATH: Final = ".chainwright/policy.yaml"
"""Of the policy within a repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """``count`` different people of ``by`` (anybody who may approve when empty)."""

    by: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """Where what has these names may be asked for, secrets or labels of hosts; empty means everywhere."""

    names: tuple[str, ...]
    files: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRule:
    """Whose agreement a change of these files needs."""

    files: tuple[str, ...]
    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one place."""

    origin: str
    """Where they are from, for people."""
    approvals: Mapping[Risk, Agreement] = field(default_factory=dict)
    levels: Mapping[str, Risk] = field(default_factory=dict)
    secrets: tuple[Restriction, ...] = ()
    hosts: tuple[Restriction, ...] = ()
    owners: tuple[OwnerRule, ...] = ()

    def level(self, rule: str) -> Risk:
        """How risky a kind of widening is by this policy."""
        return self.levels.get(rule, WIDENINGS[rule].risk)

    def agreement(self, risk: Risk) -> Agreement | None:
        """What a risk needs: what is said for it, else for the next lower one."""
        said = [level for level in self.approvals if level.rank <= risk.rank]
        return self.approvals[max(said, key=lambda level: level.rank)] if said else None


def unreadable(origin: str) -> Policy:
    """What stands in for a policy that cannot be read: as nobody knows what it asks, a person looks at every change."""
    someone = Agreement()
    return Policy(origin=origin, approvals={Risk.LOW: someone}, owners=(OwnerRule(files=("**",), agreement=someone),))
