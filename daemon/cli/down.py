"""``down``: stop the daemon and wait until its process has gone."""

import os
import select
from contextlib import suppress
from typing import Final

import click

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.output import talk
from chainwright.daemon.cli.place import Place
from chainwright.daemon.web.codes import EXIT_TIMEOUT

LIMIT_S: Final = 30.0


@click.command(short_help="Stop the daemon; sessions go on.")
@click.pass_obj
def down(place: Place) -> None:
    """Stop the daemon. Agents go on in their sessions; the next `up` finds them again."""
    client = place.client
    status = client.get("/status")
    with suppress(ProcessLookupError):
        # Opened before it is told to end: a pid that is looked up afterwards may be somebody else's.
        process = os.pidfd_open(status["pid"])
        try:
            client.post("/shutdown")
            _await_end(process, status["pid"])
        finally:
            os.close(process)
    talk(f"the daemon is down; {status['sessions']} sessions go on" if status["sessions"] else "the daemon is down")


def _await_end(process: int, pid: int) -> None:
    ended, _, _ = select.select([process], [], [], LIMIT_S)
    if not ended:
        raise Failure(f"the daemon (pid {pid}) has not ended within {LIMIT_S:g} s", "it was told to", EXIT_TIMEOUT)
