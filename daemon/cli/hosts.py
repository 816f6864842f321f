"""``hosts``: the machines that agents run on, and people's hold on them."""

import time
from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.host_checks import agreed, show_checks
from chainwright.daemon.cli.output import Column, field, json_option, printable, show_json, show_rows, talk
from chainwright.daemon.cli.place import Place
from chainwright.daemon.web.codes import EXIT_OK


def _slots(host: dict[str, Any]) -> str:
    return f"{host['sessions']}/{host['slots']}"


def _state(host: dict[str, Any]) -> str:
    """``drained, unreachable since 2026-…: connection refused``."""
    since = f" since {times.stamp(host['since'])}" if host["since"] is not None else ""
    return _told_state(host, since)


def _seen_state(host: dict[str, Any]) -> str:
    """``drained, unreachable for 3m04s: connection refused``."""
    since = f" for {times.duration(time.time() - host['since'])}" if host["since"] is not None else ""
    return _told_state(host, since)


def _told_state(host: dict[str, Any], since: str) -> str:
    why = f": {host['why']}" if host["why"] else ""
    return ("drained, " if host["drained"] else "") + f"{host['state']}{since}{why}"


def _durable(host: dict[str, Any]) -> str:
    return {True: "yes", False: "no", None: ""}[host["durable"]]


COLUMNS: Final = (
    Column("HOST", field("name")),
    Column("ADDRESS", field("address")),
    Column("LABELS", lambda host: ",".join(host["labels"])),
    Column("SLOTS", _slots),
    Column("STATE", _state, _seen_state),
    Column("SEEN", lambda host: times.stamp(host["last_seen"]), lambda host: times.ago(host["last_seen"])),
    Column("DURABLE", _durable),
)

CHECK_LIMIT_S: Final = 180.0
"""For one check of a trial: an upload over a slow line is one."""

_name: Final = click.argument("name")


@click.group(
    invoke_without_command=True, short_help="List the machines that agents run on; add, test, trust, drain one."
)
@json_option
@click.pass_context
def hosts(context: click.Context, as_json: bool) -> None:
    """List the machines that agents run on: the daemon's own, those of chainwright.yaml, and those that were added here."""
    if context.invoked_subcommand is None:
        place: Place = context.obj
        show_rows(place.client.items("/hosts"), COLUMNS, as_json=as_json, empty="")


@hosts.command(short_help="Show a host: its settings, its state, and what was done to it.")
@_name
@json_option
@click.pass_obj
def show(place: Place, name: str, as_json: bool) -> None:
    """Show host NAME: its settings and where they stand, its state, and who did what to it."""
    found = place.client.get(f"/hosts/{quoted(name)}")
    if as_json:
        show_json(found)
        return
    for title, text in _lines(found):
        click.echo(f"{title:<12} {printable(text)}")
    for entry in found["entries"]:
        told = f": {printable(entry['detail'])}" if entry["detail"] else ""
        click.echo(f"{times.stamp(entry['at'])}  {entry['step']} by {entry['actor']}{told}")


def _lines(host: dict[str, Any]) -> list[tuple[str, str]]:
    drained = host["drained"]
    told = [
        ("host", f"{host['name']}  {host['address']}".rstrip()),
        ("stands in", host["stands_in"]),
        ("state", _state(host)),
        ("labels", ", ".join(host["labels"])),
        ("slots", f"{host['sessions']} of {host['slots']} used"),
        ("host key", host["fingerprint"] or ""),
        ("drained", f"by {drained['actor']} since {times.stamp(drained['at'])} {drained['reason']}" if drained else ""),
        *((name, _said(value)) for name, value in (host["settings"] or {}).items() if name not in _TOLD),
    ]
    return [(title, text) for title, text in told if text]


_TOLD: Final = ("address", "port", "labels", "slots", "host_key")


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items())
    return "" if value is None else str(value)


@hosts.command(short_help="Add a host that is reached over SSH.")
@_name
@click.argument("address")
@click.option("--port", type=click.IntRange(1, 65535), help="Of its sshd.  [default: 22]")
@click.option("--user", help="Whom to log in as.  [default: the daemon's own user]")
@click.option("--key", metavar="FILE", help="Private key, below the home unless absolute.  [default: the ssh agent's]")
@click.option("--host-key", metavar="KEY", help="Its public key, if you know it; else: hosts trust NAME.")
@click.option("--jump", metavar="HOST", help="Another host, through which it is reached.")
@click.option("--ssh-config", metavar="FILE", help="A file like ~/.ssh/config that is read for it.")
@click.option("--label", "labels", multiple=True, help="What `runs-on` may ask for; may be given several times.")
@click.option("--slots", type=click.IntRange(1, 4000), help="Sessions that may run there at once.  [default: 16]")
@click.option("--env", "environment", multiple=True, metavar="K=V", help="Variable of every agent there.")
@click.option("--root", metavar="DIR", help="Folder of everything of ours there.  [default: ~/.chainwright]")
@click.option("--python", metavar="COMMAND", help="Its interpreter, 3.6 or newer.  [default: python3]")
@click.option("--durable", type=click.Choice(("required", "preferred")), help="preferred: also without an interpreter.")
@click.option("--replace", is_flag=True, help="Give a host that was added these settings; its sessions go on.")
@json_option
@click.pass_obj
def add(place: Place, /, *, name: str, replace: bool, as_json: bool, **told: Any) -> int:
    """Add host NAME at ADDRESS. Nothing is sent there before its key is trusted."""
    settings = {key: value for key, value in told.items() if value not in (None, ())}
    if "environment" in settings:
        settings["environment"] = _variables(settings["environment"])
    added = place.client.post("/hosts", {"name": name, "settings": settings, "replace": replace})
    return _told(added, as_json, f"host {name} is added; next: chainwright hosts {_next(added)} {name}")


