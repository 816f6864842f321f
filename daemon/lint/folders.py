"""Lints and mends what a command line names: folders and files of this machine."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from chainwright.daemon.definition.calls import PREFIX
from chainwright.daemon.definition.compiler import FOLDER
from chainwright.daemon.definition.named_files import Unusable, missing
from chainwright.daemon.definition.reading import ENDINGS
from chainwright.daemon.definition.remotes import PREFIX as REMOTE
from chainwright.daemon.definition.remotes import ReadRemote, nothing_fetched
from chainwright.daemon.definition.source import MAX_BYTES, Source
from chainwright.daemon.lint.fixer import fixed
from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.linter import AGENTS, is_agent_file, lint_repository
from chainwright.schemas.diagnostic import Diagnostic, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedFile:
    """A file with something to mend. Nothing has been written; ``path`` is how diagnostics call it."""

    path: str
    before: bytes
    after: bytes
    mended: tuple[Diagnostic, ...]


_CALL = PREFIX.encode()


def lint_paths(paths: Iterable[Path], remotes: ReadRemote = nothing_fetched) -> Linted:
    """Everything that the paths name; diagnostics call a file by a path of the same kind, relative or absolute.

    A folder stands for what is below its ``workflows/``, one without it for what is below itself. A file is linted together with the
    reusable agents that it names, in the ``workflows/`` that is found by walking up, else beside it; one that calls chains, together
    with everything there, because a chain may have any id. Raises :class:`OSError` for
    what cannot be read. ``remotes`` gives the agents of other repositories.
    """
    results = [_shown(path, remotes, *(_folder(path) if path.is_dir() else _file(path))) for path in paths]
    found = tuple(dict.fromkeys(finding for result in results for finding in result.diagnostics))
    has_error = any(finding.severity is Severity.ERROR for finding in found)
    chains = {name: chain for result in results for name, chain in result.chains.items()}
    sources = {path: source for result in results for path, source in result.sources.items()}
    return Linted(chains={} if has_error else chains, diagnostics=found, sources=sources)


def mend_paths(paths: Iterable[Path]) -> list[MendedFile]:
    """Every file that the paths name and that ``lint --fix`` would change. Raises :class:`OSError` for what cannot be read."""
    found = [mended for path in paths for mended in _mended(path)]
    return list({mended.path: mended for mended in found}.values())


def _mended(path: Path) -> Iterator[MendedFile]:
    top, files = _folder(path) if path.is_dir() else _file(path)
    definitions = {f"{FOLDER}/{name}": data for name, data in files.items()}
    agents = {name: data for name, data in definitions.items() if is_agent_file(name)}
    named = definitions if path.is_dir() else {f"{FOLDER}/{path.absolute().relative_to(top).as_posix()}"}
    for name in named:
        result = fixed(name, definitions[name], agents)
        shown = _name_of(path, top, name)
        if result.mended:
            told = tuple(replace(finding, path=shown) for finding in result.mended)
            yield MendedFile(path=shown, before=definitions[name], after=result.data, mended=told)


def _name_of(given: Path, top: Path, path: str) -> str:
    shown = top if given.is_absolute() else Path(os.path.relpath(top))
    return str(shown / Path(path).relative_to(FOLDER))


def _folder(path: Path) -> tuple[Path, dict[str, bytes]]:
    """What plays the part of ``workflows/``, and the files in it by path below it."""
    top = path.absolute() / FOLDER if (path / FOLDER).is_dir() else path.absolute()
    return top, dict(_files(top, top))


def _file(path: Path) -> tuple[Path, dict[str, bytes]]:
    file = path.absolute()
    top = next((parent for parent in file.parents if parent.name == FOLDER), file.parent)
    data = _content(file)
    agents = _files(top / AGENTS, top)
    called = dict(_files(top, top)) if _CALL in data else {}
    named = {name: content for name, content in agents if str(Path(name).with_suffix("")).encode() in data}
    return top, called | named | {file.relative_to(top).as_posix(): data}


def _files(folder: Path, top: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        if file.suffix in ENDINGS and file.is_file():
            yield file.relative_to(top).as_posix(), _content(file)


def _content(file: Path) -> bytes:
    """The content, cut where it is too large for a definition anyway."""
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def named_file(root: Path, path: str) -> bytes:
    """A file that a chain names, below ``root``, as a deployment would read it: git keeps links as links.

    Raises ``Unusable`` for what is not there, and for links.
    """
    below = [root.joinpath(*Path(path).parts[: depth + 1]) for depth in range(len(Path(path).parts))]
    if link := next((one for one in below if one.is_symlink()), None):
        raise Unusable(f"{link.relative_to(root)} is a link, which is not followed", "put the file itself there")
    if not below[-1].is_file():
        raise missing(path, (one.relative_to(root).as_posix() for one in below[-1].parent.glob("*")))
    return _content(below[-1])


def _shown(given: Path, remotes: ReadRemote, top: Path, files: dict[str, bytes]) -> Linted:
    """The result with paths as the caller says them."""
    read = partial(named_file, top.parent if top.name == FOLDER else top)
    result = lint_repository({f"{FOLDER}/{name}": data for name, data in files.items()}, read=read, remotes=remotes)
    names = {path: path if path.startswith(REMOTE) else _name_of(given, top, path) for path in result.sources}
    return Linted(
        chains=result.chains,
        diagnostics=tuple(replace(finding, path=names[finding.path]) for finding in result.diagnostics),
        sources={names[path]: Source(names[path], source.text) for path, source in result.sources.items()},
    )
