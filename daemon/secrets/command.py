"""Secrets of a command: Vault, sops, a cloud's tool, or anything that prints a JSON object of names and texts.

It is told the wanted names on its standard input, as ``{"names": […]}``; one that always prints everything may ignore them. It runs in
a process group of its own that is ended with it, and what it says on standard error is thrown away: tools quote what they failed on.
"""

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from chainwright.daemon.secrets.port import SecretUnavailable

LIMIT_BYTES: Final = 1 << 20
_END_S: Final = 5.0


class CommandProvider:
    """Runs the command at each question, for at most ``timeout_s`` seconds."""

    name = "command"

    def __init__(self, argv: Sequence[str], timeout_s: float) -> None:
        self._argv = tuple(argv)
        self.place = f"the command {self._argv[0]}"
        self._timeout_s = timeout_s

    async def read(self, names: Sequence[str]) -> Mapping[str, str]:
        """See :class:`~.port.Provider`."""
        values = self._understood(await self._printed(json.dumps({"names": list(names)}).encode()))
        wrong = [name for name in names if not isinstance(values.get(name, ""), str)]
        if wrong:
            raise SecretUnavailable(f'the command for secrets, {self._argv[0]}, gives no text for "{wrong[0]}"')
        return {name: values[name] for name in names if name in values}

    def _understood(self, printed: bytes) -> dict[str, Any]:
        try:
            values = json.loads(printed)
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise SecretUnavailable(f"the command for secrets, {self._argv[0]}, did not print a JSON object")
        return values

    async def _printed(self, question: bytes) -> bytes:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                limit=LIMIT_BYTES,
            )
        except OSError as error:
            raise SecretUnavailable(f"the command for secrets, {self._argv[0]}, cannot run: {error.strerror}") from None
        try:
            async with asyncio.timeout(self._timeout_s):
                printed = await self._answer(process, question)
                code = await process.wait()
        except TimeoutError:
            raise SecretUnavailable(
                f"the command for secrets, {self._argv[0]}, gave no answer within {self._timeout_s:g} s"
            ) from None
        finally:
            await _ended(process)
        if code != 0:
            raise SecretUnavailable(f"the command for secrets, {self._argv[0]}, failed with exit code {code}")
        return printed

    async def _answer(self, process: asyncio.subprocess.Process, question: bytes) -> bytes:
        assert process.stdin is not None and process.stdout is not None
        with suppress(ConnectionError):  # it does not want to know the names
            process.stdin.write(question)
            await process.stdin.drain()
        process.stdin.close()
        printed = await process.stdout.read(LIMIT_BYTES + 1)
        while len(printed) <= LIMIT_BYTES and (more := await process.stdout.read(LIMIT_BYTES)):
            printed += more
        if len(printed) > LIMIT_BYTES:
            raise SecretUnavailable(f"the command for secrets, {self._argv[0]}, printed more than {LIMIT_BYTES} bytes")
        return printed


async def _ended(process: asyncio.subprocess.Process) -> None:
    """A command that still runs is ended with all of its group."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(TimeoutError):  # of one that has left its group and keeps the pipe open
            async with asyncio.timeout(_END_S):
                await process.communicate()  # not wait(): a pipe that nobody reads to its end holds it up
