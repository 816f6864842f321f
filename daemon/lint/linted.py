"""What comes of linting."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.definition.source import Source
from chainwright.schemas.diagnostic import Diagnostic, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """``chains`` by id is empty when any diagnostic is an error; ``sources`` by path are what the diagnostics point into."""

    chains: Mapping[str, Chain]
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, Source]
    drafts: Mapping[str, Chain] = field(default_factory=dict)
    """What could be read of each chain of a repository, errors or not: to be looked at, never to be run."""

    @property
    def has_error(self) -> bool:
        """Whether the whole must be refused."""
        return any(finding.severity is Severity.ERROR for finding in self.diagnostics)
