"""The reusable agents of a repository: ``workflows/agents/<name>.yaml``, which a chain names as ``agents/<name>``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from chainwright.daemon.definition.calls import CalledChain
from chainwright.daemon.definition.form import Formed, check_form
from chainwright.daemon.definition.reading import read
from chainwright.daemon.definition.schema_files import NO_FILES, SchemaFiles
from chainwright.daemon.definition.source import Findings, Source
from chainwright.schemas.agent import AgentFile
from chainwright.schemas.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDocument:
    """A reusable agent as it was read. ``form`` is None when there was nothing to read."""

    reference: str
    source: Source
    form: Formed[AgentFile] | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def model(self) -> AgentFile | None:
        """What could be understood of it."""
        return self.form.model if self.form else None

    @property
    def is_whole(self) -> bool:
        """Whether all of it was understood."""
        return self.form is not None and self.form.model is not None and not self.form.lost


UNFETCHED: Final = "remote-unfetched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Why there is no agent behind a reference, in the words of a diagnostic; :data:`UNFETCHED` is no mistake of its author's."""

    rule: str
    message: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class AgentLibrary:
    """Everything that a chain can refer to: every reusable agent by its reference (``agents/claude-code``), and every chain."""

    documents: Mapping[str, AgentDocument] = field(default_factory=dict)
    chains: Mapping[str, CalledChain] = field(default_factory=dict)
    """Every chain that can be called, by its reference (``chains/upgrade-one``)."""
    absent: Mapping[str, Absent] = field(default_factory=dict)
    """Agents of other repositories that are not to be had, by reference; the others are among ``documents``."""
    schemas: SchemaFiles = NO_FILES
    """The JSON Schemas that chains name."""

    def model(self, reference: str) -> AgentFile | None:
        """What could be understood of the agent, None when it is not there or unreadable."""
        document = self.documents.get(reference)
        return document.model if document else None

    @property
    def models(self) -> Mapping[str, AgentFile]:
        """What agents are compiled with, by reference; each is made when it is asked for."""
        return _Models(self)


class _Models(Mapping[str, AgentFile]):
    """A repository has a thousand chains, and most of them are called by none."""

    def __init__(self, library: AgentLibrary) -> None:
        self._library = library

    def __getitem__(self, reference: str) -> AgentFile:
        if model := self._library.model(reference):
            return model
        return self._library.chains[reference].as_agent

    def __iter__(self) -> Iterator[str]:
        yield from (name for name, one in self._library.documents.items() if one.model)
        yield from self._library.chains

    def __len__(self) -> int:
        return sum(1 for _ in self)


NO_AGENTS = AgentLibrary()


def load_agent_file(path: str, data: bytes, reference: str) -> AgentDocument:
    """The agent of a file; ``path`` is what diagnostics call it."""
    findings = Findings(path)
    source, root = read(path, data, findings)
    form = check_form(root, AgentFile, "agent", findings) if root else None
    return AgentDocument(reference=reference, source=source, form=form, diagnostics=findings.found)
