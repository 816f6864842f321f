"""``lint``: check chain files, without a daemon."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chainwright.daemon.cli.output import talk
from chainwright.daemon.web.codes import EXIT_DEFINITION, EXIT_OK

if TYPE_CHECKING:
    from chainwright.daemon.lint.linter import Linted

FORMATS: Final = ("text", "json", "github", "sarif")


@click.command(short_help="Check chain files.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def lint(paths: tuple[Path, ...], form: str, as_json: bool) -> int:
    """Check the chains of PATHS: files, or folders with a workflows/ folder (by default this one). Exit code 3 on errors."""
    from chainwright.daemon.lint import formats

    linted = linted_at(paths or (Path(),))
    click.echo(formats.FORMATS["json" if as_json else form](linted), nl=False)
    _tell_sum(linted)
    return EXIT_DEFINITION if linted.has_error else EXIT_OK


def linted_at(paths: tuple[Path, ...]) -> "Linted":
    """What the linter finds there; a usage error for what cannot be read."""
    from chainwright.daemon.lint.folders import lint_paths

    try:
        return lint_paths(paths)
    except OSError as fault:
        raise click.UsageError(str(fault)) from None


def _tell_sum(linted: "Linted") -> None:
    found = [finding.severity.value for finding in linted.diagnostics]
    counts = ", ".join(counted(found.count(kind), kind) for kind in ("error", "warning", "note") if kind in found)
    talk(counts or f"{counted(len(linted.sources), 'file')}, nothing to say")


def counted(count: int, what: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
