"""The porter: our process on a host that answers for its files while one connection to it lasts.

Standard library of Python 3.6 only, and run with ``-I -S``. It lies on the host in a folder named by the hash of its content, as the
package that it is here (``ssh/tools.py``), and keeps nothing: what it says, it reads when it is asked. Verbs:

    serve              requests on stdin, answers on stdout, many at a time, until stdin ends
    send OPERATION     a large thing to the host: a line of arguments as JSON, then the thing, on stdin; the answer on stdout
    receive OPERATION  a large thing from the host: a line of arguments as JSON on stdin; on stdout the thing, in frames, and how it ended
    unpack DIGEST      what was uploaded, checked against its hash and put in its place

Whatever a shell prints before us is skipped by the other side: everything of ours comes after ``porter_channels.MARK``. Frames are
``u32 length of the body, u32 id, u8 kind, body``, big-endian, the body at most 1 MiB:

    to us  0 REQUEST {operation, arguments}
    by us  1 ANSWER JSON   2 BYTES   3 REFUSAL {kind, detail}

Arguments never stand in an argument list, where every user of the host could read them.
"""

import contextlib
import hashlib
import itertools
import json
import os
import queue
import shutil
import struct
import sys
import threading

from chainwright.runners import host_contents, session_folder, session_host
from chainwright.runners.porter_channels import SOCKET_PATH_MAX, say_mark
from chainwright.runners.refused import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Callable, Dict, Iterator, List, Optional, Tuple, Union

    Json = Dict[str, Any]

HEAD = struct.Struct(">IIB")
FRAME_MAX = 1 << 20
REQUEST, ANSWER, BYTES, REFUSAL = 0, 1, 2, 3
WORKERS = 8
FOREIGN = 500


# ── operations ──────────────────────────────────────────────────────────────────────────────────────────────────────


def about(root: str, owner: str) -> "Json":
    """What the host is: ``root`` made absolute (its folder ``owner`` is made, only for its user), and facts for the operator."""
    path = os.path.abspath(os.path.expanduser(root))
    home = os.path.join(path, owner)
    for folder in (path, home, os.path.join(home, "s")):
        _make_folder(folder)
    with contextlib.suppress(OSError):  # on a disk that is full, or read by others only
        os.utime(own_folder())  # these tools are in use
    disk = shutil.disk_usage(path)
    return {
        "root": path,
        "home": home,
        "user_home": os.path.expanduser("~"),
        "uid": os.geteuid(),
        "boot_id": session_host.boot_id(),
        "python": "%d.%d.%d" % sys.version_info[:3],
        "os": " ".join((os.uname().sysname, os.uname().release, os.uname().machine)),
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "disk": {"free": disk.free, "total": disk.total},
        "terminals": {"used": _number("/proc/sys/kernel/pty/nr"), "max": _number("/proc/sys/kernel/pty/max")},
        "path": os.environ.get("PATH", ""),
        "environment": {name: os.environ[name] for name in LOGIN_VARIABLES if name in os.environ},
    }


LOGIN_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "TZ",
    "USER",
    "SHELL",
)  # of semantics 32, as the host gives them to who logs in


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, 0o700, exist_ok=True)
    except OSError as problem:
        raise Refused("no-root", "%s cannot be made: %s" % (path, problem.strerror)) from problem


def _number(path: str) -> "Optional[int]":
    try:
        with open(path) as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def look(root: str, ids: "List[str]") -> "List[Json]":
    """What was found of each session below ``root``, in the order of ``ids``."""
    return [session_folder.look(_session(root, session_id)) for session_id in ids]


def ids(root: str) -> "List[str]":
    return session_folder.ids(root)


def unacknowledged(root: str) -> "List[str]":
    return session_folder.unacknowledged(root)


def foreign(root: str) -> "List[Tuple[str, str, Json]]":
    """What runs of other daemons beside ``root``, at most :data:`FOREIGN` of it: their folder's name, the session's id, what was found."""
    home = os.path.dirname(root)
    found = []
    for owner in sorted(os.listdir(os.path.dirname(home))):
        beside = os.path.join(os.path.dirname(home), owner, "s")
        if owner != os.path.basename(home) and os.path.isdir(beside):
            found += [(owner, name, beside) for name in session_folder.unacknowledged(beside)]
    looked = ((owner, name, session_folder.look(os.path.join(beside, name))) for owner, name, beside in found)
    return list(itertools.islice((one for one in looked if one[2].get("held")), FOREIGN))


def read(root: str, session_id: str, file: str, offset: int, limit: int) -> bytes:
    try:
        return session_folder.read(_session(root, session_id), file, offset, min(limit, FRAME_MAX))
    except session_folder.Unreadable as problem:
        raise Refused("unreadable", str(problem)) from problem


def acknowledge(root: str, session_id: str) -> None:
    session_folder.acknowledge(_session(root, session_id))


def end_remains(root: str, session_id: str) -> None:
    session_folder.end_remains(_session(root, session_id))


