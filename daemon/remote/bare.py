"""What a run has on a host without Python, where ``sh`` and ``tar`` are all there is: for sessions that are bound to the connection.

A checkout, files that agents name, files that they are given, and a ``chainwright emit`` in shell. There is no history there, no worktree, no
checkout that is copied from an earlier one: each of them is sent whole. Everything is asked through commands, whose arguments hold
names that this daemon has made or quoted, and never a secret.
"""

import asyncio
import io
import shlex
import tarfile
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from chainwright.daemon.artifacts.port import Artifacts, BadFile
from chainwright.daemon.core.artifacts import Artifact
from chainwright.daemon.engine.hosts import INHERITED, Surroundings
from chainwright.daemon.engine.workplaces import Workplace
from chainwright.daemon.remote.surroundings import environment_of
from chainwright.daemon.sources.checkout import Checkout, CheckoutLink
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.workspace import Workspaces
from chainwright.runners.port import CannotStart
from chainwright.runners.porter_channels import MARK
from chainwright.runners.ssh import tools
from chainwright.runners.ssh.connections import HostConnections

COMMAND_WITHIN_S: Final = 60.0
SENT_WITHIN_S: Final = 300.0
MOST_BYTES: Final = 64 << 20
"""Of a tree or a file: they go through one command each, and through our memory."""

_NEEDS: Final = "needs Python 3.6 or newer there"
_EMIT: Final = """\
#!/bin/sh
# The command of agents on a host without Python: emit, and nothing else.
[ "$1" = emit ] && [ -n "$CHAINWRIGHT_EVENTS" ] && [ $# -ge 2 ] || {
  echo "chainwright ${1:-}: on this host there is only \\`chainwright emit NAME [--data JSON|@FILE|-] [--key KEY]\\`" >&2; exit 2; }
name=$2; data=null; key=; shift 2
while [ $# -gt 0 ]; do
  case $1 in
    --data=*) data=${1#--data=}; shift;;
    --key=*) key=${1#--key=}; shift;;
    --data) data=$2; shift 2 || exit 2;;
    --key) key=$2; shift 2 || exit 2;;
    *) echo "chainwright emit: unknown option $1; known are --data and --key" >&2; exit 2;;
  esac
done
case $name in *[!A-Za-z0-9._:/-]*) echo "chainwright emit: $name is no event's name" >&2; exit 2;; esac
case $key in *[\\"\\\\]*) echo "chainwright emit: a key holds no quotes and no backslashes" >&2; exit 2;; esac
case $data in -) data=$(cat);; @*) data=$(cat "${data#@}") || exit 2;; esac
file=$(date +%s)-$$-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ').json
printf '{"event": "%s", "data": %s%s}' "$name" "$data" "${key:+, \\"key\\": \\"$key\\"}" >"$CHAINWRIGHT_EVENTS/tmp/$file" &&
mv "$CHAINWRIGHT_EVENTS/tmp/$file" "$CHAINWRIGHT_EVENTS/new/$file"
"""


class BareHome:
    """The daemon's folder on one host. Every method raises HostUnreachable when nothing is known now."""

    def __init__(self, name: str, connections: HostConnections, owner: str) -> None:
        self.name = name
        self._connections = connections
        self._root = f"{connections.settings.root}/{owner}"
        self._path = ""

    async def path(self) -> str:
        """Absolute; made with the first question. Raises OSError."""
        if not self._path:
            made = f"mkdir -p {tools.quoted(self._root)} && cd {tools.quoted(self._root)} && chmod 700 . && pwd -P"
            self._path = (await self.does(made, what=f"{self._root} cannot be made")).decode().strip()
        return self._path

    async def does(self, script: str, stdin: bytes = b"", *, what: str, within_s: float = COMMAND_WITHIN_S) -> bytes:
        """What a script prints; an exit code that is not 0 is an OSError that begins with ``what``."""
        marked = f"umask 077; printf {shlex.quote(MARK.decode())}; {script}"
        ran = await self._connections.command(f"exec sh -c {shlex.quote(marked)}", stdin=stdin, within_s=within_s)
        if ran.code != 0:
            raise OSError(f'host "{self.name}": {what}: {ran.err or f"exit {ran.code}"}')
        return ran.out.partition(MARK)[2]


class BareWorkplaces:
    """Implements the engine's :class:`~chainwright.daemon.engine.workplaces.Workspaces`."""

    def __init__(self, home: BareHome, trees: Workspaces) -> None:
        self._home = home
        self._trees = trees

    async def prepare(self, run_id: str, repository: str, commit: str) -> Workplace:
        """``runs/<run>/workspace`` there."""
        return await self._prepared(run_id, f"runs/{run_id}/workspace", repository, commit)

    async def prepare_own(self, run_id: str, attempt_id: str, repository: str, commit: str) -> Workplace:
        """``runs/<run>/own/<attempt>/workspace`` there."""
        return await self._prepared(run_id, f"runs/{run_id}/own/{attempt_id}/workspace", repository, commit)

    async def prepare_worktree(
        self, run_id: str, attempt_id: str, repository: str, commit: str, *, anew: bool
    ) -> Workplace:
        """Never."""
        raise CannotStart(f'host "{self._home.name}": workspace: worktree {_NEEDS}')

    async def release(self, run_id: str, commit: str) -> None:
        """What agents left stays for people to see; runs that nobody has touched for a month go."""

    async def link_events(self, run_id: str, attempt_id: str) -> None:
        """Its event files are on the daemon's machine."""

    async def _prepared(self, run_id: str, folder: str, repository: str, commit: str) -> Workplace:
        home = await self._home.path()
        place = f"{home}/{folder}"
        looked = f"[ -d {shlex.quote(place)} ] && echo there || echo none"
        if (await self._home.does(looked, what="it cannot be looked at")).strip() != b"there":
            await self._send(place, repository, commit)
        return Workplace(folder=place, repository=f"{home}/no-history", given_root=f"{home}/runs/{run_id}/artifacts")

    async def _send(self, place: str, repository: str, commit: str) -> None:
        try:
            root, checkout = await self._trees.tree(commit)
            packed = await asyncio.to_thread(_packed, root, checkout)
        except SourceError as error:
            raise OSError(f"no workspace at {commit[:12]} of {repository}: {error}") from error
        there, aside = shlex.quote(place), shlex.quote(f"{place}.partial")
        script = f"rm -rf {aside}; mkdir -p {aside} && tar -xf - -C {aside} && mv {aside} {there}"
        await self._home.does(script, packed, what="the workspace cannot be written", within_s=SENT_WITHIN_S)


