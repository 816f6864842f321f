"""Which sources a daemon follows: those that were told, and those that this home had before.

So `up` after `down`, or after a crash, needs no more words than `up`: a hosted repository stays hosted because it is there, and the
path of a local one is noted.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chainwright.daemon.config import Home
from chainwright.daemon.sources.hosted import is_name
from chainwright.daemon.sources.source import Away, Environment, Kind, Source
from chainwright.schemas.config import RepositorySource, Settings

NOTE: Final = "repository.path"
"""Name of the file, in the home, that holds the path of the local repository that was told last."""
NO_REPOSITORY: Final = "no-repository"
LOOK_S: Final = 1.0
FETCH_S: Final = 60.0
HOSTED_NAME: Final = "chains"
"""Of the hosted repository that ``up --hosted`` makes."""


def sources_of(settings: Settings, home: Home, *, hosted: bool = False) -> list[Source]:
    """The sources to follow, the main one first; one whose path leads nowhere if there is none."""
    if hosted:
        (home.root / NOTE).unlink(missing_ok=True)
    path = remembered_repository(home.root, settings.repository.path)
    local = [_local(settings, path)] if path is not None else []
    told = [_source(home, name, one) for name, one in settings.repositories.items()]
    names = [HOSTED_NAME] * hosted + _hosted_before(home)
    hosting = [hosted_source(home, name) for name in dict.fromkeys(names) if name not in settings.repositories]
    return [*local, *told, *hosting] or [_local(settings, home.root / NO_REPOSITORY)]


def hosted_source(home: Home, name: str) -> Source:
    """A hosted repository with this name, of which nothing was configured."""
    return _source(home, name, RepositorySource())


def _source(home: Home, name: str, told: RepositorySource) -> Source:
    environments = tuple(
        Environment(name=name, branch=one.branch, folder=one.folder) for name, one in told.environments.items()
    )
    kind, path = _place(home, name, told)
    return Source(
        name=name,
        kind=kind,
        path=path,
        environments=environments,
        poll_s=told.poll_s or LOOK_S,
        url=told.url or "",
        fetch_s=told.poll_s or FETCH_S,
        away=Away(told.away),
        signers=Path(told.signers).expanduser().absolute() if told.signers else None,
        has_forge=told.forge is not None,
    )


def _place(home: Home, name: str, told: RepositorySource) -> tuple[Kind, Path]:
    if told.url:
        return Kind.MIRROR, home.repositories / "mirrors" / f"{name}.git"
    if told.path:
        return Kind.LOCAL, Path(told.path).expanduser().absolute()
    return Kind.HOSTED, home.repositories / f"{name}.git"


def remembered_repository(home: Path, told: str | None) -> Path | None:
    """The repository that was told, else the one that this home was started with last, if there was one."""
    note = home / NOTE
    if told is None:
        return Path(note.read_text()) if note.exists() else None
    path = Path(told).absolute()
    aside = note.with_suffix(".new")
    aside.write_text(str(path))
    aside.replace(note)
    return path


def _local(settings: Settings, path: Path) -> Source:
    told = settings.repository
    environment = Environment(name=told.environment, branch=told.branch)
    name = path.resolve().name.removesuffix(".git")
    return Source(name=name, kind=Kind.LOCAL, path=path, environments=(environment,), poll_s=told.poll_s)


def _hosted_before(home: Home) -> list[str]:
    return sorted(_names(home.repositories)) if home.repositories.is_dir() else []


def _names(folder: Path) -> Iterator[str]:
    for path in folder.glob("*.git"):
        if is_name(path.stem):
            yield path.stem
