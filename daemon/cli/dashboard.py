"""``dashboard``: a link to the dashboard that signs one browser in."""

import click

from chainwright.daemon.cli.output import json_option, show_json, talk
from chainwright.daemon.cli.place import Place


@click.command(short_help="Print a link that signs a browser in.")
@json_option
@click.pass_obj
def dashboard(place: Place, as_json: bool) -> None:
    """Print a link to the dashboard. It signs one browser in, once, and is good for ten minutes."""
    made = place.client.post("/sign-in-links")
    if as_json:
        show_json(made)
        return
    click.echo(made["url"])
    talk("it signs one browser in, within ten minutes")
