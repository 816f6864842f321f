"""A real sshd for tests: on a high port of loopback, with keys of its own, never the system's.

Not a fixture itself, so that benchmarks and campaigns use it as tests do: :class:`Sshd` starts, stops, restarts and introduces itself as
:class:`HostSettings`. Everything is below one folder; what it started, it ends.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from chainwright.schemas.hosts import HostSettings

LIMIT_S = 20.0
BINARY = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/local/sbin")


class Sshd:
    """One sshd. ``options`` are lines of sshd_config; ``folder`` must be short enough for the sockets of sessions below it."""

    def __init__(self, folder: Path, *options: str, address: str = "127.0.0.1", prefix: tuple[str, ...] = ()) -> None:
        assert BINARY is not None
        self.folder = folder
        self.address = address
        self.port = _free_port(address) if not prefix else 22
        self.options = options
        self._prefix = prefix  # of its command: `ip netns exec NAME`
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.user_key = _key(folder / "user_key")
        self.host_key = _key(folder / "host_key")
        (folder / "authorized_keys").write_text(self.user_key.with_suffix(".pub").read_text())
        with suppress(FileExistsError, PermissionError):
            Path("/run/sshd").mkdir(mode=0o755)  # of its unprivileged part, which insists on it

    @property
    def user(self) -> str:
        """Who logs in: whoever runs the tests."""
        return pwd.getpwuid(os.getuid()).pw_name

    def settings(self, **changes: Any) -> HostSettings:
        """The host as a daemon's configuration describes it."""
        given: dict[str, Any] = {
            "address": self.address,
            "port": self.port,
            "user": self.user,
            "key": str(self.user_key),
            "host_key": " ".join(self.host_key.with_suffix(".pub").read_text().split()[:2]),
            "root": str(self.folder / "r"),
        }
        return HostSettings(**{**given, **changes})

    def start(self) -> None:
        """Return once it listens."""
        (self.folder / "sshd_config").write_text("\n".join([*self._lines(), *self.options, ""]))
        log = (self.folder / "sshd.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [*self._prefix, str(BINARY), "-D", "-e", "-f", str(self.folder / "sshd_config")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + LIMIT_S
        while not self._listens():
            assert self._process.poll() is None, (self.folder / "sshd.log").read_text()
            assert time.monotonic() < until, "sshd does not listen"
            time.sleep(0.01)

    def _lines(self) -> list[str]:
        return [
            f"ListenAddress {self.address}",
            f"Port {self.port}",
            f"HostKey {self.host_key}",
            f"AuthorizedKeysFile {self.folder / 'authorized_keys'}",
            f"PidFile {self.folder / 'sshd.pid'}",
            "UsePAM no",
            "StrictModes no",
            "PermitRootLogin prohibit-password",
            "PasswordAuthentication no",
            "PrintMotd no",
            *([] if any(line.startswith("Subsystem") for line in self.options) else ["Subsystem sftp internal-sftp"]),
        ]

    def _listens(self) -> bool:
        if self._prefix:  # in a network that is not ours
            return (self.folder / "sshd.pid").exists()
        with socket.socket() as probe:
            return probe.connect_ex((self.address, self.port)) == 0

    def logins(self) -> list[int]:
        """Processes of the connections that are open, the privileged ones first."""
        return _below(self._process.pid) if self._process else []

    def cut(self) -> None:
        """Kill every connection; sshd itself goes on listening."""
        for pid in self.logins():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Kill it with its connections; sessions that were started over it are none of its processes."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGSTOP)  # so that it accepts nobody between the two
        self.cut()
        self._process.kill()
        self._process.wait()
        (self.folder / "sshd.pid").unlink(missing_ok=True)
        self._process = None

    def set_options(self, *options: str) -> None:
        """In force from the next start."""
        self.options = options

    def change_host_key(self) -> None:
        """As a machine that was set up anew; in force from the next start."""
        for path in (self.host_key, self.host_key.with_suffix(".pub")):
            path.unlink()
        _key(self.host_key)


def _key(path: Path) -> Path:
    if not path.exists():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
        subprocess.run(command, check=True, timeout=LIMIT_S)
    return path


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def _below(root: int) -> list[int]:
    """Processes of sshd's below ``root``: those of connections, and not the commands that they run."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
            if name == "sshd":
                parents.setdefault(int(rest.split()[1]), []).append(int(stat.parent.name))
    found = list(parents.get(root, []))
    for pid in found:  # grows while it is walked
        found.extend(parents.get(pid, []))
    return found
