"""A trial of a host: everything that its agents will need, in order, each with what was found and how to mend it.

It is made over connections of its own, so that it sees what a new one meets, whatever the daemon has open. It ends where nothing
further can be looked at; only what needs no connection is looked at all the same. Whatever it puts on the host it takes away
again, but for what the first agent would put there as well.
"""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from chainwright.daemon.core.hosts import KnownHost
from chainwright.daemon.hosts.askers import Asked, labels_of
from chainwright.daemon.hosts.findings import Finding, Look, Stop, without_answer
from chainwright.runners.port import RunnerError

Check = dict[str, Any]
"""A HostCheck of ``schemas.host_api``."""


async def trial(way: Sequence[KnownHost], *, home: Path, owner: str, asked: Asked) -> AsyncIterator[Check]:
    """HostChecks of the first host of ``way``; the others are those through which it is reached, the nearest to it first.

    ``asked`` are the labels that chains in force ask for.
    """
    async with _looks(way, home, owner) as looks:
        for name, look in looks:
            check, goes_on = await _looked(name, look)
            yield check
            if not goes_on:
                break

    async def labels() -> Finding:
        return labels_of(way[0], asked)

    yield (await _looked("labels", labels))[0]


@asynccontextmanager
async def _looks(way: Sequence[KnownHost], home: Path, owner: str) -> AsyncIterator[list[tuple[str, Look]]]:
    """What is loaded for the first host that is tried stays out of a daemon that has none."""
    from chainwright.daemon.hosts.reaching import connections_of
    from chainwright.daemon.hosts.trial_login import Login
    from chainwright.daemon.hosts.trial_machine import Machine
    from chainwright.daemon.hosts.trial_session import Rehearsal
    from chainwright.runners.ssh.porter_client import HostPorter
    from chainwright.runners.ssh.runner import SshRunner

    settings = way[0].settings
    async with AsyncExitStack() as stack:
        connections = await stack.enter_async_context(connections_of(way, home))
        porter = HostPorter(connections, owner=owner)
        runner = SshRunner(connections, porter)
        stack.push_async_callback(runner.close)
        login, machine = Login(settings, connections), Machine(settings, connections)
        rehearsal = Rehearsal(connections, porter, runner)
        yield [
            ("name", login.name),
            ("port", login.port),
            ("host key", login.host_key),
            ("login", login.login),
            ("shell", login.shell),
            ("python", machine.python),
            ("root", machine.root),
            ("file system", machine.files),
            ("git", machine.git),
            ("room", machine.room),
            ("terminals", machine.terminals),
            ("clock", machine.clock),
            ("tools", rehearsal.tools),
            ("streams", rehearsal.streams),
            ("channels", rehearsal.channels),
            ("session", rehearsal.session),
        ]


async def _looked(name: str, look: Look) -> tuple[Check, bool]:
    """What was found, and whether what comes after it can be looked at."""
    began = time.monotonic()
    goes_on = True
    try:
        found = await look()
    except Stop as stopped:
        found, goes_on = stopped.finding, False
    except RunnerError as error:
        found, goes_on = without_answer(error), False
    took = {"seconds": round(time.monotonic() - began, 3)}
    check = {"check": name, "verdict": found.verdict, "detail": found.detail, "hint": found.hint}
    return check | took, goes_on
