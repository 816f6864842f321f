"""The entrance: a chain file → a chain, or the reasons why there is none."""

from dataclasses import dataclass, replace

from chainwright.daemon.core.graph import Agent, Chain
from chainwright.daemon.definition.calls import CalledChain
from chainwright.daemon.definition.check_schemas import WrittenChecks, schema_misfits, with_schemas
from chainwright.daemon.definition.compiler import FOLDER, compile_chain, id_of
from chainwright.daemon.definition.form import Formed, check_form
from chainwright.daemon.definition.library import AgentLibrary
from chainwright.daemon.definition.nodes import Node, Path
from chainwright.daemon.definition.reading import read
from chainwright.daemon.definition.remote_agents import check_remotes
from chainwright.daemon.definition.schema_files import NO_FILES, SchemaFiles
from chainwright.daemon.definition.schema_names import check_schemas
from chainwright.daemon.definition.source import Findings, Source
from chainwright.daemon.definition.uses import check_uses
from chainwright.schemas.chain import ChainFile
from chainwright.schemas.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A chain file as far as it could be understood: what the lint looks at.

    ``root`` is None when nothing could be read, ``draft`` when no chain could be made of it. The draft lacks what stood at the paths
    in ``lost``, and what reusable agents lost.
    """

    source: Source
    root: Node | None = None
    form: Formed[ChainFile] | None = None
    draft: Chain | None = None
    library: AgentLibrary

    @property
    def lost(self) -> frozenset[Path]:
        """Paths of what could not be understood."""
        return self.form.lost if self.form else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """``chain`` is None when a diagnostic is an error. Whether the chain makes sense is the lint's to say."""

    chain: Chain | None
    diagnostics: tuple[Diagnostic, ...]
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedChain:
    """A chain file that was read and held against its form, and nothing else yet."""

    source: Source
    form: Formed[ChainFile] | None
    findings: Findings

    def called(self, folder: str = FOLDER, schemas: SchemaFiles = NO_FILES) -> CalledChain | None:
        """The chain as others call it; None when there is nothing in the file."""
        if self.form is None:
            return None
        written = self.form.model.id if self.form.model else None
        chain_id = written or id_of(self.source.path, folder)
        return CalledChain(id=chain_id, path=self.source.path, form=self.form, schemas=schemas)


def open_chain_file(path: str, data: bytes) -> OpenedChain:
    """The first half of :func:`load_chain_file`, which needs no other file."""
    findings = Findings(path)
    source, root = read(path, data, findings)
    form = check_form(root, ChainFile, "chain", findings) if root is not None else None
    return OpenedChain(source=source, form=form, findings=findings)


def load_opened(opened: OpenedChain, library: AgentLibrary, folder: str = FOLDER) -> Loaded:
    """The second half: the chain with everything that it uses. What is wrong is added to the findings of the first."""
    document = _document(opened, library, folder)
    chain = None if opened.findings.has_error else document.draft
    return Loaded(chain=chain, diagnostics=opened.findings.found, document=document)


def load_chain_file(path: str, data: bytes, library: AgentLibrary, folder: str = FOLDER) -> Loaded:
    """The chain of a file. ``path`` is within the repository, with ``/``; its ending tells YAML from JSON, and
    the part of it below ``folder`` is the chain's id unless it says another."""
    return load_opened(open_chain_file(path, data), library, folder)


def _document(opened: OpenedChain, library: AgentLibrary, folder: str) -> Document:
    source, form = opened.source, opened.form
    if form is None:
        return Document(source=source, library=library)
    if form.model is None:
        return Document(source=source, root=form.root, form=form, library=library)
    check_schemas(form, library.schemas, opened.findings)
    draft = compile_chain(form.model, source.path, library.models, folder, library.schemas)
    draft = replace(draft, agents={name: _calling(agent, library) for name, agent in draft.agents.items()})
    check_remotes(form, library, opened.findings)
    check_uses(form, draft, library, opened.findings)
    draft = with_schemas(draft, library.schemas)
    _check_schemas(form, draft, library, opened.findings)
    return Document(source=source, root=form.root, form=form, draft=draft, library=library)


def _check_schemas(form: Formed[ChainFile], draft: Chain, library: AgentLibrary, findings: Findings) -> None:
    """Those of the chain's own checks; a reusable agent's are its file's."""
    for name, agent in form.model.agents.items() if form.model else ():
        written = WrittenChecks(root=form.root, above=("agents", name), lost=form.lost, checks=agent.checks)
        for misfit in schema_misfits(written, draft.agents[name].outputs, library.schemas):
            findings.error(misfit.span, misfit.rule, misfit.message, hint=misfit.hint)


def _calling(agent: Agent, library: AgentLibrary) -> Agent:
    called = library.chains.get(agent.uses or "")
    return called.calling(agent) if called else agent
