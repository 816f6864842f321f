"""The agents of other repositories that the chains of this one use: read once each, and told where they are missing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.definition.form import Formed
from chainwright.daemon.definition.library import UNFETCHED, Absent, AgentDocument, AgentLibrary, load_agent_file
from chainwright.daemon.definition.named_files import Unusable
from chainwright.daemon.definition.nodes import Path, at
from chainwright.daemon.definition.remotes import PREFIX, BadReference, NotFetched, ReadRemote, parsed
from chainwright.daemon.definition.source import Findings
from chainwright.schemas.chain import ChainFile

MAX_REMOTES: Final = 20
"""Agents of other repositories that one repository may use."""
SHORT_COMMIT: Final = 12
"""Digits of a commit in the name of a file of another repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remotes:
    """What became of every reference: an agent, or the reason why there is none."""

    documents: Mapping[str, AgentDocument]
    absent: Mapping[str, Absent]


def read_remotes(references: Iterable[str], read: ReadRemote) -> Remotes:
    """The agents behind these references, each read once."""
    documents: dict[str, AgentDocument] = {}
    absent: dict[str, Absent] = {}
    for reference in dict.fromkeys(references):
        try:
            documents[reference] = _document(reference, read, len(documents) + len(absent))
        except NotFetched as missing:
            absent[reference] = Absent(rule=UNFETCHED, message=str(missing), hint=missing.hint)
        except Unusable as unusable:
            absent[reference] = Absent(rule="remote-unusable", message=str(unusable), hint=unusable.hint)
        except BadReference as bad:
            absent[reference] = Absent(rule=bad.rule, message=str(bad), hint=bad.hint)
    return Remotes(documents=documents, absent=absent)


def remotes_of(form: Formed[ChainFile]) -> Iterator[tuple[Path, str]]:
    """The place of each reference to an agent of another repository, and the reference."""
    if form.model is None:
        return
    used: dict[Path, str | None] = {("defaults", "uses"): form.model.defaults.uses}
    used |= {("agents", name, "uses"): agent.uses for name, agent in form.model.agents.items()}
    yield from ((place, uses) for place, uses in used.items() if uses is not None and uses.startswith(PREFIX))


def check_remotes(form: Formed[ChainFile], library: AgentLibrary, findings: Findings) -> None:
    """Adds each reference that leads nowhere. One that was only not fetched is a note, which the lint makes."""
    for place, reference in remotes_of(form):
        absent = library.absent.get(reference)
        if absent is not None and absent.rule != UNFETCHED:
            node = at(form.root, *place) or form.root
            findings.error(node.span, absent.rule, absent.message, hint=absent.hint)


def _document(reference: str, read: ReadRemote, known: int) -> AgentDocument:
    remote = parsed(reference)
    if known >= MAX_REMOTES:
        raise Unusable(f"a repository may use {MAX_REMOTES} agents of others, this is one more")
    path, content = read(remote)
    document = load_agent_file(f"{PREFIX}{remote.url}@{remote.commit[:SHORT_COMMIT]}//{path}", content, reference)
    if document.model and any(check.schema_ for check in document.model.checks):
        # Read from the repository of whoever uses the agent, it would be another file of the same name.
        raise Unusable("a check of this agent names a schema, which is read from no other repository", "check by run")
    return document
