"""``graph``: a deployed chain as a drawing."""

import click

from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.drawing import FORMATS
from chainwright.daemon.cli.place import Place


@click.command(short_help="Draw a deployed chain.")
@click.argument("chain")
@click.option("--ref", help="As of another commit, branch or tag.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.pass_obj
def graph(place: Place, chain: str, ref: str | None, form: str) -> None:
    """Draw CHAIN: who starts whom, and by which event."""
    found = place.client.get(f"/chains/{'/'.join(map(quoted, chain.split('/')))}", ref=ref)
    click.echo(FORMATS[form](found))
