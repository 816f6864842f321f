"""Machines with a cable between: network namespaces, each with a real sshd inside, reached from the test's own namespace.

A machine's cable leads through a bridge in a namespace of its own. Cutting takes one end off the bridge: both sides keep their link and their
addresses, and hear nothing any more. That is the hard case, because nothing is refused. No packet leaves the machine: the network
of a test is a black hole wherever no cable is.

Names carry the id of the process that made them, so that what a killed test process left is removed by the next one.
"""

import itertools
import os
import signal
import subprocess
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.testing.sshd import BINARY, Sshd

LIMIT_S = 20.0
NETWORKS = range(1, 255)
"""Of 198.18.0.0/15, which is set aside for tests of networks: one for each user of this module."""
FAKE_BOOT = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"'


class Incapable(RuntimeError):
    """This machine has no namespaces for us."""


def ip(*words: str) -> str:
    """What `ip` says. Raises :class:`Incapable`."""
    try:
        done = subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=LIMIT_S)
    except FileNotFoundError as problem:
        raise Incapable("there is no `ip` (iproute2)") from problem
    except subprocess.CalledProcessError as problem:
        raise Incapable(f"ip {' '.join(words)}: {problem.stderr.strip()}") from problem
    return done.stdout


class Machine:
    """A namespace, its cable, its disk and its sshd. What runs there knows it by its boot id."""

    def __init__(self, network: int, number: int, name: str, folder: Path, disk_mb: int | None) -> None:
        self.name = name
        self.space = f"cwl-{os.getpid()}-{network}-{name}"
        self._cable = f"{self.space}-cable"
        self._port = f"cwl{network}-{number}"
        self._boot_id = folder / "boot_id"
        self._has_disk = disk_mb is not None
        here, there = (f"198.18.{network}.{4 * number + end}" for end in (1, 2))
        folder.mkdir()
        self._lay_cable(here, there)
        prefix = ("ip", "netns", "exec", self.space, "unshare", "-m", "sh", "-c", FAKE_BOOT, str(self._boot_id))
        self.sshd = Sshd(folder, "MaxStartups 100", address=there, prefix=prefix)
        self.root = folder / "r"
        self.root.mkdir()
        if disk_mb is not None:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={disk_mb}m", "tmpfs", str(self.root)]
            if subprocess.run(mount, check=False, capture_output=True, timeout=LIMIT_S).returncode != 0:
                raise Incapable("no tmpfs can be mounted")
        self._boot()

    def _lay_cable(self, here: str, there: str) -> None:
        for space in (self.space, self._cable):
            ip("netns", "add", space)
        ip("link", "add", self._port, "type", "veth", "peer", "name", "near", "netns", self._cable)
        ip("-n", self._cable, "link", "add", "far", "type", "veth", "peer", "name", "eth0", "netns", self.space)
        ip("-n", self._cable, "link", "add", "bridge", "type", "bridge")
        for port in ("near", "far"):
            ip("-n", self._cable, "link", "set", port, "master", "bridge", "up")
        ip("-n", self._cable, "link", "set", "bridge", "up")
        ip("address", "add", f"{here}/30", "dev", self._port)
        ip("link", "set", self._port, "up")
        ip("-n", self.space, "address", "add", f"{there}/30", "dev", "eth0")
        for device in ("eth0", "lo"):
            ip("-n", self.space, "link", "set", device, "up")

    # the link

    def cut(self) -> None:
        """From now on nothing comes through, either way, and nobody is told."""
        ip("-n", self._cable, "link", "set", "far", "nomaster")

    def restore(self) -> None:
        """Everything comes through again; what was sent meanwhile is lost."""
        ip("-n", self._cable, "link", "set", "far", "master", "bridge")

    def abort(self) -> None:
        """Reset every connection, so that both sides see it at once."""
        words = ["ip", "netns", "exec", self.space, "ss", "--tcp", "--kill", "state", "established"]
        subprocess.run(words, check=False, capture_output=True, timeout=LIMIT_S)

    # the machine

    def processes(self) -> list[int]:
        """Every process that runs on it, sshd's too."""
        return [int(pid) for pid in ip("netns", "pids", self.space).split()]

    def reboot(self) -> None:
        """Everything that runs there is killed at once; it comes back with another boot id and the disk that it had."""
        self._kill_all()
        self.sshd.stop()
        self._boot()

    def _boot(self) -> None:
        self._boot_id.write_text(f"{uuid.uuid4()}\n")
        self.sshd.start()

    def _kill_all(self) -> None:
        due = time.monotonic() + LIMIT_S
        while left := self.processes():
            assert time.monotonic() < due, f"processes of {self.space} do not end: {left}"
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)

    def close(self) -> None:
        """Remove it, with everything that runs there."""
        self._kill_all()
        self.sshd.stop()
        if self._has_disk:
            subprocess.run(["umount", "--lazy", str(self.root)], check=False, timeout=LIMIT_S)
        for space in (self._cable, self.space):
            ip("netns", "del", space)


class Links:
    """The machines of one test module; ``folder`` must be short enough for the sockets of sessions below it."""

    def __init__(self, folder: Path) -> None:
        self.machines: list[Machine] = []
        self._folder = folder
        if os.geteuid() != 0 or BINARY is None:
            raise Incapable("it needs root and an sshd")
        remove_leftovers()
        self._network = _claimed()
        self._numbers = itertools.count()

    def make(self, name: str, *, disk_mb: int | None = None) -> Machine:
        """One more, up and reachable; with a disk of its own, when it is to run full. Raises :class:`Incapable`."""
        try:
            machine = Machine(self._network, next(self._numbers), name, self._folder / name, disk_mb)
        except BaseException:
            remove_leftovers(of=os.getpid(), name=name)
            raise
        self.machines.append(machine)
        return machine

    def close(self) -> None:
        """Nothing is left of any of them, whatever happened before."""
        try:
            while self.machines:
                self.machines.pop().close()
        finally:
            remove_leftovers(of=os.getpid())
            ip("route", "del", "blackhole", f"198.18.{self._network}.0/24")


def _claimed() -> int:
    """A network that nobody uses; adding the route is the claim."""
    for network in NETWORKS:
        with suppress(Incapable):
            ip("route", "add", "blackhole", f"198.18.{network}.0/24")
            return network
    raise Incapable("no route can be added")


def remove_leftovers(*, of: int | None = None, name: str = "") -> None:
    """Namespaces of this process, or of processes that are no more, with what runs in them."""
    for space in [line.split()[0] for line in ip("netns", "list").splitlines() if line.startswith("cwl-")]:
        _, pid, network, machine, *_ = space.split("-")
        if (int(pid) != of or name not in ("", machine)) if of is not None else Path("/proc", pid).exists():
            continue
        for process in ip("netns", "pids", space).split():
            with suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
        ip("netns", "del", space)
        if of is None:
            with suppress(Incapable):
                ip("route", "del", "blackhole", f"198.18.{network}.0/24")


def links_or_skip(folder: Path) -> Links:
    """Those of a module, which closes them; skips it, loudly, where there can be none."""
    try:
        return Links(folder)
    except Incapable as why:
        pytest.skip(f"MISSING CAPABILITY: network namespaces: {why}; no link was cut")


def host_of(machine: Machine, **changes: Any) -> dict[str, Any]:
    """The machine as ``POST /hosts`` takes it."""
    settings = machine.sshd.settings(**changes).model_dump(mode="json", exclude_none=True)
    return {"name": machine.name, "settings": settings}
