"""Our files on a host: uploaded once for each content, into a folder that is named by its hash.

They lie there as the package that they are here, beside a ``__main__``, so that ``python3 -I -S FOLDER VERB`` runs them. They travel as one
archive, by SFTP or, where the server offers none, through a command; the archive itself checks what arrived and puts it in its
place (``porter.unpack``).
"""

import io
import secrets
import shlex
import zipfile
from functools import cache
from pathlib import Path
from typing import Final

from chainwright.runners import porter, porter_channels
from chainwright.runners.port import RunnerError
from chainwright.runners.ssh.connections import HostConnections, Ran
from chainwright.runners.ssh.unreached import NoInterpreter
from chainwright.schemas.hosts import HostSettings

REMOTE_FILES: Final = (
    "session_host.py",
    "session_folder.py",
    "porter.py",
    "porter_channels.py",
    "refused.py",
    "host_artifacts.py",
    "host_contents.py",
    "host_files.py",
    "host_garbage.py",
    "host_git.py",
    "host_repository.py",
    "host_trees.py",
    "host_workspaces.py",
)
"""Of this package's parent, all for Python 3.6 and the standard library alone."""

OLDEST_PYTHON: Final = (3, 6)
UPLOAD_WITHIN_S: Final = 120.0
COMMAND_WITHIN_S: Final = 60.0

_MAIN: Final = """\
import sys

if sys.argv[1:2] in (["serve"], ["send"], ["receive"], ["unpack"]):
    from chainwright.runners.porter import main
elif sys.argv[1:2] in (["relay"], ["attach"], ["probe"]):
    from chainwright.runners.porter_channels import main
else:  # in a hurry, most of them
    from chainwright.runners.session_host import main
sys.exit(main(sys.argv[1:]))
"""


@cache
def files() -> tuple[tuple[str, bytes], ...]:
    """Name below the folder → content."""
    here = Path(porter.__file__).parent
    parts = [(f"chainwright/runners/{name}", (here / name).read_bytes()) for name in REMOTE_FILES]
    empty = [(f"{package}/__init__.py", b"") for package in ("chainwright", "chainwright/runners")]
    return ("__main__.py", _MAIN.encode()), *empty, *parts


@cache
def digest() -> str:
    """The name of the folder."""
    return porter.digest_of(list(files()))


def archive() -> bytes:
    """All files in one, runnable as it is. Not compressed: some Pythons are built without zlib."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as whole:
        for name, content in files():
            whole.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def command_line(settings: HostSettings, folder: str, *arguments: str) -> str:
    """The command that runs a verb of the tools in a folder of the host, for its user's shell, whichever that is."""
    words = shlex.join(arguments)
    return f"exec {shlex.quote(settings.python)} -I -S {quoted(folder)} {words}"


def folder(settings: HostSettings) -> str:
    """Where the tools lie, ``~`` as it is in the settings."""
    return f"{settings.root}/bin/{digest()}"


def quoted(path: str) -> str:
    """A path for a shell; of its ``~`` the shell makes the home of the user."""
    return f'"$HOME"/{shlex.quote(path[2:])}' if path.startswith("~/") else shlex.quote(path)


async def upload(connections: HostConnections) -> None:
    """Put the tools there. Raises :class:`NoInterpreter`, :class:`RunnerError`, :class:`HostUnreachable`."""
    bin_folder = await _bin_folder(connections)
    temporary = f"{bin_folder}/.{digest()}.{secrets.token_hex(4)}"
    try:
        await connections.put(temporary, archive(), within_s=UPLOAD_WITHIN_S)
        ran = await _unpack(connections, temporary)
    except OSError:
        ran = None
    if ran is None or ran.code != 0:  # no SFTP, or it shows another part of the disk
        await _write_by_command(connections, temporary)
        ran = await _unpack(connections, temporary)
    if ran.code != 0:
        raise RunnerError(f'host "{connections.name}": our files cannot be put into {bin_folder}: {ran.err}')


async def _bin_folder(connections: HostConnections) -> str:
    """Its absolute path; it is made, and the interpreter is looked at."""
    settings = connections.settings
    python = shlex.quote(settings.python)
    script = (
        f"printf %s {shlex.quote(porter_channels.MARK.decode())}; umask 077; mkdir -p {quoted(settings.root + '/bin')} || exit 9; "
        f"cd {quoted(settings.root + '/bin')} && pwd || exit 9; "
        f"{python} -I -S -c 'import sys; print(\"%d %d\" % sys.version_info[:2])' || echo none"
    )
    ran = await connections.command(f"exec sh -c {shlex.quote(script)}", within_s=COMMAND_WITHIN_S)
    lines = ran.out.partition(porter_channels.MARK)[2].decode(errors="replace").splitlines()
    if ran.code == 9 or len(lines) < 2:
        raise RunnerError(f'host "{connections.name}": {settings.root} cannot be made: {ran.err or "no answer"}')
    if lines[1] == "none" or tuple(map(int, lines[1].split())) < OLDEST_PYTHON:
        raise NoInterpreter(_no_interpreter(connections.name, settings, lines[1]))
    return lines[0]


def _no_interpreter(name: str, settings: HostSettings, version: str) -> str:
    what = (
        "is not there"
        if version == "none"
        else f"is Python {version.replace(' ', '.')}, and 3.6 is the oldest that does"
    )
    allowed = (
        ""
        if settings.durable == "preferred"
        else (", or allow agents whose terminals end with the connection (`durable: preferred`)")
    )
    return (
        f'host "{name}": `{settings.python}` {what}. Install Python 3 there, or say with `python:` where it is{allowed}'
    )


async def _write_by_command(connections: HostConnections, path: str) -> None:
    script = f"umask 077; exec cat > {shlex.quote(path)}"
    ran = await connections.command(f"exec sh -c {shlex.quote(script)}", stdin=archive(), within_s=UPLOAD_WITHIN_S)
    if ran.code != 0:
        raise RunnerError(f'host "{connections.name}": {path} cannot be written: {ran.err}')


async def _unpack(connections: HostConnections, temporary: str) -> Ran:
    command = command_line(connections.settings, temporary, "unpack", digest())
    return await connections.command(command, within_s=COMMAND_WITHIN_S)
