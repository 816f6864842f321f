"""``import``: bring chains of other tools along, without a daemon."""

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.output import talk
from chainwright.daemon.web.codes import EXIT_CONFLICT, EXIT_DEFINITION, EXIT_OK

if TYPE_CHECKING:
    from chainwright.daemon.importers.report import Converted
    from chainwright.daemon.lint.linted import Linted

Convert = Callable[[Path], "Converted"]

VERSION = 1
_AGENTS = "agents/"
_MAX_UP = 8
"""Folders above a chain in which the agents that it refers to are looked for."""


@click.group("import", short_help="Bring chains of other tools along.")
def import_() -> None:
    """Convert files of other tools to chain files, with a report of what did not fit."""


def _options(command: Callable[..., int]) -> Callable[..., int]:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Chains and points as one JSON object."),
        click.option("--force", is_flag=True, help="Overwrite files that say something else."),
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DIR",
            help="Write the chains into DIR, the workflows/ of a repository; else they are printed.",
        ),
        click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)),
    ):
        command = option(command)
    return command


@import_.command(short_help="Convert chains of Mentiko.")
@_options
def mentiko(files: tuple[Path, ...], output: Path | None, force: bool, as_json: bool) -> int:
    """Convert Mentiko's chain FILES. Agents that they refer to are read from agents/<id>/agent.json near them.

    Exit code 3 when a file is no chain, or a chain cannot be deployed as it came out.
    """
    return _carry_out(_mentiko, files, output, force=force, as_json=as_json)


@import_.command(short_help="Convert workflows of GitHub Actions.")
@_options
def github(files: tuple[Path, ...], output: Path | None, force: bool, as_json: bool) -> int:
    """Convert workflow FILES of GitHub Actions: jobs become agents with steps.

    Exit code 3 when a file is no workflow, or a chain cannot be deployed as it came out.
    """
    return _carry_out(_github, files, output, force=force, as_json=as_json)


def _github(file: Path) -> "Converted":
    from chainwright.daemon.importers.github.workflow import convert

    return convert(str(file), _content(file))


def _mentiko(file: Path) -> "Converted":
    from chainwright.daemon.importers.mentiko.chain import convert

    return convert(str(file), _content(file), partial(_agent, file))


def _agent(file: Path, name: str) -> bytes | None:
    """The file of an agent, in the nearest ``agents/`` beside the chain or above it."""
    for folder in list(file.absolute().parents)[:_MAX_UP]:
        found = folder / "agents" / Path(name).name / "agent.json"
        if found.is_file():
            return _content(found)
    return None


def _content(file: Path) -> bytes:
    from chainwright.daemon.definition.source import MAX_BYTES

    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _carry_out(convert: Convert, files: Iterable[Path], output: Path | None, *, force: bool, as_json: bool) -> int:
    try:
        results = [convert(file) for file in files]
    except OSError as fault:
        raise click.UsageError(str(fault)) from None
    chains = _together(results)
    linted = _linted(chains)
    if output is not None:
        _write(output, chains, force=force)
    if as_json:
        click.echo(json.dumps(_report(results, linted), indent=2, ensure_ascii=False))
    else:
        _print(results, linted, chains if output is None else {})
    _tell_sum(results)
    return EXIT_DEFINITION if linted.has_error or _has_error(results) else EXIT_OK


def _has_error(results: "Iterable[Converted]") -> bool:
    return any(point.severity.value == "error" for one in results for point in one.points)


def _tell_sum(results: "list[Converted]") -> None:
    from chainwright.daemon.cli.lint import counted

    found = [point.severity.value for one in results for point in one.points]
    kinds = [counted(found.count(kind), kind) for kind in ("error", "warning", "note") if kind in found]
    talk(
        f"{counted(sum(bool(one.files) for one in results), 'chain')} of {counted(len(results), 'file')}: {', '.join(kinds) or 'nothing to say'}"
    )


def _together(results: "Iterable[Converted]") -> dict[str, str]:
    """Every file once. Raises a failure when two chains would get the same name."""
    found: dict[str, str] = {}
    for one in results:
        clash = [name for name, text in one.files.items() if found.get(name, text) != text]
        if clash:
            raise Failure(
                f"two files would become {clash[0]}", "rename one of them, or import them one by one", EXIT_CONFLICT
            )
        found |= one.files
    return found


def _linted(chains: dict[str, str]) -> "Linted":
    from chainwright.daemon.definition.compiler import FOLDER
    from chainwright.daemon.lint.linter import lint_repository

    return lint_repository({f"{FOLDER}/{name}": text.encode() for name, text in chains.items()})


def _write(folder: Path, chains: dict[str, str], *, force: bool) -> None:
    """Agents that are there already stay: they are the person's own."""
    new = {
        folder / name: text
        for name, text in chains.items()
        if not (name.startswith(_AGENTS) and (folder / name).exists())
    }
    other = [path for path, text in new.items() if path.exists() and path.read_text(encoding="utf-8") != text]
    if other and not force:
        raise Failure(
            f"{other[0]} is there already and says something else",
            "nothing was written; --force overwrites it",
            EXIT_CONFLICT,
        )
    for path, text in new.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        talk(f"wrote {path}")


def _print(results: "list[Converted]", linted: "Linted", chains: dict[str, str]) -> None:
    from chainwright.daemon.lint.formats.text import rendered, rendered_one

    for name, text in chains.items():
        if not name.startswith(_AGENTS):
            click.echo(text, nl=False)
    for one in results:
        for point in one.points:
            click.echo(rendered_one(point, one.source), err=True, nl=False)
    if linted.diagnostics:
        talk("\nin what was written:")
        click.echo(rendered(linted), err=True, nl=False)


def _report(results: "list[Converted]", linted: "Linted") -> dict[str, Any]:
    from chainwright.daemon.lint.formats.json import as_json

    return {
        "version": VERSION,
        "converted": [
            {
                "source": one.source.path,
                "dialect": one.dialect,
                "files": one.files,
                "points": [as_json(point) for point in one.points],
            }
            for one in results
        ],
        "diagnostics": [as_json(finding) for finding in linted.diagnostics],
    }
