"""Daemons for tests without the second that importing takes: a warm process, the script of the caller's, forks each.

Tests start hundreds of daemons, and a kill loop wants its kills to fall into the daemon's life, not into the interpreter's. The start of
an interpreter is what they leave out; tests of ``up`` and of the packages, and the benchmarks, start it in full.
"""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Nursery:
    """A process that has imported everything, of which daemons are forked. End it with :meth:`close`, or by ending yourself.

    ``script`` is what it runs: a request is a line of JSON on its stdin, its answer a number on stdout. ``{words, env, log, cwd}`` asks
    for a process and is answered with its id, ``{reap}`` with the exit code of one that has ended.
    """

    def __init__(self, script: Path) -> None:
        words = [sys.executable, str(script)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **request: Any) -> int:
        """The number that it answers with."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)


class Process:
    """A command line as a process, with the words of :class:`subprocess.Popen`.

    ``words`` are its arguments, ``log`` takes what it prints, ``env`` is its whole environment, ``cwd`` the folder it starts in.
    """

    def __init__(self, nursery: Nursery, *, words: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path) -> None:
        self.pid = nursery.ask(words=list(words), env=dict(env), log=str(log), cwd=str(cwd))
        self.code: int | None = None
        self._nursery = nursery
        self._descriptor = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it lives."""
        if self.code is None and select.select([self._descriptor], [], [], 0)[0]:
            self.code = self._nursery.ask(reap=self.pid)
            os.close(self._descriptor)
        return self.code

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it lives."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._descriptor, number)

    def wait(self, limit_s: float) -> int:
        """Its exit code, once it has ended."""
        if self.code is None:
            assert select.select([self._descriptor], [], [], limit_s)[0], f"process {self.pid} lives after {limit_s} s"
        code = self.poll()
        assert code is not None
        return code
