"""What a plan is made of: the two versions of a repository, and the facts around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.plan.estimates import History
from chainwright.daemon.core.plan.policy import Policy
from chainwright.daemon.core.plan.report import RunInFlight
from chainwright.schemas.diagnostic import Diagnostic, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A repository at a commit, in a working tree, or before there was any."""

    revision: str
    commit: str = ""
    chains: Mapping[str, Chain] = field(default_factory=dict)
    """By id. Of one that does not load, what could be read."""
    diagnostics: tuple[Diagnostic, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    """Path of everything in its tree → what tells its content and kind from another."""

    @property
    def is_valid(self) -> bool:
        """Whether it could be deployed."""
        return all(one.severity is not Severity.ERROR for one in self.diagnostics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a plan knows beside the two versions. ``now`` is in seconds since the epoch."""

    now: float
    branch: str = ""
    """The branch that is to be moved; empty where that is not known."""
    policies: tuple[Policy, ...] = ()
    """Those that judge the change: the daemon's own, and that of the base."""
    runs: tuple[RunInFlight, ...] = ()
    """Every open run."""
    history: Mapping[str, History] = field(default_factory=dict)
    """Chain → its newest runs."""
