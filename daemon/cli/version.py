"""``version``: of this client and, when one answers, of the daemon."""

import click

from chainwright import __version__
from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.output import json_option, show_json
from chainwright.daemon.cli.place import Place


@click.command(short_help="Print the versions of client and daemon.")
@json_option
@click.pass_obj
def version(place: Place, as_json: bool) -> None:
    """Print the versions of this client and of the daemon, when one answers."""
    daemon = _of_daemon(place)
    if as_json:
        show_json({"client": __version__, "daemon": daemon})
        return
    click.echo(f"chainwright {__version__}")
    if daemon not in (None, __version__):
        click.echo(f"daemon {daemon}")


def _of_daemon(place: Place) -> str | None:
    try:
        found: str = place.client.get("/status")["version"]
    except Failure:
        return None
    return found
