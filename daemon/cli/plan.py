"""``plan``: what a change would do, from a repository of this machine; no daemon is needed and no code of the change is executed."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.place import Place
from chainwright.daemon.core.access import DEFAULT_ENVIRONMENT
from chainwright.daemon.web.codes import EXIT_DEFINITION, EXIT_DENIED, EXIT_NOT_FOUND, EXIT_OK

if TYPE_CHECKING:
    from chainwright.daemon.core.plan.report import Plan
    from chainwright.daemon.sources.repository import Quarantine, Repository


def _text(plan: "Plan") -> str:
    from chainwright.daemon.core.plan.text import as_text

    return as_text(plan)


def _markdown(plan: "Plan") -> str:
    from chainwright.daemon.core.plan.markdown import as_markdown

    return as_markdown(plan)


def _json(plan: "Plan") -> str:
    from chainwright.daemon.core.plan.json import as_json

    return as_json(plan)


FORMATS: Final[dict[str, Callable[["Plan"], str]]] = {"text": _text, "markdown": _markdown, "json": _json}


@click.command(short_help="Say what a change would do, without doing it.")
@click.argument("change", metavar="[BASE..]HEAD", required=False)
@click.option(
    "--working-tree",
    is_flag=True,
    help="The files as they are now in place of HEAD; against HEAD, or the commit that is named.",
)
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The chain repository; this folder's.")
@click.option("--branch", metavar="NAME", help="The branch that is to be moved; BASE, where that is one.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def plan(
    place: Place, /, *, change: str | None, working_tree: bool, repo: Path, branch: str | None, form: str, as_json: bool
) -> int:
    """Say what deploying HEAD in place of BASE would do, and who has to agree.

    BASE and HEAD are whatever git can name. BASE...HEAD compares with the newest commit that both come from, as a pull request
    does. Without BASE, HEAD is compared with what is deployed. With --working-tree, what is not committed yet is planned. The policy is BASE's, with the operator's own. Exit code 3 when HEAD does not load, 5 when
    the policy forbids it.
    """
    if working_tree:
        found = _planned_as_it_is(place, repo, change or "HEAD", branch)
    elif change is None:
        raise click.UsageError("say what is to be planned: BASE..HEAD, HEAD, or --working-tree")
    else:
        found = _planned(place, repo, _range(change), branch)
    click.echo(FORMATS["json" if as_json else form](found), nl=False)
    if not found.head.is_valid:
        return EXIT_DEFINITION
    return EXIT_DENIED if found.violations else EXIT_OK


class _Range(NamedTuple):
    base: str
    head: str
    from_common: bool


def _range(change: str) -> _Range:
    """A side that is left out is HEAD, as git has it."""
    for dots in ("...", ".."):
        base, found, head = change.partition(dots)
        if found:
            return _Range(base or "HEAD", head or "HEAD", dots == "...")
    return _Range(f"refs/chains/deployed/{DEFAULT_ENVIRONMENT}", change, False)


def _planned_as_it_is(place: Place, repo: Path, base: str, branch: str | None) -> "Plan":
    """The files of the work tree in place of ``base``."""
    from chainwright.daemon.sources.trees import SourceError
    from chainwright.daemon.sources.working_tree import working_tree

    if ".." in base:
        raise click.UsageError("--working-tree stands in the place of HEAD: name BASE alone")
    try:
        with working_tree(repo) as (commit, quarantine):
            found = _planned(place, repo, _Range(base, commit, False), branch, quarantine)
    except SourceError as fault:
        raise Failure(
            str(fault), "--working-tree wants a clone with a commit and files beside it", EXIT_NOT_FOUND
        ) from None
    return replace(found, head=replace(found.head, revision="the working tree", commit=""))


def _planned(
    place: Place, repo: Path, asked: _Range, branch: str | None, quarantine: "Quarantine | None" = None
) -> "Plan":
    from chainwright.daemon.core.plan.version import Surroundings
    from chainwright.daemon.operators_policy import operators_policy
    from chainwright.daemon.sources.plan import plan_of
    from chainwright.daemon.sources.repository import Repository
    from chainwright.daemon.sources.trees import SourceError

    policies = operators_policy(place.load({}))
    repository = Repository(_root(repo), quarantine)
    try:
        around = Surroundings(now=time.time(), branch=branch or _branch(repository, asked.base), policies=policies)
        return plan_of(repository, asked.base, asked.head, around, from_common=asked.from_common)
    except SourceError as fault:
        raise Failure(str(fault), "a change is BASE..HEAD, of commits that git knows there", EXIT_NOT_FOUND) from None
    finally:
        repository.close()


def _root(folder: Path) -> Path:
    """The repository that a folder is in, as git has it; the folder itself where it is in none."""
    here = folder.absolute()
    return next((one for one in (here, *here.parents) if (one / ".git").exists()), folder)


def _branch(repository: "Repository", name: str) -> str:
    from chainwright.daemon.sources.repository import UnknownRef

    if name == "HEAD":
        return (repository.current_branch() or "").removeprefix("refs/heads/")
    try:
        repository.head(name)
    except UnknownRef:
        return ""
    return name
