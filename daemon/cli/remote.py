"""``remote``: where people push to, and making a repository that they can push to."""

import getpass
import socket
from pathlib import PurePosixPath
from typing import Any, Final

import click

from chainwright.daemon.cli.output import Column, field, json_option, show_json, show_rows, talk
from chainwright.daemon.cli.place import Place


def _ssh(repository: dict[str, Any]) -> str:
    """For other machines, by this one's own sshd."""
    if repository["kind"] != "hosted":
        return ""
    return f"ssh://{getpass.getuser()}@{socket.gethostname()}{PurePosixPath(repository['path'])}"


COLUMNS: Final = (
    Column("REPOSITORY", field("name")),
    Column("KIND", field("kind")),
    Column("PATH", field("path")),
    Column("FROM ELSEWHERE", _ssh),
    Column("URL", field("url")),
    Column("ENVIRONMENTS", lambda one: " ".join(one["environments"])),
)


@click.command(short_help="Print where to push to, and host a repository.")
@click.option("--create", metavar="NAME", help="Host one with this name, and print its address.")
@json_option
@click.pass_obj
def remote(place: Place, create: str | None, as_json: bool) -> None:
    """List the repositories that are followed, with the addresses that git can be given."""
    if create is None:
        show_rows(place.client.items("/repositories"), COLUMNS, as_json=as_json, empty="There is none.")
        return
    made = place.client.post("/repositories", {"name": create})
    if as_json:
        show_json(made)
        return
    click.echo(made["path"])
    talk(f"push to it: git remote add chainwright {made['path']} && git push chainwright HEAD:main")
    talk(f"from elsewhere: {_ssh(made)}")
