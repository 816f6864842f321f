"""The entrance: a chain file → a chain, or the reasons why there is none."""

from dataclasses import dataclass

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.definition.compiler import FOLDER, compile_chain
from chainwright.daemon.definition.form import Formed, check_form
from chainwright.daemon.definition.library import AgentLibrary
from chainwright.daemon.definition.nodes import Node, Path
from chainwright.daemon.definition.reading import read
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


def load_chain_file(path: str, data: bytes, agents: AgentLibrary, folder: str = FOLDER) -> Loaded:
    """The chain of a file. ``path`` is within the repository, with ``/``; its ending tells YAML from JSON, and
    the part of it below ``folder`` is the chain's id unless it says another."""
    findings = Findings(path)
    source, root = read(path, data, findings)
    document = _document(source, root, agents, folder, findings)
    chain = None if findings.has_error else document.draft
    return Loaded(chain=chain, diagnostics=findings.found, document=document)


def _document(source: Source, root: Node | None, agents: AgentLibrary, folder: str, findings: Findings) -> Document:
    if root is None:
        return Document(source=source, library=agents)
    form = check_form(root, ChainFile, "chain", findings)
    if form.model is None:
        return Document(source=source, root=form.root, form=form, library=agents)
    models = {name: one.model for name, one in agents.documents.items() if one.model}
    draft = compile_chain(form.model, source.path, models, folder)
    check_uses(form, draft, agents, findings)
    return Document(source=source, root=form.root, form=form, draft=draft, library=agents)