class BareFiles:
    """Implements the engine's :class:`~chainwright.daemon.artifacts.port.HostArtifacts`."""

    def __init__(self, home: BareHome, store: Artifacts, limit_bytes: int) -> None:
        self._home = home
        self._store = store
        self._limit_bytes = min(limit_bytes, MOST_BYTES)

    async def keep(self, path: str, *, folder: str, roots: tuple[str, ...]) -> Artifact:
        """See the port. Where it really lies is found out there, and judged here."""
        name = PurePosixPath(path).name
        found = await self._read(path, folder)
        where, _, content = found.partition(b"\n")
        place = where.decode(errors="replace")
        if not any(place.startswith(f"{root}/") for root in roots):
            raise BadFile(f'"{path}" is outside of the workspace')
        if len(content) > self._limit_bytes:
            raise BadFile(f'"{path}" has more than {self._limit_bytes} bytes')
        return await self._store.take_in(name, _one(content))

    async def _read(self, path: str, folder: str) -> bytes:
        file = shlex.quote(path if not path.startswith("-") else f"./{path}")
        script = (
            f"cd {shlex.quote(folder)} && [ -f {file} ] && [ ! -L {file} ] && "
            f'cd "$(dirname {file})" && f=$(basename {file}) && printf "%s/%s\\n" "$(pwd -P)" "$f" && '
            f'head -c {self._limit_bytes + 1} "$f"'
        )
        try:
            return await self._home.does(script, what="no file", within_s=SENT_WITHIN_S)
        except OSError:
            raise BadFile(f'"{path}" is no file of the workspace, or cannot be read') from None

    async def place(self, artifacts: Iterable[Artifact], folder: str) -> dict[Artifact, str]:
        """See the port."""
        return {artifact: await self._placed(artifact, folder) for artifact in artifacts}

    async def _placed(self, artifact: Artifact, folder: str) -> str:
        if artifact.size > MOST_BYTES:
            raise OSError(f'host "{self._home.name}": a file of {artifact.size} bytes {_NEEDS}')
        content = b"".join([piece async for piece in self._store.read(artifact)])
        path = f"{folder}/{artifact.sha256[:16]}/{artifact.name}"
        there, aside = shlex.quote(path), shlex.quote(f"{path}.partial")
        script = f"mkdir -p {shlex.quote(str(PurePosixPath(path).parent))} && cat >{aside} && mv {aside} {there}"
        await self._home.does(script, content, what="a file cannot be written", within_s=SENT_WITHIN_S)
        return path


class BareSurroundings:
    """What every agent there is given; found out once."""

    def __init__(self, home: BareHome, added: Mapping[str, str]) -> None:
        self._home = home
        self._added = added
        self._found: Surroundings | None = None

    async def __call__(self) -> Surroundings:
        """What it is. Raises HostUnreachable and OSError."""
        if self._found is None:
            folder = f"{await self._home.path()}/bin"
            command = shlex.quote(f"{folder}/chainwright")
            told = " ".join(f'{name}="${{{name}-}}"' for name in INHERITED)
            script = f"mkdir -p {shlex.quote(folder)} && cat >{command} && chmod 755 {command} && printf '%s\\0' {told}"
            out = await self._home.does(script, _EMIT.encode(), what="the agents' command cannot be written")
            pairs = (one.split("=", 1) for one in out.decode(errors="replace").split("\0") if "=" in one)
            login = {name: value for name, value in pairs if value}
            self._found = Surroundings(env=environment_of(login, self._added), path_prefix=folder)
        return self._found


def _packed(root: Path, checkout: Checkout) -> bytes:
    """A tree as an archive that any tar reads. Raises OSError for one that is too large."""
    entries = [entry for below in checkout.folders.values() for entry in below]
    if sum(0 if isinstance(one, CheckoutLink) else one.size for one in entries) > MOST_BYTES:
        raise OSError(f"a tree of more than {MOST_BYTES >> 20} MiB {_NEEDS}")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for entry in entries:
            info = tarfile.TarInfo(entry.path)
            if isinstance(entry, CheckoutLink):
                info.type, info.linkname = tarfile.SYMTYPE, entry.target
                archive.addfile(info)
            else:
                info.size, info.mode = entry.size, 0o755 if entry.is_executable else 0o644
                with (root / entry.path).open("rb") as content:
                    archive.addfile(info, content)
    return packed.getvalue()


async def _one(content: bytes) -> AsyncIterator[bytes]:
    yield content
