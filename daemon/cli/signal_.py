"""``signal``: interrupt, terminate or kill what an agent runs, without taking its terminal over."""

from typing import Final, get_args

import click

from chainwright.daemon.cli.attach import session_of
from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.output import json_option, show_json, talk
from chainwright.daemon.cli.place import Place
from chainwright.schemas.session_api import SignalName

NAMES: Final = get_args(SignalName)


@click.command("signal", short_help="Interrupt, terminate or kill an agent's processes.")
@click.argument("run")
@click.argument("agent")
@click.argument("name", type=click.Choice(NAMES))
@click.option("--leg", help="Of a matrix: the number, the name or the values of one of its legs.")
@json_option
@click.pass_obj
def signal(place: Place, /, run: str, agent: str, *, name: SignalName, leg: str | None, as_json: bool) -> None:
    """Send NAME to the processes of AGENT in RUN. What it makes of an interrupt is its own matter: it may go on."""
    session = session_of(place.client.get(f"/runs/{quoted(run)}"), agent, leg)
    sent = place.client.post(f"/sessions/{quoted(session)}/signal", {"signal": name})
    if as_json:
        show_json(sent)
    else:
        talk(f"{session} was sent: {name}")
