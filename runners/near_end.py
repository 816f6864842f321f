"""The near end of a session whose agent runs on a host that has no Python: what its session host, on this machine, runs in its place.

The daemon holds the channel to the host; this process carries bytes between the session's terminal and the daemon, over a socket in the
session's folder. So everything that a session host does (the log, the limits, viewers, the end) is done here, by the one that there is. What
cannot be had this way is an agent that outlives the connection: when the daemon goes, or says that the link is lost, this process leaves
:data:`LOST` in the folder and ends, and nobody knows how the agent ended.

Frames both ways: ``u8 type, u32 length, body``. To the daemon: 1 DATA, 2 SIZE u16 rows, u16 columns, 3 SIGNAL u8. By the daemon: 1 DATA,
4 END u8 code, 5 LINK_LOST text.
"""

import contextlib
import fcntl
import os
import signal
import socket
import struct
import sys
import termios
import threading
import tty

HEAD = struct.Struct(">BI")
DATA, SIZE, SIGNAL, END, LINK_LOST = 1, 2, 3, 4, 5
SOCKET = "near.sock"
LOST = "link-lost"
LOST_CODE = 254
CHUNK = 1 << 16
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


class NearEnd:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sending = threading.RLock()

    def run(self) -> int:
        os.chdir(self.folder)  # a socket's path may have 107 bytes, and the folder's may be longer
        tty.setraw(0)
        try:
            self.line.connect(SOCKET)
        except OSError:
            return self._lose("the daemon went before the agent was started")
        for number in FORWARDED:
            signal.signal(number, lambda got, _: self._send(SIGNAL, bytes([got])))
        signal.signal(signal.SIGWINCH, lambda *_: self._tell_size())
        self._tell_size()
        threading.Thread(target=self._pump_keys, daemon=True).start()
        return self._show()

    def _show(self) -> int:
        while True:
            head = self._receive(HEAD.size)
            if head is None:
                return self._lose("the daemon went, and the connection to the host with it")
            kind, length = HEAD.unpack(head)
            body = self._receive(length) or b""
            if kind == END:
                return body[0]
            if kind == LINK_LOST:
                return self._lose(body.decode())
            view = memoryview(body)
            while view:
                view = view[os.write(1, view) :]

    def _lose(self, why: str) -> int:
        with open(LOST, "w", encoding="utf-8") as file:  # noqa: PTH123 - importing pathlib would cost as much as all else
            file.write(why)
        return LOST_CODE

    def _receive(self, count: int) -> "bytes | None":
        data = b""
        while len(data) < count:
            piece = self.line.recv(min(CHUNK, count - len(data)))
            if not piece:
                return None
            data += piece
        return data

    def _pump_keys(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(0, CHUNK):
                self._send(DATA, data)

    def _tell_size(self) -> None:
        rows, cols, _, _ = struct.unpack("HHHH", fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8))
        self._send(SIZE, struct.pack(">HH", rows, cols))

    def _send(self, kind: int, body: bytes) -> None:
        with self.sending, contextlib.suppress(OSError):
            self.line.sendall(HEAD.pack(kind, len(body)) + body)


if __name__ == "__main__":
    sys.exit(NearEnd(os.environ["NEAR"]).run())