def remove(root: str, session_id: str) -> bool:
    session_host.remove_file(session_folder.short_name(root, session_id))
    return session_folder.remove(_session(root, session_id))


def short_socket(root: str, session_id: str) -> str:
    """A path of the session's control socket that a server can be asked for, whose length the system bounds."""
    link = session_folder.short_name(root, session_id)
    path = os.path.join(link, "ctl.sock")
    if len(os.fsencode(path)) > SOCKET_PATH_MAX:
        detail = "the path of its sockets has more than %d bytes: %s; choose a shorter `root`" % (SOCKET_PATH_MAX, path)
        raise Refused("root-too-long", detail)
    _make_folder(os.path.dirname(link))
    with contextlib.suppress(FileExistsError):
        os.symlink(_session(root, session_id), link)
    return path


def _session(root: str, session_id: str) -> str:
    if not session_folder.SESSION_ID.match(session_id):
        raise Refused("no-session", "%r is no session's id" % session_id)
    return os.path.join(root, session_id)


_WARM: "Dict[str, Any]" = {}  # root → the process
_WARMING = threading.Lock()


def fork_server(root: str) -> "Optional[str]":
    """The socket of a warm process that starts session hosts within milliseconds; it ends with this porter. None where its path would
    be too long for one."""
    import subprocess  # noqa: PLC0415 - loaded by now, with everything that runs programs

    path = _warm_socket(root)
    if len(os.fsencode(path)) > SOCKET_PATH_MAX:
        return None
    with _WARMING:
        if root not in _WARM or _WARM[root].poll() is not None:
            _clear_sockets(root)
            command = [sys.executable, "-I", "-S", own_folder(), "forkserver", path]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            process = subprocess.Popen(command, env={}, start_new_session=True, **pipes)  # type: ignore[call-overload]
            if process.stdout.readline() != b"ready\n":
                raise Refused("no-fork-server", "the fork server does not start")
            _WARM[root] = process
    return path


def _warm_socket(root: str) -> str:
    return os.path.join(root, ".fork.%d.sock" % os.getpid())


def _clear_sockets(root: str) -> None:
    """Those of porters that are no more."""
    for name in os.listdir(root):
        if name.startswith(".fork.") and not os.path.exists("/proc/%s" % name.split(".")[2]):
            session_host.remove_file(os.path.join(root, name))


if TYPE_CHECKING:
    Answer = Union[bytes, Any]
    Operation = Callable[..., Answer]
    Taking = Callable[..., Any]
    Giving = Callable[..., Iterator[bytes]]

OPERATIONS: "Dict[str, Operation]" = {
    # answered by JSON, or by bytes; arguments by name; Refused and OSError become the caller's
    "about": about,
    "pid": os.getpid,
    "look": look,
    "ids": ids,
    "unacknowledged": unacknowledged,
    "foreign": foreign,
    "read": read,
    "acknowledge": acknowledge,
    "end_remains": end_remains,
    "remove": remove,
    **host_contents.OPERATIONS,
    "short_socket": short_socket,
    "fork_server": fork_server,
}
TAKEN: "Dict[str, Taking]" = host_contents.TAKEN
"""Operations of ``send``: called with the rest of stdin as ``stream`` and the arguments; the answer is JSON."""
GIVEN: "Dict[str, Giving]" = host_contents.GIVEN
"""Operations of ``receive``: called with the arguments; gives pieces of at most 1 MiB."""


# ── answering ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Porter:
    """Reads requests until stdin ends; a few threads answer, so that a slow one holds up no other."""

    def __init__(self) -> None:
        self.requests: "queue.Queue[Tuple[int, Json]]" = queue.Queue()
        self.writing = threading.Lock()

    def run(self) -> int:
        for _ in range(WORKERS):
            threading.Thread(target=self._work, daemon=True).start()
        frames = sys.stdin.buffer
        while True:
            head = frames.read(HEAD.size)
            if len(head) < HEAD.size:
                return 0
            length, number, kind = HEAD.unpack(head)
            if kind != REQUEST or length > FRAME_MAX:
                return 1  # it is none of ours; the other side sees the end
            self.requests.put((number, json.loads(frames.read(length).decode())))

    def _work(self) -> None:
        while True:
            number, request = self.requests.get()
            kind, body = answered(OPERATIONS, request)
            with self.writing:
                write_frame(number, kind, body)


def answered(table: "Dict[str, Operation]", request: "Json") -> "Tuple[int, bytes]":
    """The frame's kind and body that answers a request."""
    try:
        operation = table.get(request["operation"])
        if operation is None:
            raise Refused("unknown-operation", "the porter knows no %r" % request["operation"])
        answer = operation(**request["arguments"])
        kind, body = (BYTES, answer) if isinstance(answer, bytes) else (ANSWER, json.dumps(answer).encode())
        if len(body) > FRAME_MAX:
            raise Refused("too-large", "an answer of %d bytes; %d are possible" % (len(body), FRAME_MAX))
    except Exception as problem:  # noqa: BLE001 - the boundary: whatever an operation raises is the caller's to see
        return REFUSAL, json.dumps(refusal(problem)).encode()
    return kind, body


