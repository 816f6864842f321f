"""The files of a work tree as they are now, as a commit that only a folder of ours holds. Nothing of the repository is written."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chainwright.daemon.sources.git_command import tried
from chainwright.daemon.sources.repository import Quarantine
from chainwright.daemon.sources.trees import SourceError

_NOBODY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "chainwright"), ("EMAIL", ""))
}


@contextmanager
def working_tree(path: Path) -> Iterator[tuple[str, Quarantine]]:
    """What ``git add --all && git commit`` would make, upon HEAD, and where its objects are as long as the context lasts.

    Files that git ignores are left out. Raises :class:`SourceError`: there is no work tree, or no commit yet.
    """
    where = Path(_said(path, "rev-parse", "--show-toplevel"))
    parent = _said(where, "rev-parse", "--verify", "HEAD^{commit}")
    with tempfile.TemporaryDirectory(prefix="chainwright-plan-") as folder:
        quarantine, index = (
            Quarantine(objects=Path(folder, "objects"), alternates=(_objects(where),)),
            Path(folder, "index"),
        )
        quarantine.objects.mkdir()
        known = where / _said(where, "rev-parse", "--git-path", "index")
        if known.exists():  # what has not changed is not read again
            shutil.copyfile(known, index)
        around = {**quarantine.environment, **_NOBODY, "GIT_INDEX_FILE": str(index)}
        _said(where, "add", "--all", "--", ":/", environment=around)
        tree = _said(where, "write-tree", environment=around)
        commit = _said(where, "commit-tree", tree, "-p", parent, "-m", "The working tree", environment=around)
        yield commit, quarantine


def _objects(where: Path) -> Path:
    return (where / _said(where, "rev-parse", "--git-path", "objects")).resolve()


def _said(where: Path, *words: str, environment: Mapping[str, str] | None = None) -> str:
    """With this user's settings, which say what git ignores and how lines end."""
    done = tried(None, "-C", str(where), *words, as_user=True, environment=environment)
    if done.returncode != 0:
        raise SourceError(f"{where}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="surrogateescape").rstrip("\n")
