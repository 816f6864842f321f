"""The only module that knows asyncssh: connections, channels and forwarded sockets, in the words of the rest of this folder.

Loaded when the first host is reached, because it costs half a second and 20 MiB that a daemon without hosts does not spend. What the library
raises becomes :class:`Unreached`, :class:`ChannelRefused` or OSError here, with what the operator needs to know.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncssh

from chainwright.runners.client import Streams
from chainwright.runners.ssh.unreached import ChannelRefused, Unreached
from chainwright.runners.ssh.wishes import Target, TerminalWish

KEEPALIVE_S: Final = 15
KEEPALIVE_MISSES: Final = 3
WINDOW_BYTES: Final = 256 * 1024

Connection = asyncssh.SSHClientConnection


# ── connecting ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def connected(target: Target, *, on_loss: Callable[[], None]) -> Connection:
    """A connection that is logged in; ``on_loss`` is called once, when it has ended. Raises :class:`Unreached`.

    Nothing is offered to a host before it has shown the pinned key.
    """
    pin = _pin(target)
    shown: list[asyncssh.SSHKey] = []
    offered: list[str] = []
    try:
        async with asyncio.timeout(target.within_s), _keys(target, offered) as keys:
            return await asyncssh.connect(
                target.settings.address,
                **_options(target),
                known_hosts=([pin], [], []),
                server_host_key_algs=_kinds_of_key(pin),
                client_factory=lambda: _Client(shown, on_loss),
                **keys,
            )
    except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed) as problem:
        raise _about_host_key(target, pin, shown, problem) from problem
    except asyncssh.PermissionDenied as problem:
        raise Unreached("denied", _denied(target, offered)) from problem
    except (OSError, asyncssh.Error, ValueError) as problem:
        raise _why(target, problem) from problem


async def shown_host_key(target: Target) -> str:
    """The key that the host shows, as ``host_key`` of its settings takes it; nothing is offered to it. Raises :class:`Unreached`.

    Of several keys it is the one of the pinned one's kind, if there is one: another kind would be no sign of a change.
    """
    try:
        async with asyncio.timeout(target.within_s):
            key = await asyncssh.get_server_host_key(target.settings.address, **_way(target), **_first_asked(target))
    except (OSError, asyncssh.Error, ValueError) as problem:
        raise _why(target, problem) from problem
    if key is None:
        raise Unreached("host-key", f"{target.place} shows no host key")
    return _as_text(key)


def _first_asked(target: Target) -> dict[str, Any]:
    return {} if target.settings.host_key is None else {"server_host_key_algs": _kinds_of_key(_pin(target))}


class _Client(asyncssh.SSHClient):
    """Notes which key was shown, and when the connection ends."""

    def __init__(self, shown: list[asyncssh.SSHKey], on_loss: Callable[[], None]) -> None:
        self._shown = shown
        self._on_loss = on_loss

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Asked only about a key that is not the pinned one."""
        self._shown.append(key)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_loss()


def _options(target: Target) -> dict[str, Any]:
    user = {} if target.settings.user is None else {"username": target.settings.user}
    return {
        **_way(target),
        **user,
        "agent_forwarding": False,
        "x11_forwarding": False,
        "preferred_auth": ("publickey",),
        "gss_host": None,
        "x509_trusted_certs": None,
        "compression_algs": None,
        "encryption_algs": _CIPHERS,
        "keepalive_interval": KEEPALIVE_S,
        "keepalive_count_max": KEEPALIVE_MISSES,
    }


def _way(target: Target) -> dict[str, Any]:
    """Where it is. Without a file of its own no file is read; the library's default would be ``~/.ssh/config``."""
    settings = target.settings
    says_port = settings.ssh_config is None or "port" in settings.model_fields_set  # else the file may
    return {
        "config": None if settings.ssh_config is None else [str(target.path(settings.ssh_config))],
        **({"port": settings.port} if says_port else {}),
        **({} if target.tunnel is None else {"tunnel": target.tunnel}),
    }


def _kinds_of_key(pin: asyncssh.SSHKey) -> list[str]:
    """The pinned kind first, so that a host that has it shows it; the others, so that one that has it no more shows what it has."""
    return list(dict.fromkeys([*(str(each, "ascii") for each in pin.sig_algorithms), *_KINDS_OF_KEY]))


_KINDS_OF_KEY: Final = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)

_CIPHERS: Final = "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes128-ctr"
"""What processors do in hardware first: it is worth a factor in throughput."""


