"""How risky what a change widens is: one table. A policy may give a kind another level, for a repository of its own needs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Risk(StrEnum):
    """``high``: somebody could come to hold or do what nobody could before; ``medium``: a bound or a check holds less than it did;
    ``low``: more of what was allowed anyway."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """The higher, the riskier."""
        return list(Risk).index(self)


@dataclass(frozen=True, slots=True)
class Widening:
    """A kind of widening: its usual level, and why it matters."""

    risk: Risk
    why: str


WIDENINGS: Final[dict[str, Widening]] = {
    "secret-added": Widening(Risk.HIGH, "a process gets a secret that it did not have"),
    "command-changed": Widening(Risk.HIGH, "something else runs with the secrets that the agent holds"),
    "file-run-with-secrets": Widening(
        Risk.HIGH, "a file that the command of an agent with secrets names is not what it was"
    ),
    "secrets-elsewhere": Widening(Risk.HIGH, "secrets reach a machine that did not get them"),
    "approval-removed": Widening(Risk.HIGH, "nobody is asked any more before it starts"),
    "approval-fewer": Widening(Risk.HIGH, "fewer people have to agree"),
    "approval-others": Widening(Risk.HIGH, "people may agree who could not before"),
    "approval-by-time": Widening(Risk.HIGH, "silence counts as agreement"),
    "remote-unpinned": Widening(Risk.HIGH, "whoever holds the other repository decides what runs here"),
    "policy-changed": Widening(Risk.HIGH, "the rules by which changes are judged are not what they were"),
    "webhook-proof-changed": Widening(Risk.HIGH, "others can prove to be its sender, or prove it less well"),
    "webhook-added": Widening(Risk.MEDIUM, "whoever holds its secret starts runs from outside"),
    "webhook-filter-changed": Widening(Risk.MEDIUM, "other deliveries start runs"),
    "remote-added": Widening(Risk.MEDIUM, "code of another repository runs here"),
    "host-changed": Widening(Risk.MEDIUM, "it runs on machines on which it did not run"),
    "gate-removed": Widening(Risk.MEDIUM, "an agent with secrets starts without what had to come before it"),
    "condition-changed": Widening(Risk.MEDIUM, "an agent with secrets starts in other cases"),
    "check-removed": Widening(Risk.MEDIUM, "what was looked at before an attempt counted as succeeded is not any more"),
    "budget-raised": Widening(Risk.MEDIUM, "a run may use more than it could"),
    "limit-softened": Widening(Risk.MEDIUM, "a run goes on where its limit ended or held it"),
    "turns-raised": Widening(Risk.MEDIUM, "a loop may go round more often"),
    "concurrency-loosened": Widening(Risk.MEDIUM, "more may be at work at once"),
    "files-near-secrets": Widening(Risk.MEDIUM, "files change that agents with secrets could run"),
    "approval-longer": Widening(Risk.LOW, "an answer is taken later than before"),
    "failure-forgiven": Widening(Risk.LOW, "its failure leaves the run as it is"),
    "input-loosened": Widening(Risk.LOW, "an input takes values that were refused"),
    "retry-raised": Widening(Risk.LOW, "more attempts may be made"),
    "time-out-raised": Widening(Risk.LOW, "it may run for longer"),
    "trigger-added": Widening(Risk.LOW, "runs may begin in another way"),
}
"""What a change can widen. ``docs/plan.md`` lists them for reviewers; a test holds the two together."""