def refusal(problem: Exception) -> "Json":
    if isinstance(problem, Refused):
        return {"kind": problem.kind, "detail": problem.detail}
    if isinstance(problem, OSError):
        where = " (%s)" % problem.filename if problem.filename else ""
        return {"kind": "system", "detail": "%s%s" % (problem.strerror or problem, where)}
    return {"kind": "mistake", "detail": repr(problem)}


def write_frame(number: int, kind: int, body: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):  # whoever asked has gone, and so do we
        session_host.write_all(1, HEAD.pack(len(body), number, kind) + body)


# ── verbs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def serve() -> int:
    say_mark()
    write_frame(0, ANSWER, json.dumps({"digest": own_digest()}).encode())
    try:
        return Porter().run()
    finally:
        for root in _WARM:
            session_host.remove_file(_warm_socket(root))


def send(operation: str) -> int:
    """The answer is one frame."""
    say_mark()
    arguments = first_line(sys.stdin.buffer)
    request = {"operation": operation, "arguments": dict(arguments, stream=sys.stdin.buffer)}
    kind, body = answered(TAKEN, request)
    write_frame(0, kind, body)
    return 0


def receive(operation: str) -> int:
    """BYTES frames, then an ANSWER of null, or a REFUSAL at any place."""
    say_mark()
    try:
        if operation not in GIVEN:
            raise Refused("unknown-operation", "the porter gives no %r" % operation)
        for piece in GIVEN[operation](**first_line(sys.stdin.buffer)):
            session_host.write_all(1, HEAD.pack(len(piece), 0, BYTES) + piece)
    except BrokenPipeError:
        return 1
    except Exception as problem:  # noqa: BLE001 - the boundary, as in `answered`
        write_frame(0, REFUSAL, json.dumps(refusal(problem)).encode())
        return 1
    write_frame(0, ANSWER, b"null")
    return 0


def first_line(stream: "BinaryIO") -> "Json":
    arguments: "Json" = json.loads(stream.readline(FRAME_MAX).decode())
    return arguments


# ── the tools themselves ────────────────────────────────────────────────────────────────────────────────────────────


def own_folder() -> str:
    """The folder or archive that we were started from."""
    return os.path.abspath(sys.path[0])


def digest_of(files: "List[Tuple[str, bytes]]") -> str:
    """The name of a set of tools: a hash of their names and contents."""
    total = hashlib.sha256()
    for name, content in sorted(files):
        total.update(("%s %d\n" % (name, len(content))).encode() + content)
    return total.hexdigest()[:16]


def own_digest() -> str:
    """Of what lies where we were started, as it is now: a disk that lost half of it is found out."""
    found = []
    top = own_folder()
    for folder, _, names in os.walk(top):
        for name in names:
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found.append((os.path.relpath(path, top), file.read()))
    return digest_of(found)


def unpack(digest: str) -> int:
    """``unpack DIGEST``, started from the archive that was uploaded: its files become ``<folder of the archive>/<DIGEST>``.

    Beside first, then renamed, so that nobody ever finds half of it; compiled, so that a session does not start with that. The
    archive is removed. Twice at a time is harmless.
    """
    import compileall  # noqa: PLC0415 - no other verb needs these
    import zipfile  # noqa: PLC0415 - as above

    archive = own_folder()
    with zipfile.ZipFile(archive) as tools:
        files = [(name, tools.read(name)) for name in tools.namelist()]
    if digest_of(files) != digest:
        sys.stderr.write("what was uploaded arrived as something else\n")
        return 1
    target = os.path.join(os.path.dirname(archive), digest)
    aside = archive + ".d"
    for name, content in files:
        path = os.path.join(aside, name)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        session_host.write_file(path, content)
    compileall.compile_dir(aside, quiet=2)
    if os.path.isdir(target) and not _is_whole(target, files):
        os.rename(target, archive + ".old")  # sessions that run have read what they need of it
    with contextlib.suppress(OSError):  # another one was quicker
        os.rename(aside, target)
    for left in (aside, archive + ".old"):
        shutil.rmtree(left, ignore_errors=True)
    os.unlink(archive)
    return 0 if _is_whole(target, files) else 1


def _is_whole(folder: str, files: "List[Tuple[str, bytes]]") -> bool:
    for name, content in files:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                if file.read() != content:
                    return False
        except OSError:
            return False
    return True


VERBS: "Dict[str, Callable[..., int]]" = {
    "serve": serve,
    "send": send,
    "receive": receive,
    "unpack": unpack,
}


def main(arguments: "List[str]") -> int:
    """Run one of the verbs."""
    verb, rest = (arguments or [""])[0], arguments[1:]
    if verb not in VERBS:
        sys.stderr.write("there is no %r: %s\n" % (verb, ", ".join(VERBS)))
        return 2
    return VERBS[verb](*rest)