@asynccontextmanager
async def _keys(target: Target, offered: list[str]) -> AsyncIterator[dict[str, Any]]:
    """What to log in with, and into ``offered`` what it is called."""
    settings = target.settings
    agent_path = os.environ.get("SSH_AUTH_SOCK", "")
    if settings.key is not None:
        key = _key_of_file(target, settings.key)
        offered.append(f"{settings.key} ({key.get_fingerprint()})")
        yield {"client_keys": [key], "agent_path": None}
    elif settings.ssh_config is not None:
        offered.append(f"what {settings.ssh_config} names, and keys of the ssh agent")
        yield {"agent_path": agent_path or None}
    else:
        async with _agent(target, agent_path) as agent:
            keys = await agent.get_keys()
            if not keys:
                raise Unreached("no-key", _no_key(target, "the ssh agent holds none"))
            offered.extend(f"{key.get_comment() or 'a key'} of the ssh agent" for key in keys)
            yield {"client_keys": keys, "agent_path": None}


@asynccontextmanager
async def _agent(target: Target, path: str) -> AsyncIterator[asyncssh.SSHAgentClient]:
    if not path:
        raise Unreached("no-key", _no_key(target, "there is no ssh agent (SSH_AUTH_SOCK is not set)"))
    try:
        agent = await asyncssh.connect_agent(path)
    except (OSError, asyncssh.Error) as problem:
        raise Unreached("no-key", _no_key(target, f"the ssh agent at {path} does not answer")) from problem
    try:
        yield agent
    finally:
        agent.close()


def _no_key(target: Target, why: str) -> str:
    return f"{target.place}: no key to log in with: {why}; set `key:` of the host to the file of a private key"


def _key_of_file(target: Target, file: str) -> asyncssh.SSHKey:
    path = target.path(file)
    try:
        return asyncssh.read_private_key(path)
    except OSError as problem:
        raise Unreached("no-key", f"{target.place}: its key {path}: {problem.strerror}") from problem
    except asyncssh.KeyEncryptionError as problem:
        detail = f"{target.place}: its key {path} has a passphrase; add it to an ssh agent, and remove `key:`"
        raise Unreached("no-key", detail) from problem
    except asyncssh.KeyImportError as problem:
        if "Passphrase" in str(problem):
            detail = f"{target.place}: its key {path} has a passphrase; add it to an ssh agent, and remove `key:`"
        else:
            detail = f"{target.place}: {path} is no private key: {problem}"
        raise Unreached("no-key", detail) from problem


# ── why not ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _pin(target: Target) -> asyncssh.SSHKey:
    pin = target.settings.host_key
    if pin is None:
        raise Unreached(
            "no-pin",
            f"{target.place}: no host key is pinned, so nothing is sent there; look at the one that it shows, and pin it, with "
            f"`chainwright hosts trust {target.name}`",
        )
    try:
        return asyncssh.import_public_key(pin)
    except asyncssh.KeyImportError as problem:
        raise Unreached("no-pin", f"{target.place}: its `host_key` cannot be read: {problem}") from problem


def _as_text(key: asyncssh.SSHKey) -> str:
    return " ".join(key.export_public_key().decode("ascii").split()[:2])


def _about_host_key(
    target: Target, pin: asyncssh.SSHKey, shown: Sequence[asyncssh.SSHKey], problem: Exception
) -> Unreached:
    """What was expected and what was shown."""
    if not shown:
        return Unreached("system", f"{target.place}: {problem}")
    return Unreached(
        "host-key",
        f"{target.place} shows another host key than is pinned, and nothing was offered to it: expected {_described(pin)}, shown "
        f"{_described(shown[0])}. If the host was set up anew, pin its key with `chainwright hosts trust {target.name}`; otherwise "
        "somebody may be between you and it",
    )


def _described(key: asyncssh.SSHKey) -> str:
    return f"{key.get_algorithm()} {key.get_fingerprint()}"


def _denied(target: Target, offered: Sequence[str]) -> str:
    return (
        f"{target.place} does not let {target.settings.user or 'the user of the daemon'} in; offered were: {', '.join(offered)}. "
        "Is the public key in ~/.ssh/authorized_keys there?"
    )


def _why(target: Target, problem: Exception) -> Unreached:
    """In the order of how far one came."""
    if isinstance(problem, Unreached):
        return problem
    if isinstance(problem, socket.gaierror):
        return Unreached("name", f"{target.place}: the address is not known: {problem.strerror}")
    if isinstance(problem, ConnectionRefusedError):
        return Unreached("refused", f"{target.place}: nothing listens there")
    if isinstance(problem, TimeoutError):
        return Unreached("silent", f"{target.place} gives no answer within {target.within_s:.0f} s")
    if isinstance(problem, asyncssh.ConnectionLost | ConnectionResetError):
        why = str(problem) or "its sshd may have too many (MaxStartups)"
        return Unreached("dropped", f"{target.place} closed the connection before the login: {why}")
    return Unreached("system", f"{target.place}: {problem}")


