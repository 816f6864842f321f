"""The first half of a trial: from the name of a host to a command in its user's shell."""

import asyncio
import getpass
import socket
import time
from typing import Final

from chainwright.daemon.core.hosts import algorithm, fingerprint, is_same_key
from chainwright.daemon.hosts.findings import HINTS, Finding, stop, warning, without_answer
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.unreached import Unreached
from chainwright.schemas.hosts import HostSettings

ANSWER_WITHIN_S: Final = 10.0
SHELL_WITHIN_S: Final = 20.0
QUICK_S: Final = 1.0
"""For a shell that does nothing."""
_BANNER_LINES: Final = 50
_SHOWN: Final = 60


class Login:
    """What lies between us and a command on a host. ``connections`` are those of the trial, not closed here."""

    def __init__(self, settings: HostSettings, connections: HostConnections) -> None:
        self._settings = settings
        self._connections = connections
        self._problem: Unreached | None = None
        """Why nobody lets us in, though the host is the right one."""

    async def name(self) -> Finding:
        """Whether its address leads anywhere."""
        if (why := self._why_not_direct()) is not None:
            return Finding(detail=why, verdict="skipped")
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                found = await asyncio.get_running_loop().getaddrinfo(
                    self._settings.address.strip("[]"), self._settings.port, type=socket.SOCK_STREAM
                )
        except (OSError, UnicodeError) as problem:
            said = getattr(problem, "strerror", None) or "no answer of the resolver"
            raise stop(f"{self._settings.address} is not known: {said}", HINTS["name"]) from problem
        return Finding(detail=", ".join(dict.fromkeys(str(one[4][0]) for one in found)))

    async def port(self) -> Finding:
        """Whether an sshd answers there."""
        if (why := self._why_not_direct()) is not None:
            return Finding(detail=why, verdict="skipped")
        place = f"{self._settings.address}:{self._settings.port}"
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                banner = await _banner(self._settings.address.strip("[]"), self._settings.port)
        except TimeoutError as problem:
            raise stop(f"{place} gives no answer within {ANSWER_WITHIN_S:.0f} s", HINTS["silent"]) from problem
        except ConnectionRefusedError as problem:
            raise stop(f"nothing listens at {place}", HINTS["refused"]) from problem
        except OSError as problem:
            raise stop(f"{place}: {problem.strerror or problem}", HINTS["silent"]) from problem
        if not banner:
            raise stop(f"{place} closes the connection without a word", HINTS["dropped"])
        if not banner.startswith("SSH-"):
            raise stop(f'{place} is no SSH server: it says "{_short(banner)}"', "give the port of its sshd: --port")
        return Finding(detail=_short(banner))

    async def host_key(self) -> Finding:
        """Whether it is the machine that it was. The login is tried with it: nothing is offered to another one."""
        pinned = self._settings.host_key
        if pinned is None:
            shown = await self._connections.shown_host_key()
            said = f"none is pinned; it shows {algorithm(shown)} {fingerprint(shown)}"
            raise stop(said, f"chainwright hosts trust {self._connections.name}")
        try:
            await self._connections.connect()
        except Unreached as problem:
            if problem.kind not in ("no-key", "denied"):
                raise
            self._problem = problem
            if problem.kind == "no-key" and not await self._shows(pinned):
                return Finding(detail=f"{fingerprint(pinned)} is pinned; it was not compared", verdict="skipped")
        return Finding(detail=f"{algorithm(pinned)} {fingerprint(pinned)}, as pinned")

    async def _shows(self, pinned: str) -> bool:
        return is_same_key(await self._connections.shown_host_key(), pinned)

    async def login(self) -> Finding:
        """Whether one of our keys is let in."""
        if self._problem is not None:
            raise stop(str(self._problem), without_answer(self._problem).hint)
        by = f"the key {self._settings.key}" if self._settings.key else "a key of the ssh agent"
        if self._settings.key is None and self._settings.ssh_config is not None:
            by = f"what {self._settings.ssh_config} says"
        return Finding(detail=f"{self._settings.user or getpass.getuser()} by {by}")

    async def shell(self) -> Finding:
        """Whether the user's shell starts quickly and says nothing: it is started for every command."""
        began = time.monotonic()
        ran = await self._connections.command("true", within_s=SHELL_WITHIN_S)
        took_s = time.monotonic() - began
        said = _short(ran.out.decode(errors="replace") or ran.err)
        if ran.code != 0:
            told = f"`true` ends with {ran.code}" + (f': "{said}"' if said else "")
            raise stop(told, "give the user a shell that runs commands: chsh, and no ForceCommand in sshd_config")
        if ran.out:
            return warning(f'prints "{said}" before every command', _NOISY)
        if took_s > QUICK_S:
            return warning(f"takes {took_s:.1f} s to do nothing", _SLOW)
        return Finding(detail=f"quiet, {took_s * 1000:.0f} ms")

    def _why_not_direct(self) -> str | None:
        if self._settings.jump is not None:
            return f"is for host {self._settings.jump} to know, through which it is reached"
        if self._settings.ssh_config is not None:
            return f"{self._settings.ssh_config} may say another one"
        return None


_NOISY: Final = "let its start-up files (~/.bashrc, ~/.zshenv) talk to people alone, by `[ -t 1 ] || return` at the top"
_SLOW: Final = "find out what its start-up files (~/.bashrc, ~/.zshenv) wait for: `[ -t 1 ] || return` at the top leaves it to people"


async def _banner(address: str, port: int) -> str:
    """The line by which an SSH server says what it is, else the first that came; empty when none did."""
    reader, writer = await asyncio.open_connection(address, port)
    try:
        first = ""
        for _ in range(_BANNER_LINES):
            line = (await reader.readline()).decode(errors="replace").strip()
            if line.startswith("SSH-") or not line:
                return line or first
            first = first or line
        return first
    except ValueError:  # no end of a line for 64 KiB
        return "a flood of bytes"
    finally:
        writer.transport.abort()


def _short(text: str) -> str:
    """The first line of what a host printed, as far as a line of ours can show it."""
    line = "".join(one if one.isprintable() else " " for one in text.strip().partition("\n")[0])
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
