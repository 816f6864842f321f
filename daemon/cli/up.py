"""``up``: start the daemon, here or in the background."""

import gc
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, cast

import click

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.output import talk
from chainwright.daemon.cli.place import Place
from chainwright.daemon.config import Config, Home
from chainwright.daemon.web.codes import EXIT_CONFLICT

READY_LIMIT_S: Final = 30.0
TAIL_LINES: Final = 20
_PAUSE_S: Final = 0.05


@click.command(short_help="Start the daemon.")
@click.option(
    "--repo", type=click.Path(path_type=Path), metavar="PATH", help="The git repository whose chains are deployed."
)
@click.option("--hosted", is_flag=True, help="Host a repository that people push to; its address: chainwright remote")
@click.option("--branch", help="Its branch; else the one that HEAD names.")
@click.option("--demo", is_flag=True, help="Deploy the shipped chains and run one.")
@click.option("-d", "--detach", is_flag=True, help="In the background; returns once it takes commands.")
@click.pass_obj
def up(place: Place, /, *, repo: Path | None, hosted: bool, branch: str | None, demo: bool, detach: bool) -> int:
    """Start the daemon; it stays in the foreground unless --detach. Ctrl-C stops it, sessions go on."""
    config = place.load(_flags(repo, branch))
    if not detach:
        return _be_the_daemon(config, demo=demo, hosted=hosted)
    _refuse_a_second(place)
    _start(config, [*place.flags(), "up", *_options(repo, branch, demo=demo, hosted=hosted)])
    talk(f"the daemon is up at {config.home.root}; stop it: chainwright down")
    if place.client.get("/status")["listen"]:
        talk(f"dashboard: {place.client.post('/sign-in-links')['url']}")
    _tell_what_is_not_in_force(place)
    return 0


def _be_the_daemon(config: Config, *, demo: bool, hosted: bool) -> int:
    """Nothing that importing makes is ever garbage: looking through it costs a sixth of the start, and part of each later look."""
    gc.disable()
    loaded = cast(dict[str, Any], sys.modules)
    loaded.setdefault("rich", None)  # structlog would take it along: six megabytes that lines of JSON have no use for
    from chainwright.daemon import supervisor

    gc.freeze()
    gc.enable()
    # A link that stays behind in a log would let its readers in.
    greet = _greet if sys.stderr.isatty() else None
    return supervisor.run(config, demo=demo, hosted=hosted, greet=greet)


def _greet(link: str) -> None:
    talk(f"dashboard: {link}\n(signs one browser in, within ten minutes; another link: chainwright dashboard)")


def _tell_what_is_not_in_force(place: Place) -> None:
    """A mistyped path does not keep a daemon from coming up; whoever typed it must hear of it all the same."""
    for one in place.client.items("/deployments"):
        if one["problem"]:
            talk(f"but nothing can be deployed: {one['problem']}")
        if one["refused"]:
            talk(f"but the newest commit does not load: {one['refused']['diagnostics'][0]}")


def _flags(repo: Path | None, branch: str | None) -> dict[str, Any]:
    repository = {"path": str(repo.absolute()) if repo else None, "branch": branch}
    told = {key: value for key, value in repository.items() if value is not None}
    return {"repository": told} if told else {}


def _options(repo: Path | None, branch: str | None, *, demo: bool, hosted: bool) -> list[str]:
    named = [("--repo", str(repo.absolute()) if repo else None), ("--branch", branch)]
    return (
        [word for option, value in named if value for word in (option, value)]
        + ["--demo"] * demo
        + ["--hosted"] * hosted
    )


def _refuse_a_second(place: Place) -> None:
    client = place.client
    if client.is_ready():
        pid = client.get("/status")["pid"]
        raise Failure(
            f"a daemon is up at {place.home.root} already (pid {pid})", "chainwright down stops it", EXIT_CONFLICT
        )


def _start(config: Config, arguments: list[str]) -> None:
    """In a session of its own, so that neither this terminal's end nor its Ctrl-C reaches it."""
    config.home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(config.home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as log:
        begins = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "chainwright", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _await_ready(process, config.home, begins)


def _await_ready(process: "subprocess.Popen[bytes]", home: Home, begins: int) -> None:
    from chainwright.daemon.cli.client import Client

    client, due = Client(home.socket), time.monotonic() + READY_LIMIT_S
    while not client.is_ready():
        if process.poll() is not None:
            raise Failure(f"the daemon ended with exit code {process.returncode}", _tail(home.log, begins))
        if time.monotonic() > due:
            hint = f"it is still starting, as pid {process.pid}\n{_tail(home.log, begins)}"
            raise Failure(f"the daemon took no commands within {READY_LIMIT_S:g} s", hint)
        time.sleep(_PAUSE_S)


def _tail(log: Path, begins: int) -> str:
    with log.open("rb") as file:
        file.seek(begins)
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join([*map(_sentence, lines[-TAIL_LINES:]), f"all of it: {log}"])


def _sentence(line: str) -> str:
    """What a line of the log says to people; one that is no JSON as it is."""
    try:
        return str(json.loads(line)["event"])
    except (ValueError, KeyError, TypeError):
        return line
