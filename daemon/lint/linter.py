"""Lints a repository: every chain and every reusable agent, all or nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import PurePosixPath
from typing import Final

from chainwright.daemon.definition.compiler import FOLDER
from chainwright.daemon.definition.library import AgentDocument, AgentLibrary, load_agent_file
from chainwright.daemon.definition.linking import linked
from chainwright.daemon.definition.load import Document, Loaded, OpenedChain, load_opened, open_chain_file
from chainwright.daemon.definition.named_files import ReadFile, of_mapping
from chainwright.daemon.definition.nodes import at
from chainwright.daemon.definition.reading import ENDINGS
from chainwright.daemon.definition.remote_agents import Remotes, read_remotes, remotes_of
from chainwright.daemon.definition.remotes import ReadRemote, nothing_fetched
from chainwright.daemon.definition.schema_files import SchemaFiles
from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.agent_files import check_agent_file
from chainwright.daemon.lint.calls import check_calls
from chainwright.daemon.lint.ignores import without_ignored
from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.listening import check_listening
from chainwright.daemon.lint.memory import Entry, LintMemory, whole_key
from chainwright.daemon.lint.registry import RULES
from chainwright.daemon.lint.rule import Finding
from chainwright.daemon.lint.subject import START, Subject
from chainwright.daemon.lint.webhook_ids import DUPLICATE, shared_ids
from chainwright.schemas.diagnostic import Diagnostic, Severity, Span

AGENTS: Final = "agents"
"""The folder of reusable agents within the folder of chains."""


MAX_FINDINGS: Final = 50
"""Of one rule in one file. More help nobody, and finding the nearest word for thousands takes minutes."""


def lint_repository(
    files: Mapping[str, bytes],
    folder: str = FOLDER,
    read: ReadFile | None = None,
    remotes: ReadRemote = nothing_fetched,
    memory: LintMemory | None = None,
) -> Linted:
    """The chains of a repository. ``files`` maps paths within it (with ``/``) to contents.

    Of those outside ``folder`` only files that a chain names matter; they are read by ``read``, or are among ``files`` without it.
    ``remotes`` gives the agents of other repositories; ``memory`` spares what it has seen before.
    """
    named = {path: data for path, data in sorted(files.items()) if is_definition(path, folder)}
    memory = memory or LintMemory()
    key = whole_key(named, folder)
    linted = memory.whole(key)
    if linted is None:
        linted = _linted(named, folder, SchemaFiles(read or of_mapping(files)), remotes, memory)
        memory.keep_whole(key, linted)
    return linted


def _linted(
    named: Mapping[str, bytes], folder: str, schemas: SchemaFiles, remotes: ReadRemote, memory: LintMemory
) -> Linted:
    found = {path: data for path, data in named.items() if path.isprintable()}
    agents = {path: data for path, data in found.items() if is_agent_file(path, folder)}
    chain_files = {path: data for path, data in found.items() if path not in agents}
    keys = memory.keys(chain_files, folder, agents)
    known = memory.known(keys)
    opened = {
        path: known[path].opened if path in known else open_chain_file(path, data) for path, data in chain_files.items()
    }
    elsewhere = read_remotes((uses for one in opened.values() if one.form for _, uses in remotes_of(one.form)), remotes)
    library = _library(agents, opened.values(), folder, schemas, elsewhere)
    entries = {path: known.get(path) or _entry(one, library, folder) for path, one in opened.items()}
    memory.keep({keys[path]: entry for path, entry in entries.items() if path in keys})
    loaded = {path: entry.loaded for path, entry in entries.items()}
    diagnostics = [
        *(_unprintable(path) for path in named if path not in found),
        *_of_agents(library),
        *_of_chains(entries),
        *_duplicates(loaded),
    ]
    chains = {one.document.draft.id: one.document.draft for one in loaded.values() if one.document.draft}
    has_error = any(finding.severity is Severity.ERROR for finding in diagnostics)
    sources = [document.source for document in library.documents.values()]
    sources += [one.document.source for one in loaded.values()]
    return Linted(
        chains={} if has_error else linked(chains),
        diagnostics=tuple(sorted(diagnostics, key=_order)),
        sources={source.path: source for source in sources},
        drafts=chains,
    )


def is_definition(path: str, folder: str = FOLDER) -> bool:
    """Whether a path within a repository is that of a chain or of a reusable agent."""
    stem, dot, ending = path.rpartition("/")[2].rpartition(".")
    return bool(stem) and dot + ending in ENDINGS and _below(path, folder) is not None


def is_agent_file(path: str, folder: str = FOLDER) -> bool:
    """Whether a path is that of a reusable agent."""
    below = _below(path, folder)
    return below is not None and below.startswith(f"{AGENTS}/")


def lint_document(document: Document) -> list[Diagnostic]:
    """What the rules find in one chain file; what is wrong with its form is not repeated."""
    if document.draft is None or document.root is None:
        return []
    subject = Subject(document, document.draft, document.root)
    return [
        _diagnostic(document.source, rule.name, rule.severity, finding)
        for rule in RULES
        for finding in islice(rule.check(subject), MAX_FINDINGS)
    ]


def _unprintable(path: str) -> Diagnostic:
    """A name that ends a line or is no UTF-8 can stand in no message, no address and no database; it is told with escapes."""
    shown = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in path)
    message = "the name of the file holds characters that cannot be shown"
    return Diagnostic(
        path=shown,
        span=Span(end_column=2),
        severity=Severity.ERROR,
        rule="yaml-syntax",
        message=message,
        hint="rename it",
    )


def _library(
    files: Mapping[str, bytes], opened: Iterable[OpenedChain], folder: str, schemas: SchemaFiles, elsewhere: Remotes
) -> AgentLibrary:
    documents: dict[str, AgentDocument] = {}
    for path, data in files.items():
        if is_agent_file(path, folder):
            reference = str(PurePosixPath(_below(path, folder) or path).with_suffix(""))
            documents.setdefault(reference, load_agent_file(path, data, reference))
    chains = (called for one in opened if (called := one.called(folder, schemas)))
    return AgentLibrary(
        documents={**documents, **elsewhere.documents},
        chains={called.reference: called for called in chains},
        absent=elsewhere.absent,
        schemas=schemas,
    )


def _of_agents(library: AgentLibrary) -> Iterator[Diagnostic]:
    for document in library.documents.values():
        told = check_agent_file(document, library.schemas)
        found = [_diagnostic(document.source, rule, Severity.ERROR, one) for rule, one in told]
        yield from without_ignored(document.source, _unique([*document.diagnostics, *found]))


def _entry(opened: OpenedChain, library: AgentLibrary, folder: str) -> Entry:
    loaded = load_opened(opened, library, folder)
    return Entry(opened=opened, loaded=loaded, found=(*loaded.diagnostics, *lint_document(loaded.document)))


def _of_chains(entries: Mapping[str, Entry]) -> Iterator[Diagnostic]:
    across = defaultdict(list)
    for finding in _across({path: entry.loaded for path, entry in entries.items()}):
        across[finding.path].append(finding)
    for path, entry in entries.items():
        yield from without_ignored(entry.opened.source, _unique([*entry.found, *across[path]]))


def _across(loaded: Mapping[str, Loaded]) -> Iterator[Diagnostic]:
    """What is wrong with chains together."""
    documents = {one.document.draft.id: one.document for one in loaded.values() if one.document.draft}
    for document, rule, finding in check_calls(documents):
        yield _diagnostic(document.source, rule, Severity.ERROR, finding)
    for document, finding in shared_ids(one.document for one in loaded.values()):
        yield _diagnostic(document.source, DUPLICATE, Severity.ERROR, finding)
    for document, entry, finding in check_listening(documents):
        yield _diagnostic(document.source, entry.name, entry.severity, finding)


def _duplicates(loaded: Mapping[str, Loaded]) -> Iterator[Diagnostic]:
    first: dict[str, Document] = {}
    for one in loaded.values():
        document = one.document
        if document.draft is None:
            continue
        other = first.setdefault(document.draft.id, document)
        if other is not document:
            node = at(document.root, "id")
            finding = Finding(
                span=node.span if node else START,
                message=f'the chain "{document.draft.id}" is already defined by {other.source.path}',
                hint="give one of them another id",
            )
            yield _diagnostic(document.source, "chain-duplicate", Severity.ERROR, finding)


def _diagnostic(source: Source, rule: str, severity: Severity, finding: Finding) -> Diagnostic:
    return Diagnostic(
        path=source.path,
        span=finding.span,
        severity=severity,
        rule=rule,
        message=finding.message,
        hint=finding.hint,
        related=finding.related,
    )


def _unique(findings: list[Diagnostic]) -> list[Diagnostic]:
    """Each once: a value that stands behind an anchor is read at every alias."""
    return list(dict.fromkeys(findings))


def _order(finding: Diagnostic) -> tuple[str, int, int, str]:
    return finding.path, finding.span.line, finding.span.column, finding.rule


def _below(path: str, folder: str) -> str | None:
    """The path below the folder of definitions, None when it is not in there.

    Both are written out as git writes them. By their letters, because a push asks for each of a thousand files and more: a
    ``PurePosixPath`` of each takes longer than all else that is asked of a file that was linted before.
    """
    below = path.removeprefix(f"{folder}/")
    return below if below and below != path else None
