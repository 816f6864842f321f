"""What `chainwright hosts test` looks at on a host, before anything of ours is put there.

Standard library of Python 3.6 only; given to the host's interpreter on stdin, with the root as its argument. It makes the root when there is
none, tries what sessions need of it in a folder of its own, which it takes away again, and prints one line of JSON after
:data:`MARK`. What it finds it only tells: what that means is the other side's to judge.
"""

import contextlib
import fcntl
import json
import os
import pty
import shutil
import stat
import subprocess
import sys
import tempfile
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

    Json = Dict[str, Any]

MARK = "\nchainwright-probe-1\n"
LIMIT_S = 10.0


def probe(root: str) -> "Json":
    """Everything that was found; ``faults`` maps what failed to what the system said."""
    path = os.path.abspath(os.path.expanduser(root))
    faults: "Dict[str, str]" = {}
    made = _made(path, faults)
    found: "Json" = {"root": path, "made": made, "time": time.time(), "faults": faults}
    found.update(terminals(faults))
    attempt(faults, "git", lambda: found.update(git()))
    if "root" not in faults:
        found.update(owned(path))
        found.update(room(path))
        attempt(faults, "write", lambda: in_a_folder(path, faults))
    return found


def attempt(faults: "Dict[str, str]", name: str, act: "Callable[[], None]") -> None:
    """Do it, and note what the system says when it cannot be done."""
    try:
        act()
    except (OSError, subprocess.SubprocessError) as problem:
        faults[name] = str(getattr(problem, "strerror", None) or problem)


def _made(path: str, faults: "Dict[str, str]") -> bool:
    is_there = os.path.isdir(path)
    attempt(faults, "root", lambda: os.makedirs(path, 0o700, exist_ok=True))
    return not is_there and "root" not in faults


def owned(path: str) -> "Json":
    """Whose the root is, and who else can look into it."""
    about = os.stat(path)
    return {"owner": about.st_uid, "user": os.geteuid(), "mode": stat.S_IMODE(about.st_mode)}


def room(path: str) -> "Json":
    """Bytes and files that are free."""
    disk = os.statvfs(path)
    return {"free_bytes": disk.f_bavail * disk.f_frsize, "free_files": disk.f_favail if disk.f_files else None}


def in_a_folder(path: str, faults: "Dict[str, str]") -> None:
    """What sessions do with files: lock, replace, make durable, execute, listen."""
    folder = tempfile.mkdtemp(prefix=".probe-", dir=path)
    try:
        attempt(faults, "flock", lambda: locks(os.path.join(folder, "lock"), faults))
        attempt(faults, "rename", lambda: replaces(folder))
        attempt(faults, "exec", lambda: executes(os.path.join(folder, "script")))
        attempt(faults, "socket", lambda: listens(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def locks(path: str, faults: "Dict[str, str]") -> None:
    """A lock that one holds must be refused to another."""
    with open(path, "w") as mine, open(path, "w") as other:
        fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with contextlib.suppress(OSError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            faults["flock"] = "a lock is given to two at once"


def replaces(folder: str) -> None:
    """Write aside, make durable, rename over."""
    for content in ("old", "new"):
        aside, target = os.path.join(folder, "aside"), os.path.join(folder, "target")
        with open(aside, "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(aside, target)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def executes(path: str) -> None:
    """Run a script that lies there, as agents do with those of the workspace."""
    with open(path, "w") as file:
        file.write("#!/bin/sh\nexit 0\n")
    os.chmod(path, 0o700)
    subprocess.run([path], check=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def listens(folder: str) -> None:
    """A unix socket, bound from within as session hosts do."""
    import socket  # noqa: PLC0415 - a build without it still tells everything else

    before = os.getcwd()
    os.chdir(folder)
    try:
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as listener:
            listener.bind("ctl.sock")
    finally:
        os.chdir(before)


def git() -> "Json":
    """Its version, as it says it."""
    said = subprocess.run(
        ["git", "--version"], check=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    return {"git": said.stdout.decode(errors="replace").strip()}


def terminals(faults: "Dict[str, str]") -> "Json":
    """Terminals that are open and how many may be; None where the system does not tell."""

    def opens() -> None:
        for descriptor in pty.openpty():
            os.close(descriptor)

    attempt(faults, "terminal", opens)
    return {"terminals": {"used": number("/proc/sys/kernel/pty/nr"), "max": number("/proc/sys/kernel/pty/max")}}


def number(path: str) -> "Optional[int]":
    """What stands in a file of the kernel's."""
    try:
        with open(path) as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def main(arguments: "List[str]") -> None:
    """Tell everything about this root."""
    sys.stdout.write(MARK + json.dumps(probe(arguments[0])) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