# ── channels ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Reader:
    """Reads a channel; what the library raises is an OSError."""

    def __init__(self, inner: asyncssh.SSHReader[bytes]) -> None:
        self._inner = inner

    async def read(self, n: int) -> bytes:
        try:
            return await self._inner.read(n)
        except asyncssh.Error as problem:
            raise ConnectionResetError(str(problem)) from problem


class _Writer:
    """Writes a channel; nobody waits for its end, which a dead link would never tell."""

    def __init__(self, inner: asyncssh.SSHWriter[bytes]) -> None:
        self._inner = inner

    def write(self, data: bytes) -> None:
        with suppress(OSError):  # told by drain
            self._inner.write(data)

    def write_eof(self) -> None:
        with suppress(OSError):
            self._inner.write_eof()

    async def drain(self) -> None:
        if self._inner.channel.is_closing():
            raise ConnectionResetError("the channel is closed")
        try:
            await self._inner.drain()
        except asyncssh.Error as problem:
            raise ConnectionResetError(str(problem)) from problem

    def close(self) -> None:
        self._inner.channel.close()

    async def wait_closed(self) -> None:
        return


class Channel:
    """A command that runs on the host. Owned by whoever opened it, who closes it."""

    def __init__(self, process: "asyncssh.SSHClientProcess[bytes]") -> None:
        self._process = process
        self.reader = _Reader(process.stdout)
        self.writer = _Writer(process.stdin)
        self.errors = _Reader(process.stderr)

    @property
    def streams(self) -> Streams:
        """Its output and its input."""
        return self.reader, self.writer

    @property
    def code(self) -> int | None:
        """The exit code, or 128 and the signal as shells say it; None while it runs, and when only the link has ended."""
        code = self._process.returncode
        return 128 - code if code is not None and code < 0 else code

    async def ended(self) -> None:
        """Return when it has ended, however; bounded by the life of the connection."""
        await self._process.wait_closed()

    def resize(self, rows: int, cols: int) -> None:
        """Set the size of its terminal."""
        with suppress(OSError):
            self._process.change_terminal_size(cols, rows)

    def close(self) -> None:
        """Let it go; a command that reads us sees the end."""
        self._process.close()


_RAW: Final = dict.fromkeys(
    (
        asyncssh.PTY_ECHO,
        asyncssh.PTY_ICANON,
        asyncssh.PTY_ISIG,
        asyncssh.PTY_IEXTEN,
        asyncssh.PTY_ICRNL,
        asyncssh.PTY_IXON,
        asyncssh.PTY_OPOST,
    ),
    0,
)
"""From the first byte on, not only once a program has asked for it: until then a terminal echoes what it is told."""


async def opened(connection: Connection, command: str, *, terminal: TerminalWish | None, errors: bool) -> Channel:
    """Run a command; with ``errors`` its stderr can be read (and must be), else it is thrown away.

    Raises :class:`ChannelRefused`, or OSError when the connection is lost.
    """
    wish: dict[str, Any] = {"request_pty": False}
    if terminal is not None:
        size = (terminal.cols, terminal.rows)
        wish = {"request_pty": "force", "term_type": terminal.type, "term_size": size, "term_modes": _RAW}
    if not errors:
        wish["stderr"] = asyncssh.DEVNULL
    async with _told_apart(connection):
        return Channel(await connection.create_process(command, encoding=None, window=WINDOW_BYTES, **wish))


async def socket_on(connection: Connection, path: str) -> Streams:
    """A connection to a unix socket of the host, made by its server. Raises as :func:`opened` does."""
    async with _told_apart(connection):
        reader, writer = await connection.open_unix_connection(path, encoding=None, window=WINDOW_BYTES)
    return _Reader(reader), _Writer(writer)


async def put(connection: Connection, path: str, data: bytes) -> None:
    """Write a file by SFTP, for its user only. Raises OSError also where the server offers no SFTP."""
    try:
        async with (
            _told_apart(connection),
            connection.start_sftp_client() as sftp,
            sftp.open(path, "wb", asyncssh.SFTPAttrs(permissions=0o600)) as file,
        ):
            await file.write(data)
    except (ChannelRefused, asyncssh.SFTPError) as problem:
        raise OSError(f"SFTP: {problem}") from problem


@asynccontextmanager
async def _told_apart(connection: Connection) -> AsyncIterator[None]:
    """The library says that a channel was refused also where the connection was lost over it."""
    try:
        yield
    except asyncssh.ChannelOpenError as problem:
        if connection.is_closed() or problem.reason == "SSH connection closed":
            raise ConnectionResetError(problem.reason) from problem
        raise ChannelRefused(problem.reason) from problem
    except asyncssh.SFTPError:
        raise
    except asyncssh.Error as problem:
        raise ConnectionResetError(str(problem)) from problem
