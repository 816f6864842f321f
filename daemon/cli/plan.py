"""``plan``: what a change would do, from a repository of this machine; no daemon is needed and no code of the change is executed."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.core.access import DEFAULT_ENVIRONMENT
from chainwright.daemon.web.codes import EXIT_DEFINITION, EXIT_NOT_FOUND, EXIT_OK

if TYPE_CHECKING:
    from chainwright.daemon.core.plan.report import Plan


def _text(plan: "Plan") -> str:
    from chainwright.daemon.core.plan.text import as_text

    return as_text(plan)


FORMATS: Final[dict[str, Callable[["Plan"], str]]] = {"text": _text}


@click.command(short_help="Say what a change would do, without doing it.")
@click.argument("change", metavar="[BASE..]HEAD")
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The chain repository; this folder's.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
def plan(*, change: str, repo: Path, form: str) -> int:
    """Say what deploying HEAD in place of BASE would do. Exit code 3 when HEAD does not load.

    BASE and HEAD are whatever git can name. BASE...HEAD compares with the newest commit that both come from, as a pull request
    does. Without BASE, HEAD is compared with what is deployed.
    """
    found = _planned(repo, *_sides(change))
    click.echo(FORMATS[form](found), nl=False)
    return EXIT_OK if found.head.is_valid else EXIT_DEFINITION


def _sides(change: str) -> tuple[str, str, bool]:
    """Base, head, and whether they are compared from their common commit; a side that is left out is HEAD, as git has it."""
    for dots in ("...", ".."):
        base, found, head = change.partition(dots)
        if found:
            return base or "HEAD", head or "HEAD", dots == "..."
    return f"refs/chains/deployed/{DEFAULT_ENVIRONMENT}", change, False


def _planned(repo: Path, base: str, head: str, from_common: bool) -> "Plan":
    from chainwright.daemon.core.plan.version import Surroundings
    from chainwright.daemon.sources.plan import plan_of
    from chainwright.daemon.sources.repository import Repository
    from chainwright.daemon.sources.trees import SourceError

    repository = Repository(repo)
    try:
        return plan_of(repository, base, head, Surroundings(now=time.time()), from_common=from_common)
    except SourceError as fault:
        raise Failure(str(fault), "a change is BASE..HEAD, of commits that git knows there", EXIT_NOT_FOUND) from None
    finally:
        repository.close()
