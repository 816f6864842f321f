"""Following a run to its end: a live picture on a terminal, a line for each change elsewhere, and how it ended."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import click

from chainwright.daemon.cli import marks, times
from chainwright.daemon.cli.client import Client
from chainwright.daemon.cli.output import printable, show_json, talk
from chainwright.daemon.cli.watching import Watch
from chainwright.daemon.web.codes import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK


class View(Protocol):
    """Shows one picture of a run after another."""

    def show(self, detail: dict[str, Any], *, away: bool) -> None:
        """``away`` says that the daemon is not there and the picture an old one."""


class Silent:
    """Shows nothing."""

    def show(self, detail: dict[str, Any], *, away: bool) -> None:
        """Nothing."""


class Lines:
    """A line for each agent that is not as it was before."""

    def __init__(self, *, err: bool) -> None:
        self._err = err
        self._before: dict[str, str] = {}
        self._away = False

    def show(self, detail: dict[str, Any], *, away: bool) -> None:
        """Print what has changed since the last picture."""
        if away != self._away:
            self._say("the daemon is away; agents go on" if away else "the daemon is back")
            self._away = away
        for name, agent in detail["agents"].items():
            now = _position(agent)
            if self._before.get(name, "queued") != now:
                self._say(f"{name}\t{now}")
            self._before[name] = now

    def _say(self, text: str) -> None:
        click.echo(text, err=self._err)


def _position(agent: dict[str, Any]) -> str:
    """``running	turn 2 attempt 1``."""
    parts = [marks.word(agent), marks.place(agent), printable(marks.why(agent))]
    return "\t".join(filter(None, parts))


def follow_run(
    client: Client, run_id: str, *, as_json: bool = False, quiet: bool = False, limit_s: float | None = None
) -> int:
    """Watch a run until its end: exit code 0 when it succeeded, 1 for any other end, 130 when the person leaves.

    ``quiet`` shows nothing on the way. JSON, when asked for, is the finished RunDetail. Raises TookTooLong, Unreachable.
    """
    try:
        with _view(client, run_id, as_json=as_json, quiet=quiet) as view:
            detail = _watched(client, run_id, view, limit_s)
    except KeyboardInterrupt:
        talk(f"\n{run_id} goes on: chainwright show {run_id} --follow, or end it: chainwright cancel {run_id}")
        return EXIT_INTERRUPTED
    if as_json:
        show_json(detail)
    _tell_end(detail)
    return EXIT_OK if detail["outcome"] == "succeeded" else EXIT_FAILED


def _watched(client: Client, run_id: str, view: View, limit_s: float | None) -> dict[str, Any]:
    detail: dict[str, Any] = {}
    with Watch(client, run_id) as watch:
        for detail in watch.pictures(limit_s):
            view.show(detail, away=watch.away_since is not None)
    return detail


@contextmanager
def _view(client: Client, run_id: str, *, as_json: bool, quiet: bool) -> Iterator[View]:
    if quiet:
        yield Silent()
    elif as_json or not sys.stdout.isatty():
        yield Lines(err=as_json)
    else:
        from chainwright.daemon.cli.live import live_view

        with live_view(client, run_id) as view:
            yield view


def _tell_end(run: dict[str, Any]) -> None:
    sign = marks.mark(run)
    state = click.style(f"{sign.sign} {marks.word(run)}", fg=sign.style, bold=True)
    reason = f" ({printable(marks.why(run))})" if marks.why(run) else ""
    talk(f"{state} {run['chain']} #{run['number']} in {times.taken(run) or '0s'}{reason}")
    for name, agent in run["agents"].items():
        if agent["outcome"] in ("failed", "timed_out", "lost"):
            talk(
                f"  {marks.mark(agent).sign} {name}: {printable(marks.why(agent))}  chainwright logs {run['id']} {name}"
            )
