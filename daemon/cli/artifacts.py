"""``artifacts``: the files of a run, and their contents."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click

from chainwright.daemon.cli.failures import Refused
from chainwright.daemon.cli.output import Column, field, json_option, show_rows, talk
from chainwright.daemon.cli.place import Place
from chainwright.daemon.cli.verbs import near
from chainwright.daemon.core.refusals import Code


def _called(artifact: dict[str, Any]) -> str:
    """``input.paper``, ``write.report``, ``write.draft.ready.text``: what a person says to mean it."""
    return ".".join(filter(None, (artifact["agent"] or "input", artifact["event"], artifact["field"])))


COLUMNS: Final = (
    Column("ARTIFACT", _called),
    Column("NAME", field("name")),
    Column("BYTES", field("size")),
    Column("SHA256", field("sha256")),
)


@click.command(short_help="List the files of a run, or fetch one.")
@click.argument("run")
@click.argument("artifact", required=False)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it there instead of to stdout."
)
@json_option
@click.pass_obj
def artifacts(place: Place, run: str, artifact: str | None, output: Path | None, as_json: bool) -> None:
    """List the files of RUN; with ARTIFACT, as the list calls it, print that one. Of several turns the last one is meant."""
    found = place.client.items(f"/runs/{run}/artifacts")
    if artifact is None:
        show_rows(found, COLUMNS, as_json=as_json, empty="The run has no files.")
        return
    with place.client.artifact(run, _chosen(found, artifact)["sha256"]) as content:
        _write(content, output)


def _chosen(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    known = {_called(one): one for one in found}
    if name not in known:
        raise Refused({"code": Code.NOT_FOUND, "title": f'the run has no file "{name}"{near(name, known)}'})
    return known[name]


def _write(content: Iterable[bytes], output: Path | None) -> None:
    if output is None:
        stdout = sys.stdout.buffer
        for piece in content:
            stdout.write(piece)
        stdout.flush()
        return
    with output.open("wb") as file:
        for piece in content:
            file.write(piece)
    talk(f"written to {output}")
