"""``changes``: change requests, and what people do with them."""

from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.output import Column, field, json_option, printable, show_json, show_rows, talk
from chainwright.daemon.cli.place import Place
from chainwright.daemon.web.codes import EXIT_OK

COLUMNS: Final = (
    Column("CHANGE", field("number")),
    Column("REPOSITORY", field("repository")),
    Column("BRANCH", field("branch")),
    Column("STATE", field("state")),
    Column("AUTHOR", field("author")),
    Column("HEAD", lambda one: one["head"][:10]),
    Column("CHANGED", lambda one: times.stamp(one["changed_at"]), lambda one: times.ago(one["changed_at"])),
    Column("TITLE", field("title")),
)
STATES: Final = ("open", "merged", "closed", "all")

_number: Final = click.argument("number", type=click.IntRange(1, 10**15 - 1), metavar="N")
_comment: Final = click.option("-m", "--comment", default="", help="What to say with it.")
_head: Final = click.option("--head", metavar="COMMIT", help="Only if it is still at this one: the one that was read.")


@click.group(invoke_without_command=True, short_help="List change requests; show, answer, merge one.")
@click.option("--repository", metavar="NAME", help="Only of this one.")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@json_option
@click.pass_context
def changes(ctx: click.Context, /, *, as_json: bool, **asked: Any) -> None:
    """List change requests, newest first. One is opened by: git push origin HEAD:refs/for/BRANCH"""
    if ctx.invoked_subcommand is not None:
        return
    place: Place = ctx.obj
    found = place.client.items("/changes", **asked)
    show_rows(found, COLUMNS, as_json=as_json, empty="No changes. Open one: git push origin HEAD:refs/for/main")


@changes.command(short_help="Show a change: its plan, its history, what is in its way.")
@_number
@json_option
@click.pass_obj
def show(place: Place, number: int, as_json: bool) -> None:
    """Show change N: what merging it would do, what people said, and what keeps it from being merged."""
    found = place.client.get(f"/changes/{number}")
    if as_json:
        show_json(found)
        return
    click.echo(f"change {number}  {found['state']}  {printable(found['title'])}")
    click.echo(f"{found['repository']} {found['branch']}  head {found['head'][:12]}  by {', '.join(found['authors'])}")
    click.echo()
    for one in found["entries"]:
        said = f": {printable(one['text'])}" if one["text"] else ""
        click.echo(f"{times.stamp(one['at'])}  {one['actor']} {one['step']} {one['head'][:12]}{said}")
    for line in found["text"].splitlines():
        click.echo(printable(line))
    for one in found["hindrances"]:
        click.echo(f"in its way: {printable(one)}")


@changes.command(short_help="Print what a change brings, as a patch.")
@_number
@click.pass_obj
def diff(place: Place, number: int) -> None:
    """Print what change N brings beside its branch."""
    for line in place.client.get(f"/changes/{number}/diff")["diff"].splitlines():
        click.echo("".join(one if one.isprintable() or one == "\t" else " " for one in line))


@changes.command(short_help="Say something about a change.")
@_number
@click.argument("text")
@json_option
@click.pass_obj
def comment(place: Place, number: int, text: str, as_json: bool) -> int:
    """Say TEXT about change N."""
    return _told(place, number, "comments", {"text": text}, as_json)


@changes.command(short_help="Agree to a change as it is now.")
@_number
@_comment
@_head
@json_option
@click.pass_obj
def approve(place: Place, /, *, number: int, as_json: bool, **said: Any) -> int:
    """Agree to the head of change N. Who pushed to it cannot; a new push takes the weight of it away."""
    return _told(place, number, "approve", said, as_json)


@changes.command(short_help="Refuse a change as it is now.")
@_number
@_comment
@_head
@json_option
@click.pass_obj
def reject(place: Place, /, *, number: int, as_json: bool, **said: Any) -> int:
    """Refuse the head of change N: it is not merged until a new push, or until you approve it."""
    return _told(place, number, "reject", said, as_json)


@changes.command(short_help="Move the branch to a change, and deploy it.")
@_number
@click.option("-m", "--message", default="", help="Of the merge's commit, where it needs one, and of the deployment.")
@json_option
@click.pass_obj
def merge(place: Place, number: int, message: str, as_json: bool) -> int:
    """Move the branch to change N and deploy it. Refused, with the reasons, while anything is in its way."""
    return _told(place, number, "merge", {"message": message}, as_json)


@changes.command(short_help="Give a change up.")
@_number
@_comment
@json_option
@click.pass_obj
def close(place: Place, number: int, comment: str, as_json: bool) -> int:
    """Give change N up; its commits stay where they are."""
    return _told(place, number, "close", {"comment": comment}, as_json)


def _told(place: Place, number: int, verb: str, said: dict[str, Any], as_json: bool) -> int:
    found = place.client.post(f"/changes/{number}/{verb}", said)
    if as_json:
        show_json(found)
    else:
        talk(f"change {number} is {found['state']} at {found['head'][:12]}: {printable(found['title'])}")
    return EXIT_OK
