"""The policy of a chain repository, ``.chainwright/policy.yaml``: who has to agree to which change, and what no change may do.

It judges what comes after the commit that it stands in, never that commit itself.
"""

from typing import Annotated, Literal

from pydantic import Field

from chainwright.schemas.fields import Form, Given
from chainwright.schemas.waits import Approvers

Level = Literal["low", "medium", "high"]

WideningName = Literal[
    "secret-added",
    "secrets-elsewhere",
    "command-changed",
    "file-run-with-secrets",
    "approval-removed",
    "approval-fewer",
    "approval-others",
    "approval-by-time",
    "remote-unpinned",
    "policy-changed",
    "webhook-proof-changed",
    "webhook-added",
    "webhook-filter-changed",
    "remote-added",
    "host-changed",
    "gate-removed",
    "condition-changed",
    "check-removed",
    "budget-raised",
    "limit-softened",
    "turns-raised",
    "concurrency-loosened",
    "files-near-secrets",
    "approval-longer",
    "failure-forgiven",
    "input-loosened",
    "retry-raised",
    "time-out-raised",
    "trigger-added",
]
"""What a change can widen. ``daemon.core.plan.risks`` says what each is."""

Pattern = Annotated[str, Field(min_length=1, max_length=200)]
"""As in the filters of triggers: ``*``, ``**``, ``?``, ``+``, ``[…]``, and ``!`` to take out again what an earlier one let in."""


class Agreement(Form):
    """People who have to agree before a change is deployed. Its author is never one of them."""

    by: Given[Approvers] = None
    """Who may: users, team:<name>, role:<name>; everybody who may approve at all, when absent."""
    count: int = Field(default=1, ge=1, le=100)
    """So many different people."""


class Agreements(Form):
    """By the risk of what a change widens. A level without one needs what the next lower one needs."""

    low: Given[Agreement] = None
    """More of what was allowed anyway."""
    medium: Given[Agreement] = None
    """A bound or a check holds less than it did."""
    high: Given[Agreement] = None
    """Somebody could come to hold or do what nobody could before."""


class SecretRule(Form):
    """Secrets that not every chain may ask for. A secret that several rules name has to fit them all."""

    names: list[Pattern] = Field(min_length=1)
    """Which secrets: names, or patterns such as DEPLOY_*."""
    files: Given[list[Pattern]] = Field(default=None, min_length=1)
    """The chain files that may; all, when absent."""
    branches: Given[list[Pattern]] = Field(default=None, min_length=1)
    """The branches that may be deployed with them; all, when absent."""


class HostRule(Form):
    """Labels of hosts that not every chain may ask for. A label that several rules name has to fit them all; one that an expression
    gives has to fit every rule."""

    labels: list[Pattern] = Field(min_length=1)
    """Which labels of `runs-on`: themselves, or patterns such as prod-*; local is the daemon's own machine."""
    files: Given[list[Pattern]] = Field(default=None, min_length=1)
    """The chain files that may; all, when absent."""
    branches: Given[list[Pattern]] = Field(default=None, min_length=1)
    """The branches that may be deployed with them; all, when absent."""


class OwnerRule(Form):
    """Files that have owners. All rules that fit a changed file count."""

    files: list[Pattern] = Field(min_length=1)
    """Which files, definitions or others, such as agents/**."""
    by: Approvers
    """Who has to agree to each change of them."""
    count: int = Field(default=1, ge=1, le=100)
    """So many different people."""


class PolicyFile(Form):
    """Who has to agree to which change, and what no change may do."""

    syntax: Literal[1] = 1
    """Version of this language."""
    approvals: Agreements = Agreements()
    """Who has to agree to what is widened."""
    levels: dict[WideningName, Level] = Field(default_factory=dict)
    """Kinds of widening whose risk is another here than usual."""
    secrets: list[SecretRule] = Field(default_factory=list)
    """Secrets that not every chain may ask for."""
    hosts: list[HostRule] = Field(default_factory=list)
    """Hosts that not every chain may ask for."""
    owners: list[OwnerRule] = Field(default_factory=list)
    """Files that have owners."""
