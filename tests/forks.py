"""The warm process of a :class:`Nursery`: it has imported everything, and forks a command line for each line on its stdin.

What runs is the command line itself, in a process, with an environment and descriptors of its own; only the imports are shared.

The requests are those of ``chainwright.daemon.testing.nursery``.
"""

import gc
import importlib
import json
import os
import signal
import sys
from typing import Any

import chainwright.daemon.supervisor
from chainwright.daemon import crash_points
from chainwright.daemon.cli import up
from chainwright.daemon.cli.main import main

WARM = (chainwright.daemon.supervisor, up)


def forked(request: dict[str, Any]) -> int:
    """The process id of a new daemon."""
    if pid := os.fork():
        return pid
    try:
        os._exit(lived(request))
    finally:
        os._exit(70)


def lived(request: dict[str, Any]) -> int:
    """Be the command; its exit code."""
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    for own, standard in ((null, 0), (log, 1), (log, 2)):
        os.dup2(own, standard)
    os.closerange(3, 64)
    signal.set_wakeup_fd(-1)
    importlib.reload(crash_points)  # its switch is read once, when it is imported
    return main(request["words"])


def reaped(pid: int) -> int:
    """The exit code of a process that has ended; negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def serve() -> None:
    """Answer until stdin ends."""
    gc.freeze()
    for line in sys.stdin:
        request = json.loads(line)
        answer = reaped(request["reap"]) if "reap" in request else forked(request)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
