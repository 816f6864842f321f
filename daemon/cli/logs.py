"""``logs``: an agent's terminal output, as text or as it was."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

import click

from chainwright.daemon.cli.client import Client
from chainwright.daemon.cli.failures import Unreachable
from chainwright.daemon.cli.patience import Patience
from chainwright.daemon.cli.place import Place

ATTEMPT_HEADER: Final = "X-Attempt-Id"


@click.command(short_help="Print what an agent wrote to its terminal.")
@click.argument("run", default="@last")
@click.argument("agent", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on until the attempt has ended.")
@click.option("--raw", is_flag=True, help="With the terminal's control sequences, byte for byte.")
@click.option("--turn", type=click.IntRange(1), help="Of this turn.")
@click.option("--leg", help="Of this leg of a matrix: its number, its name, or its values.")
@click.option("--attempt", type=click.IntRange(1), help="Of this attempt.")
@click.pass_obj
def logs(place: Place, /, run: str, agent: str | None, **asked: Any) -> None:
    """Print what AGENT of RUN wrote: its latest attempt, or without an agent that of the run's latest one."""
    sys.stdout.flush()
    for chunk in output(place.client, run, agent=agent, **asked):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()


def output(client: Client, run: str, *, follow: bool, **asked: Any) -> Iterator[bytes]:
    """Every byte once, across restarts of the daemon while following. Raises Unreachable, Refused."""
    seen, patience = 0, Patience("the agent goes on")
    attempt: str | None = None
    while True:
        try:
            with client.log(run, follow=follow, **asked) as stream:
                if attempt not in (None, stream.headers[ATTEMPT_HEADER]):
                    return
                attempt = stream.headers[ATTEMPT_HEADER]
                patience.end()
                for chunk in _after(stream, seen):
                    seen += len(chunk)
                    yield chunk
                return
        except Unreachable as away:
            if not follow or attempt is None:
                raise
            patience.wait(away)


def _after(chunks: Iterable[bytes], seen: int) -> Iterator[bytes]:
    """What follows the first ``seen`` bytes: a log is the same from its beginning however often it is read."""
    for chunk in chunks:
        skipped = min(seen, len(chunk))
        seen -= skipped
        if skipped < len(chunk):
            yield chunk[skipped:]
