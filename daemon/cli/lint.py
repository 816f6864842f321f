"""``lint``: check chain files, and mend them, without a daemon."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chainwright.daemon.cli.output import talk
from chainwright.daemon.cli.place import Place
from chainwright.daemon.web.codes import EXIT_DEFINITION, EXIT_OK

if TYPE_CHECKING:
    from chainwright.daemon.lint.folders import MendedFile
    from chainwright.daemon.lint.linted import Linted

FORMATS: Final = ("text", "json", "github", "sarif")


@click.command(short_help="Check chain files, and mend them.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--fix", is_flag=True, help="Mend what can be mended without asking, and check what is left.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; change nothing.")
@click.option("--fetch", is_flag=True, help="Fetch the agents of other repositories that are not in the cache yet.")
@click.option("--explain", metavar="RULE", help="Say what a rule is about, with an example, and check nothing.")
@click.pass_obj
def lint(
    place: Place,
    *,
    paths: tuple[Path, ...],
    form: str,
    as_json: bool,
    fix: bool,
    diff: bool,
    fetch: bool,
    explain: str | None,
) -> int:
    """Check the chains of PATHS: files, or folders with a workflows/ folder (by default this one). Exit code 3 on errors."""
    from chainwright.daemon.lint import formats

    if explain is not None:
        return _explain(explain)
    if fix and diff:
        raise click.UsageError("--fix changes files and --diff does not: one of them")
    paths = paths or (Path(),)
    if fix:
        _mend(paths)
    linted = linted_at(place, paths, fetch=fetch)
    if diff:
        click.echo("".join(_difference(one) for one in _mended_at(paths)), nl=False)
    else:
        linted = _with_shell_notes(linted)
        click.echo(formats.FORMATS["json" if as_json else form](linted), nl=False)
    _tell_sum(linted)
    return EXIT_DEFINITION if linted.has_error else EXIT_OK


def _with_shell_notes(linted: "Linted") -> "Linted":
    """A person is told when nobody looked at the scripts; a log would say it every time."""
    from dataclasses import replace

    from chainwright.daemon.lint.shellcheck import shell_notes

    notes = shell_notes(linted.sources.values())
    if notes.trouble and sys.stderr.isatty():
        talk(notes.trouble)
    return replace(linted, diagnostics=(*linted.diagnostics, *notes.found))


def _explain(name: str) -> int:
    from chainwright.daemon.lint.reference import entry_of, nearest, page

    entry = entry_of(name)
    if entry is None:
        near = nearest(name)
        raise click.UsageError(f'there is no rule "{name}"' + (f' - did you mean "{near}"?' if near else ""))
    click.echo(f"{entry.name}\n\n{page(entry)}", nl=False)
    return EXIT_OK


def linted_at(place: Place, paths: tuple[Path, ...], *, fetch: bool = False) -> "Linted":
    """What the linter finds there; a usage error for what cannot be read.

    Agents of other repositories come from the cache of this home, into which they are fetched if that is wished.
    """
    from chainwright.daemon.lint.folders import lint_paths
    from chainwright.daemon.sources.remotes import Remotes

    try:
        return lint_paths(paths, Remotes(place.home.cache / "remotes").reader(fetch=fetch))
    except OSError as fault:
        raise click.UsageError(str(fault)) from None


def _mended_at(paths: tuple[Path, ...]) -> "list[MendedFile]":
    from chainwright.daemon.lint.folders import mend_paths

    try:
        return mend_paths(paths)
    except OSError as fault:
        raise click.UsageError(str(fault)) from None


def _mend(paths: tuple[Path, ...]) -> None:
    for one in _mended_at(paths):
        _replace(Path(one.path).resolve(), one.after)
        for finding in one.mended:
            talk(f"{one.path}:{finding.span.line}:{finding.span.column}: mended: {finding.message} [{finding.rule}]")


def _replace(file: Path, data: bytes) -> None:
    """Written aside and renamed: whoever is interrupted keeps the old file or has the new one."""
    aside = file.with_name(f".{file.name}.mended")
    try:
        aside.write_bytes(data)
        aside.chmod(file.stat().st_mode)
        aside.replace(file)
    except OSError as fault:
        aside.unlink(missing_ok=True)
        raise click.ClickException(f"{file} could not be written: {fault.strerror}") from None


def _difference(one: "MendedFile") -> str:
    from difflib import unified_diff

    before, after = (data.decode("utf-8").splitlines(keepends=True) for data in (one.before, one.after))
    lines = unified_diff(before, after, one.path, f"{one.path} (mended)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _tell_sum(linted: "Linted") -> None:
    found = [finding.severity.value for finding in linted.diagnostics]
    counts = ", ".join(counted(found.count(kind), kind) for kind in ("error", "warning", "note") if kind in found)
    talk(counts or f"{counted(len(linted.sources), 'file')}, nothing to say")


def counted(count: int, what: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
