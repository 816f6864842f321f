"""Channels to one session of a host, each a command of its own: beside the porter, and loading as little as they need.

Standard library of Python 3.6 only. Verbs:

    relay FOLDER          the control socket of the session in FOLDER, on stdin and stdout, where the server forwards none
    attach FOLDER OFFSET  a person's terminal on the session in FOLDER, as the session host's verb; after the mark, in raw mode
    probe SECONDS         a socket that certainly listens: whether the server forwards sockets is known by trying it

Every other verb is the session host's.
"""

import contextlib
import os
import select
import threading

from chainwright.runners import session_host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MARK = b"\nchainwright-porter-1\n"
"""Comes before everything of ours: a shell may have printed something."""

CHUNK = 1 << 16
SOCKET_PATH_MAX = 107


def say_mark() -> None:
    session_host.write_all(1, MARK)


def relay(folder: str) -> int:
    """Says :data:`MARK` once it is connected; ends without it when nobody listens."""
    import socket  # noqa: PLC0415 - no other verb needs it

    os.chdir(folder)  # a socket's path may have 107 bytes, and the folder's may be longer
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect("ctl.sock")
    except OSError:
        return 1
    say_mark()
    upward = threading.Thread(target=_pump_up, args=(connection,), daemon=True)
    upward.start()
    with contextlib.suppress(OSError):
        for data in iter(lambda: connection.recv(CHUNK), b""):
            session_host.write_all(1, data)
    return 0


def _pump_up(connection: "Any") -> None:
    """Our stdin to the session; its end is the client's."""
    import socket  # noqa: PLC0415 - as above

    with contextlib.suppress(OSError):
        for data in iter(lambda: os.read(0, CHUNK), b""):
            connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)


def attach(folder: str, offset: str) -> int:
    """The token follows the mark, which comes in raw mode: before, the terminal would show it to the person."""
    if os.isatty(0):
        import tty  # noqa: PLC0415 - no other verb needs it

        tty.setraw(0)
    say_mark()
    return session_host.main(["attach", folder, offset])


def probe(seconds: str) -> int:
    """The socket's path comes after the mark; it is gone after the first connection or when the time is over."""
    import tempfile  # noqa: PLC0415 - no other verb needs it

    with tempfile.TemporaryDirectory(prefix="cw") as folder:
        os.chdir(folder)
        listener = session_host.listen("probe.sock")
        say_mark()
        session_host.write_all(1, (os.path.join(folder, "probe.sock") + "\n").encode())
        os.chdir("/")
        if listener.fileno() in select.select([0, listener.fileno()], [], [], float(seconds))[0]:
            with listener.accept()[
                0
            ] as client:  # until it is left: one that ends at once looks to sshd like one that was refused
                client.settimeout(float(seconds))
                with contextlib.suppress(OSError):
                    client.recv(1)
    return 0


VERBS: "dict[str, Callable[..., int]]" = {"relay": relay, "attach": attach, "probe": probe}


def main(arguments: "list[str]") -> int:
    """Run one of the verbs, or one of the session host's."""
    verb, rest = (arguments or [""])[0], arguments[1:]
    return VERBS[verb](*rest) if verb in VERBS else session_host.main(arguments)
