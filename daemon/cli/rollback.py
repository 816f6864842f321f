"""``rollback`` and ``promote``: another commit in force, without a new one."""

from typing import Any

import click

from chainwright.daemon.cli.definitions import tell_runs_elsewhere
from chainwright.daemon.cli.output import json_option, show_json, talk
from chainwright.daemon.cli.place import Place

repository_option = click.option("--repository", metavar="NAME", help="Which, when several are followed.")
message_option = click.option("-m", "--message", default="", help="Why; kept in the history.")


@click.command(short_help="Put an earlier commit in force.")
@click.argument("to", required=False)
@click.option("--environment", metavar="NAME", help="By default the repository's first.")
@repository_option
@message_option
@json_option
@click.pass_obj
def rollback(place: Place, /, *, to: str | None, as_json: bool, **asked: Any) -> None:
    """Put TO in force: a deployment's number, a commit, branch or tag; without it the deployment before this one.

    It stays until the branch moves on. Runs in flight go on with the commit that they have.
    """
    _told(place.client.post("/deployments/rollback", {"to": to, **asked}), as_json)


@click.command(short_help="Put what one environment has in force in another.")
@click.argument("from", metavar="FROM")
@click.argument("to", metavar="TO")
@repository_option
@message_option
@json_option
@click.pass_obj
def promote(place: Place, /, *, as_json: bool, **asked: Any) -> None:
    """Put the commit that is in force in FROM in force in TO. The branch of a hosted TO moves along."""
    _told(place.client.post("/deployments/promote", asked), as_json)


def _told(deployment: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(deployment)
        return
    click.echo(deployment["commit"])
    talk(f"{deployment['commit'][:10]} is in force in {deployment['repository']}/{deployment['environment']}")
    tell_runs_elsewhere(deployment)
