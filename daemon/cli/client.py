"""HTTP over the daemon's unix socket, with the standard library alone.

aiohttp would do it too and costs 200 ms at every start; only ``attach``, which needs a WebSocket, pays that. A connection carries one
request: they cost 0.1 ms here, and a daemon that was restarted in between is not noticed.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote, urlencode

from chainwright.daemon.cli.failures import Refused, Unreachable
from chainwright.daemon.web.address import usable
from chainwright.daemon.web.codes import Misuse

API: Final = "/api/v1"
CALL_LIMIT_S: Final = 60.0
STREAM_LIMIT_S: Final = 45.0
"""Of silence on the stream of changes, which beats every 15 s."""
CHUNK: Final = 1 << 16
MOST_ITEMS: Final = 1_000_000
"""Of a list of which all is wanted; beyond it a daemon that never ends a list would be followed for ever."""


class Client:
    """The daemon behind one socket. Every method raises Unreachable and Refused."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, path: str, **query: Any) -> Any:
        """The JSON answer of ``/api/v1`` + ``path``; arguments that are None are left out."""
        return self._json("GET", path, query)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """The JSON answer to a body."""
        return self._json("POST", path, {}, body, headers)

    def items(self, path: str, *, limit: int | None = None, **query: Any) -> list[dict[str, Any]]:
        """The items of a list, at most ``limit``, however many pages they are in: a page may hold few where more follow."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.get(path, **query, limit=limit, cursor=cursor)
            found += page["items"]
            cursor = page.get("next")
            if cursor is None or len(found) >= (limit or MOST_ITEMS):
                return found[:limit]

    def is_ready(self) -> bool:
        """Whether a daemon takes commands."""
        try:
            with self._send("GET", "/readyz", None, {}, CALL_LIMIT_S):
                return True
        except (Unreachable, Refused):
            return False

    def changes(self, topic: str, after: int = 0) -> "Changes":
        """The stream of changes of ``run:<id>`` from journal number ``after`` on, or of ``runs``."""
        headers = {"Last-Event-ID": str(after)}
        return Changes(self._send("GET", _url("/stream", {"topics": topic}), None, headers, STREAM_LIMIT_S))

    def log(self, run: str, **query: Any) -> "Stream":
        """Terminal output; with ``follow`` it may be silent for as long as the agent is."""
        return self._send("GET", _url(f"/runs/{quoted(run)}/log", query), None, {}, None)

    def artifact(self, run: str, sha256: str) -> "Stream":
        """The content of a file of a run."""
        return self._send("GET", _url(f"/runs/{quoted(run)}/artifacts/{quoted(sha256)}", {}), None, {}, CALL_LIMIT_S)

    def send_file(self, path: Path) -> dict[str, Any]:
        """The reference of a file that the daemon has kept. Raises OSError when it cannot be read."""
        with path.open("rb") as file:
            size = str(os.fstat(file.fileno()).st_size)
            url = _url("/artifacts", {"name": path.name})
            with self._send("POST", url, file, {"Content-Length": size}, CALL_LIMIT_S) as answer:
                reference: dict[str, Any] = json.loads(b"".join(answer))
        return reference

    def told(self, path: str, limit_s: float) -> Iterator[dict[str, Any]]:
        """The objects of an answer to a POST that comes line by line, each as it comes; ``limit_s`` is for the wait for the next."""
        rest = b""
        with self._send("POST", _url(path, {}), b"{}", {}, limit_s) as answer:
            for chunk in answer:
                *lines, rest = (rest + chunk).split(b"\n")
                yield from map(json.loads, lines)

    def _json(
        self, method: str, path: str, query: dict[str, Any], body: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        content = None if body is None else json.dumps(body).encode()
        with self._send(method, _url(path, query), content, headers or {}, CALL_LIMIT_S) as answer:
            return json.loads(b"".join(answer))

    def _send(
        self, method: str, url: str, body: bytes | IO[bytes] | None, headers: dict[str, str], limit_s: float | None
    ) -> "Stream":
        connection = _UnixConnection(self.path, limit_s)
        try:
            connection.request(method, url, body, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
        except (OSError, HTTPException) as fault:
            connection.close()
            raise Unreachable(self.path, _why(fault)) from None
        stream = Stream(self.path, connection, response)
        if response.status >= 400:
            with stream:
                raise Refused(_problem(b"".join(stream)))
        return stream


class Stream:
    """An answer that arrives in pieces. Iterating gives its bytes as they come; leaving the block ends it."""

    def __init__(self, path: Path, connection: "_UnixConnection", response: HTTPResponse) -> None:
        self._path = path
        self._connection = connection
        self._response = response
        self.headers = response.headers

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._response.close()
        self._connection.close()

    def __iter__(self) -> Iterator[bytes]:
        try:
            while chunk := self._response.read1(CHUNK):
                yield chunk
        except (OSError, HTTPException, ValueError) as fault:
            raise Unreachable(self._path, _why(fault)) from None

    def close(self) -> None:
        """End it from any thread: a reader that waits in another one is woken, and finds the connection broken off."""
        if self._connection.sock is not None:
            with suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)


class Changes:
    """Server-sent events. Iterating gives the data of each change; it ends with the run. Raises Unreachable, Refused."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.close = stream.close

    def __enter__(self) -> "Changes":
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.__exit__(*error)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for kind, data in _events(self._stream):
            if kind == "end":
                return
            if kind == "problem":
                raise Refused(data)
            yield data


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path, limit_s: float | None) -> None:
        super().__init__("daemon", timeout=limit_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        with usable(self._path) as name:
            self.sock.connect(name)


def quoted(part: str) -> str:
    """An id as one part of a path."""
    return quote(part, safe="@")


def _url(path: str, query: dict[str, Any]) -> str:
    told = {key: str(value).lower() if value in (True, False) else value for key, value in query.items()}
    packed = urlencode({key: value for key, value in told.items() if value is not None})
    return f"{API}{path}?{packed}" if packed else f"{API}{path}"


def _events(chunks: Stream) -> Iterator[tuple[str, Any]]:
    """(event, data) of server-sent events; comments are left out."""
    rest = b""
    for chunk in chunks:
        *blocks, rest = (rest + chunk).split(b"\n\n")
        for block in blocks:
            fields = dict(line.partition(": ")[::2] for line in block.decode().splitlines())
            if "data" in fields:
                yield fields.get("event", "message"), json.loads(fields["data"])


def _problem(body: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(body)
    except ValueError:
        return {"code": Misuse.INTERNAL, "title": "the daemon gave an answer that is none"}
    return found


def _why(fault: Exception) -> str:
    match fault:
        case FileNotFoundError() | ConnectionRefusedError():
            return "nothing listens there"
        case TimeoutError():
            return "it says nothing"
        case HTTPException() | ValueError() | ConnectionError():
            return "the connection broke off"
        case _:
            return str(fault)