def _next(host: dict[str, Any]) -> str:
    return "test" if host["fingerprint"] else "trust"


def _variables(given: tuple[str, ...]) -> dict[str, str]:
    wrong = [one for one in given if not one.partition("=")[0] or "=" not in one]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is no variable; write NAME=VALUE", param_hint="--env")
    return dict(one.split("=", 1) for one in given)


@hosts.command(short_help="Try everything that agents will need on a host.")
@_name
@json_option
@click.pass_obj
def test(place: Place, name: str, as_json: bool) -> int:
    """Try everything that agents will need on host NAME, in order, and say how to mend what is not as it must be.

    Exit code 1 when anything failed; warnings are none. With --json an object a line, each as it is found.
    """
    return show_checks(place.client.told(f"/hosts/{quoted(name)}/test", CHECK_LIMIT_S), as_json=as_json)


@hosts.command(short_help="Pin the key by which a host is known.")
@_name
@click.option("--fingerprint", metavar="SHA256:…", help="Which it must be; nobody is asked then.")
@click.option("--yes", is_flag=True, help="Pin whatever it shows: only where nobody can be in between.")
@click.option("--replace", is_flag=True, help="Also in the place of another one that is pinned.")
@json_option
@click.pass_obj
def trust(place: Place, /, *, name: str, as_json: bool, fingerprint: str | None, **how: bool) -> int:
    """Show the key that host NAME shows, and pin it once you have compared it. Nothing is offered to the host by that."""
    key = place.client.get(f"/hosts/{quoted(name)}/key")
    if not agreed(name, key, expected=fingerprint, **how):
        return _told(place.client.get(f"/hosts/{quoted(name)}"), as_json, f"host {name} is known by it already")
    wish = {"host_key": key["host_key"], "replace": how["replace"]}
    found = place.client.post(f"/hosts/{quoted(name)}/trust", wish)
    return _told(found, as_json, f"host {name} is known by this key now; next: chainwright hosts test {name}")


@hosts.command(short_help="Let no new session go to a host.")
@_name
@click.option("--reason", default="", help="Why, for those who wonder.")
@json_option
@click.pass_obj
def drain(place: Place, name: str, reason: str, as_json: bool) -> int:
    """Let no new session go to host NAME ("local": the daemon's own machine). Those that run there go on."""
    found = place.client.post(f"/hosts/{quoted(name)}/drain", {"reason": reason})
    return _told(found, as_json, f"host {name} is drained; sessions that still run there: {found['sessions']}")


@hosts.command(short_help="Let sessions go to a host again.")
@_name
@json_option
@click.pass_obj
def resume(place: Place, name: str, as_json: bool) -> int:
    """Let sessions go to host NAME again."""
    found = place.client.post(f"/hosts/{quoted(name)}/resume")
    return _told(found, as_json, f"host {name} takes sessions")


_SURPLUS: Final = (
    Column("KIND", field("kind")),
    Column("NAME", field("name")),
    Column("AGE", lambda found: round(found["age_s"]), lambda found: times.duration(found["age_s"])),
    Column("KIB", lambda found: found["bytes"] >> 10),
)


@hosts.command(short_help="Remove what nobody needs on a host any more.")
@_name
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@json_option
@click.pass_obj
def clear(place: Place, name: str, dry_run: bool, as_json: bool) -> int:
    """Remove now what goes from host NAME every hour: what was long not used, what old runs have left. Nothing of runs that are open."""
    found = place.client.post(f"/hosts/{quoted(name)}/clear", {"dry": dry_run})
    show_rows(found["items"], _SURPLUS, as_json=as_json, empty="Everything there is needed.")
    if found["items"]:
        size = sum(one["bytes"] for one in found["items"])
        talk(f"{len(found['items'])} {'would go' if dry_run else 'went'}, {size >> 20} MiB")
    return EXIT_OK


@hosts.command(short_help="Forget a host that was added.")
@_name
@click.option("--force", is_flag=True, help="Also while sessions run there: they run on there, and count as lost.")
@json_option
@click.pass_obj
def remove(place: Place, name: str, force: bool, as_json: bool) -> int:
    """Forget host NAME, its drain and its key. What was put there stays: the folder that `hosts show` calls root."""
    found = place.client.post(f"/hosts/{quoted(name)}/remove", {"force": force})
    return _told(found, as_json, f"host {name} is forgotten; {found['settings']['root']} is left on it")


def _told(found: dict[str, Any], as_json: bool, said: str) -> int:
    if as_json:
        show_json(found)
    else:
        talk(said)
    return EXIT_OK
