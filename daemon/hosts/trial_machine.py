"""The middle of a trial: what the machine is, judged from what ``runners.probe`` found there."""

import json
import re
import shlex
import time
from importlib.resources import files
from typing import Any, Final

from chainwright.daemon.hosts.findings import Finding, Stop, failed, stop, warning
from chainwright.runners import probe
from chainwright.runners.ssh.connections import HostConnections
from chainwright.schemas.hosts import HostSettings

OLDEST_PYTHON: Final = (3, 6)
COMMAND_WITHIN_S: Final = 30.0
LEAST_FREE_BYTES: Final = 1 << 30
LEAST_FREE_FILES: Final = 10_000
APART_S: Final = 5.0
"""By how much its clock may differ before times of what ran there mislead."""
SOCKET_PATH_BYTES: Final = 107
_OWNER: Final = 12
"""Characters of the folder below the root that belongs to one daemon."""
NAME_BYTES: Final = 48
"""Of a session's name as they usually are: a run, an agent, its turn and attempt."""

_VERSION: Final = re.compile(rb"chainwright-python (\d+)\.(\d+)\.(\d+)")


class Machine:
    """What there is on a host. ``found`` is empty until :meth:`root` has looked."""

    def __init__(self, settings: HostSettings, connections: HostConnections) -> None:
        self._settings = settings
        self._connections = connections
        self._found: dict[str, Any] = {}
        self._apart_s = 0.0
        self._round_trip_s = 0.0

    async def python(self) -> Finding:
        """Whether there is an interpreter for session hosts."""
        code = 'import sys; print("chainwright-python %d.%d.%d" % tuple(sys.version_info[:3]))'
        command = f"{shlex.quote(self._settings.python)} -c {shlex.quote(code)}"
        ran = await self._connections.command(command, within_s=COMMAND_WITHIN_S)
        version = _VERSION.search(ran.out)
        if version is None:
            raise self._without_python(f"{self._settings.python} is not found there")
        numbers = tuple(map(int, version.groups()))
        told = ".".join(map(str, numbers))
        if numbers < OLDEST_PYTHON:
            raise self._without_python(f"{self._settings.python} is Python {told}, and 3.6 is the oldest that does")
        return Finding(detail=told)

    def _without_python(self, detail: str) -> Stop:
        if self._settings.durable == "preferred":
            said = "agents run there all the same (`durable: preferred`), and are lost with the link or the daemon"
            return Stop(warning(detail, f"{said}: Python 3 would let them outlive both"))
        return stop(detail, "install Python 3 there, say where it is (--python), or do without (--durable preferred)")

    async def root(self) -> Finding:
        """Whether the folder of everything of ours is there, ours, and nobody else's."""
        await self._probe()
        path, faults = self._found["root"], self._found["faults"]
        for fault, what in (("root", "cannot be made"), ("write", "cannot be written")):
            if fault in faults:
                raise stop(
                    f"{path} {what}: {faults[fault]}", "choose another with --root, or give it to the user there"
                )
        if self._found["owner"] != self._found["user"]:
            raise stop(f"{path} belongs to another user ({self._found['owner']})", "choose another with --root")
        if self._found["mode"] & 0o077:
            return warning(f"{path} can be looked into by others of that machine", f"there: chmod 700 {path}")
        left = SOCKET_PATH_BYTES - len(f"{path}/{'o' * _OWNER}/s//ctl.sock".encode())
        if left < NAME_BYTES:
            said = f"{path} leaves {left} bytes for the name of a session in the path of its socket"
            return warning(
                said, "choose a shorter one with --root: sessions of longer names take a channel for each stream"
            )
        return Finding(detail=f"{path}, {'made' if self._found['made'] else 'there'}, the user's own")

    async def _probe(self) -> None:
        command = f"{shlex.quote(self._settings.python)} -I -S - {shlex.quote(self._settings.root)}"
        source = (files(probe.__package__) / "probe.py").read_bytes()
        began = time.time()
        ran = await self._connections.command(command, stdin=source, within_s=COMMAND_WITHIN_S)
        ended = time.time()
        line = ran.out.decode(errors="replace").rpartition(probe.MARK)[2]
        if probe.MARK not in ran.out.decode(errors="replace"):
            raise stop(f"what looks at it there fails: {ran.err.strip() or 'it says nothing'}", "please report this")
        self._found = json.loads(line)
        self._round_trip_s = ended - began
        theirs = self._found["time"]
        self._apart_s = max(theirs - ended, 0.0) - max(began - theirs, 0.0)

    async def files(self) -> Finding:
        """Whether its file system does what sessions rely on."""
        faults = self._found["faults"]
        for fault, what in (("flock", "locks"), ("rename", "replacing a file"), ("socket", "unix sockets")):
            if fault in faults:
                raise stop(f"{what}: {faults[fault]}", "put the root on a local file system: --root")
        if "exec" in faults:
            said = (
                f"nothing there can be executed ({faults['exec']}): neither scripts of the workspace nor `chainwright`"
            )
            return failed(said, "mount it without noexec, or choose another with --root")
        return Finding(detail="locks, replaces, listens and executes")

    async def git(self) -> Finding:
        """Whether agents there can have the history of their repository."""
        if (fault := self._found["faults"].get("git")) is not None:
            said = f"none is there ({fault}): agents have no CHAINWRIGHT_REPOSITORY, and `workspace: worktree` cannot start"
            return warning(said, "install git there, if agents need history")
        return Finding(detail=self._found["git"].removeprefix("git version "))

    async def room(self) -> Finding:
        """Whether there is disk left."""
        free, left = self._found["free_bytes"], self._found["free_files"]
        said = f"{free / 1e9:.1f} GB free"
        if free < LEAST_FREE_BYTES:
            return warning(said, "make room: terminal output is kept there, and agents wait on a full disk")
        if left is not None and left < LEAST_FREE_FILES:
            return warning(f"{said}, but only {left} files can be made", "remove files there: inodes run out")
        return Finding(detail=said)

    async def terminals(self) -> Finding:
        """Whether there are terminals for as many sessions as are let there."""
        if (fault := self._found["faults"].get("terminal")) is not None:
            return failed(f"none can be opened: {fault}", "mount devpts there, or raise kernel.pty.max")
        used, most = self._found["terminals"]["used"], self._found["terminals"]["max"]
        if used is None or most is None:
            return Finding(detail="can be opened")
        said = f"{most - used} of {most} free"
        if most - used < self._settings.slots:
            return warning(f"{said}, {self._settings.slots} slots", "raise kernel.pty.max there, or lower --slots")
        return Finding(detail=said)

    async def clock(self) -> Finding:
        """Whether times of what ran there can be compared with ours."""
        if abs(self._apart_s) <= APART_S:
            return Finding(detail=f"ours, within {abs(self._apart_s) + self._round_trip_s:.1f} s")
        way = "ahead of" if self._apart_s > 0 else "behind"
        return warning(
            f"{abs(self._apart_s):.0f} s {way} ours",
            "times of its events mislead until it is set: timedatectl set-ntp true",
        )
