"""``graph``: a chain as a drawing, deployed or from a file."""

from pathlib import Path
from typing import Any

import click

from chainwright.daemon.cli.client import Client, quoted
from chainwright.daemon.cli.drawing import FORMATS
from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.place import Place
from chainwright.daemon.web.codes import EXIT_DEFINITION


@click.command(short_help="Draw a chain: who starts whom.")
@click.argument("chain")
@click.option("--ref", help="As of another commit, branch or tag.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def graph(place: Place, /, chain: str, *, ref: str | None, form: str, as_json: bool) -> None:
    """Draw CHAIN, a deployed chain or a chain file: who starts whom, and by which event."""
    file = Path(chain)
    found = _of_file(file) if file.is_file() else _deployed(place.client, chain, ref)
    click.echo(FORMATS["json" if as_json else form](found))


def _deployed(client: Client, chain: str, ref: str | None) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/chains/{'/'.join(map(quoted, chain.split('/')))}", ref=ref)
    return found


def _of_file(file: Path) -> dict[str, Any]:
    from chainwright.daemon.cli.lint import linted_at
    from chainwright.daemon.core.graph import CHAIN_JSON

    for chain in linted_at((file,)).chains.values():
        drawn: dict[str, Any] = CHAIN_JSON.dump_python(chain, mode="json")
        return drawn
    raise Failure(f"{file} does not load", f"chainwright lint {file} says why", EXIT_DEFINITION)
