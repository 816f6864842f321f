"""The session host: the process that owns one agent's terminal and outlives the daemon.

One file that needs nothing but the standard library of Python 3.6, so that the same text runs on this machine and on any host
that SSH reaches. It knows nothing of chains: it is given a specification (``schemas/session.py``), keeps the files of a session's
folder, and answers on ``ctl.sock`` there. In short:

    start DIR     agent forked and held ─► lock ─► terminal ─► child.json durable ─► gate open ─► one line of JSON
    while it runs terminal ─► mask ─► out.log ─► each viewer from its own offset;  events/new ─► events.log ─► events/done
    at the end    agent reaped ─► its process tree ended ─► last output, last events ─► exit.json ─► linger for FORGET

Files of the folder: ``lock`` (held by flock for life), ``child.json``, ``out.log``, ``timing`` (lines "offset milliseconds"),
``ctl.sock``, ``events/`` and ``events.log``, ``steps.log``, ``files/`` (the script and whatever else was given), ``exit.json``, ``ack``
(the daemon has recorded the end), ``host-error`` (a mistake of this file's, for its author).

A session with steps runs nothing by itself: its agent's process waits in the terminal and executes one step after the other, as the
daemon orders them (their conditions need its evaluator). While no daemon is there it waits. An order is for a number, and each number
runs once, so a daemon that comes back may order again what it does not know to have been ordered.

Frames both ways are ``u8 type, u32 length, body``, big-endian, the body at most 1 MiB:

    to us  0 OPEN {proto, newest?, token, epoch, role, attach?, events?, steps?}   1 INPUT u64 seq, bytes
           2 RESIZE u16 rows, u16 cols   3 SIGNAL u8   4 ATTACH u64 offset   5 FORGET   6 STAT   16 STOP u32 grace in ms
           7 STEP {n, title, script, interpreters, env, path_env, path, cwd, timeout_s}   8 STEP_STOP u32 n, u32 grace in ms
           9 STEPS_END u8 code
    by us  65 OUT u64 offset, bytes   66 EXIT exit.json   67 ACK u64 seq   68 HELLO {proto, pid, size, inseq, epoch}
           69 EVENT u64 next offset, line of events.log   70 STATUS {disk_full, truncated} or {error, detail}
           71 STEP u64 next offset, line of steps.log

Two rules carry everything else. *The record comes before the act*: the agent waits at a pipe until ``child.json`` is on the disk,
and the end of that pipe's other side means "exit without running". *The disk is the buffer*: output is written to the file first,
and whoever watches reads the file, so nobody who is slow, gone or hostile can hold the agent up.

The process has one thread and one loop. A session host is never succeeded by another one for the same folder: whoever finds
``child.json`` without a held lock knows that the session is lost, so nothing here has to recover from a half-done predecessor.
"""

import collections
import contextlib
import errno
import fcntl
import gc
import itertools
import json
import marshal
import os
import re
import select
import signal
import stat
import struct
import sys
import termios
import time

# `typing` costs an agent's `emit` 10 ms and is needed by type checkers only, which believe this name
TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any, Callable, Deque, Dict, FrozenSet, Iterator, List, NoReturn, Optional, Sequence, Set, Tuple

    Json = Dict[str, Any]

PROTO = 1
OLDEST = max(1, PROTO - 1)
"""An upgrade strands no session: whoever asks speaks the versions from its ``proto`` to its ``newest``, we those from here to ours."""

FRAME_MAX = 1 << 20
OPEN, INPUT, RESIZE, SIGNAL, ATTACH, FORGET, STAT, STOP = 0, 1, 2, 3, 4, 5, 6, 16
STEP, STEP_STOP, STEPS_END = 7, 8, 9  # 10–15 are kept for steps
OUT, EXIT, ACK, HELLO, EVENT, STATUS, STEP_TOLD = 65, 66, 67, 68, 69, 70, 71  # 72–79 are kept for steps

READ_BYTES = 1 << 16  # of the terminal, before anything else gets its turn
TERMINAL_BYTES = 2048  # a terminal that has more to give gives at least this in one read
OUTBOX_BYTES = 1 << 18  # what is prepared for one client that does not read
CLIENTS = 64
SYNC_S = 1.25  # less the slack: at most once a second
SLACK_S = 0.25  # by which what need not be exact is done early, together with something else
CHATTY_READS = 4  # a second, from which on an agent that nobody watches is read
REST_S = 0.5  # only this often
TYPED_BYTES = 1 << 18  # input that the agent has not read; more is left in the client's socket
OPEN_WITHIN_S = 10.0
SETTLE_S = 2.0  # for grandchildren that still write after the agent's end
REAP_S = 5.0  # after KILL; what is still there then sits in the kernel and cannot be waited for
SPARES = 4  # each costs about a megabyte; more than a burst of starts finds ready are forked when they are asked for
REFILL_PAUSE_MS = 1000
START_WITHIN_S = 10.0  # another start of the same session that has the lock but no record yet
RECORD_BYTES = 4096  # reserved for exit.json

SCAN_ENTRIES = 50000  # of a folder at once: bounds memory, whatever an agent drops
BATCH_FILES, BATCH_BYTES = 500, 1 << 20  # of events per fsync, so that a burst does not hold up the terminal
PLAIN_WITHIN_S = 10.0

TEMPORARY = frozenset(
    [errno.ENOSPC, errno.EDQUOT, errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENODEV, errno.EIO]
) | {errno.EPIPE, errno.ECONNRESET}
"""Errors of a start that pass: somebody lets go of a terminal, a process or disk space; the last two, that somebody has killed the
held agent."""

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class Refused(Exception):
    """The session cannot be started; nothing has run. ``kind`` tells whether it may be asked again."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, advancing by what was really taken."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sync_folder(path: str = ".") -> None:
    """Make the names in a folder durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_file(path: str, data: bytes, mode: int = 0o600) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    try:
        write_all(fd, data)
    finally:
        os.close(fd)


def open_log(name: str) -> int:
    return os.open(name, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)


def write_record(name: str, record: "Json") -> None:
    """Put a record into the folder whole or not at all, and durably."""
    fd = os.open(name + ".tmp", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        data = json.dumps(record).encode()
        os.pwrite(fd, data, 0)  # over the reserved blocks: truncating first could lose them to somebody else
        os.ftruncate(fd, len(data))
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(name + ".tmp", name)
    sync_folder()


def read_record(path: str) -> "Optional[Json]":
    """A record that was written whole, or None."""
    try:
        with open(path, "rb") as file:
            record: "Json" = json.loads(file.read().decode())
    except FileNotFoundError:
        return None
    return record


def remove_file(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


# ── processes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def crash_point(label: str) -> None:
    """Die here when a test asks for it: the environment variable is the switch, nothing else sets it."""
    if os.environ.get("CHAINWRIGHT_CRASH_AT") == label:
        os._exit(137)


_BOOT_ID: "List[str]" = []


def boot_id() -> str:
    """Of this boot of the machine; read once, by the fork server for all."""
    if not _BOOT_ID:
        with open("/proc/sys/kernel/random/boot_id") as file:
            _BOOT_ID.append(file.read().strip())
    return _BOOT_ID[0]


def stat_fields(pid: int) -> "Optional[List[bytes]]":
    """Fields of ``/proc/<pid>/stat`` from the third on (state, ppid, pgrp, session, …), or None."""
    try:
        fd = os.open("/proc/%d/stat" % pid, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return os.read(fd, 4096).rpartition(b")")[2].split()
    except ProcessLookupError:
        return None
    finally:
        os.close(fd)


def start_time(pid: int) -> int:
    fields = stat_fields(pid)
    return int(fields[19]) if fields else 0


def descendants(root: int) -> "List[int]":
    """Every process below ``root``, parents first. Reads all of /proc, so it is for the rare case that some are left."""
    children: "Dict[int, List[int]]" = collections.defaultdict(list)
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        fields = stat_fields(pid)
        if fields:
            children[int(fields[1])].append(pid)
    found = list(children[root])
    for pid in found:  # grows while it is walked: that is the walk
        found.extend(children[pid])
    return found


def send_signal(send: "Callable[[int, int], None]", target: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        send(target, number)


_PRCTL: "List[Any]" = []


def prctl(option: int, value: int) -> None:
    """Ask the kernel, where this Python can; without it a double fork can escape the end of its session."""
    if not _PRCTL:
        try:
            import ctypes  # noqa: PLC0415 - `emit` must start fast, and some Pythons are built without it

            _PRCTL.append(ctypes.CDLL(None).prctl)
        except (ImportError, OSError, AttributeError):
            _PRCTL.append(lambda *_: -1)
    _PRCTL[0](option, value, 0, 0, 0)


# ── the secret filter ───────────────────────────────────────────────────────────────────────────────────────────────


class Mask:
    """Replaces secrets in a stream of bytes, also where a read ends in the middle of one.

    Bytes that may be the beginning of a secret are held back until the next ones decide it, however long that takes: letting
    them go after a while would let out a secret that is typed slowly.
    """

    def __init__(self, secrets: "Sequence[str]") -> None:
        values = {secret.encode() for secret in secrets if secret}
        values |= {value.replace(b"\n", b"\r\n") for value in values}  # as the terminal writes line ends
        self.secrets = sorted(values, key=len, reverse=True)  # of two that begin alike the longer one is meant
        self.pattern = re.compile(b"|".join(re.escape(secret) for secret in self.secrets))
        self.carry = b""

    def feed(self, data: bytes) -> bytes:
        """What may be written now."""
        if not self.secrets:
            return data
        data = self.carry + data
        done, sure = self._replaced(data, self._undecided_from(data))
        self.carry = data[sure:]
        return done

    def rest(self) -> bytes:
        """What was held back, once nothing can follow."""
        data, self.carry = self.carry, b""
        return self.pattern.sub(b"***", data) if self.secrets else data

    def whole(self, data: bytes) -> bytes:
        """A text that nothing follows. Where a value stands bare in YAML, ``***`` would be an alias of nothing."""
        return self.pattern.sub(b"(masked)", data) if self.secrets else data

    def _replaced(self, data: bytes, limit: int) -> "Tuple[bytes, int]":
        parts, at = [], 0
        for found in self.pattern.finditer(data):
            if found.start() >= limit:
                break
            parts += [data[at : found.start()], b"***"]
            at = found.end()
        sure = max(at, limit)
        return b"".join(parts) + data[at:sure], sure

    def _undecided_from(self, data: bytes) -> int:
        """Where the first secret begins that the end of ``data`` cuts off."""
        return min(self._cut_off(data, secret) for secret in self.secrets)

    @staticmethod
    def _cut_off(data: bytes, secret: bytes) -> int:
        at = data.find(secret[:1], max(0, len(data) - len(secret) + 1))
        while at >= 0:
            if secret.startswith(data[at:]):
                return at
            at = data.find(secret[:1], at + 1)
        return len(data)


# ── the output ──────────────────────────────────────────────────────────────────────────────────────────────────────


class OutputLog:
    """``out.log`` and ``timing``. Never fails: what the disk does not take is kept, and ``held`` says so."""

    def __init__(self, mask: "Mask", limit: int, policy: str) -> None:
        self.fd = open_log("out.log")
        self.timing = -1  # opened when there is something to write: an agent may say nothing
        self.mask = mask
        self.limit = limit
        self.policy = policy
        self.size = 0
        self.dropped = 0
        self.pending = b""
        self.dirty = False
        self.failing = False
        self.began = time.monotonic()
        self.times: "List[str]" = []
        self.last_ms = -1000

    @property
    def held(self) -> bool:
        """Whether the disk refuses what was read; nothing more should be."""
        return bool(self.pending)

    @property
    def full(self) -> bool:
        return self.size >= self.limit

    def room(self) -> int:
        """How much may be read of the terminal now; 0 holds the agent at its next write."""
        if self.held:
            return 0
        return READ_BYTES if self.policy != "block" else min(READ_BYTES, max(0, self.limit - self.size))

    def take(self, data: bytes) -> None:
        self._append(self.mask.feed(data))

    def end(self) -> None:
        """Nothing follows: write what the filter held back."""
        self._append(self.mask.rest())

    def retry(self) -> None:
        """Write what the disk refused, as far as it takes it now."""
        data, self.pending = self.pending, b""
        self._write(data)

    def give_up(self) -> None:
        """Count what the disk refuses as lost."""
        self.dropped += len(self.pending)
        self.pending = b""

    def sync(self) -> None:
        """Make it durable; the times go along, because they are worth a system call a second at most."""
        if not self.dirty:
            return
        with contextlib.suppress(OSError):  # a full disk costs the recording's rhythm, not the session
            if self.timing < 0:
                self.timing = open_log("timing")
            write_all(self.timing, "".join(self.times).encode())
        self.times = []
        try:
            os.fdatasync(self.fd)
        except OSError:
            self.failing = True  # to die of it would take the agent along; it is tried again, and reported meanwhile
        else:
            self.dirty = self.failing = False

    def _append(self, data: bytes) -> None:
        if self.policy != "block":
            keep = max(0, self.limit - self.size)
            self.dropped += max(0, len(data) - keep)
            data = data[:keep]
        self._write(data)

    def _write(self, data: bytes) -> None:
        if not data:
            return
        self._note_time()
        view = memoryview(data)
        try:
            while view:
                count = os.write(self.fd, view)
                self.size += count
                view = view[count:]
        except OSError as problem:
            if problem.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG):
                raise
            self.pending = bytes(view)
        self.dirty = True

    def _note_time(self) -> None:
        now = int((time.monotonic() - self.began) * 1000)
        if now - self.last_ms >= 10:
            self.times.append("%d %d\n" % (self.size, now))
            self.last_ms = now


# ── event files ─────────────────────────────────────────────────────────────────────────────────────────────────────

KINDS = (
    (stat.S_ISLNK, "it is a symbolic link"),
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a named pipe"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)


class BadEvent(Exception):
    """Why a file is no event; the message is for the author of the agent."""


class EventFolder:
    """Takes what the agent drops into ``events/new``, or writes into ``events``, over into ``events.log``.

    The agent owns these folders and may do to them whatever it likes: everything is opened relative to descriptors that were
    opened at the start, never followed through a link, and never waited for.
    """

    def __init__(self, max_bytes: int, mask: "Mask") -> None:
        self.root = self.new = self.done = -1
        self.log = -1  # opened for the first event: most agents drop none
        self.max_bytes = max_bytes
        self.mask = mask
        self.masked: "Dict[Tuple[int, str], bytes]" = {}  # folder and name → what takes the place of the agent's own
        self.size = 0
        self.count = 0
        self.backlog: "Deque[Tuple[int, str, str]]" = collections.deque()  # folder, name, why it is refused
        self.plain: "Dict[str, Tuple[Tuple[int, int], float]]" = {}  # name → size and time, first seen
        self.stuck: "Set[Tuple[int, int]]" = set()
        self.seen: "Dict[int, Tuple[int, int]]" = {}  # folder → what and when it was, when it was last read
        self.full = False
        self._hold_folders()

    # finding

    def scan(self, plain: bool) -> None:
        """Look what is new. ``plain``: also at files written into ``events`` itself, which must stay the same from one to
        the next such look."""
        if self.backlog or self._rests():
            return
        # the agent may be in the middle of breaking its folders: the next look sees the result
        with contextlib.suppress(OSError):
            self._hold_folders()
            self._find_new()
            if plain:
                self._find_plain()

    def scan_last(self) -> None:
        """Look when nobody is left who could write: whatever is there is all that there will be."""
        self.seen.clear()
        self.scan(plain=False)
        with contextlib.suppress(OSError):
            self._find_last_plain()

    def _find_last_plain(self) -> None:
        for name, info in self._entries(self.root):
            if self._is_plain(name, info):
                self.backlog.append((self.root, name, self._unparsable(name) if stat.S_ISREG(info.st_mode) else ""))

    def _rests(self) -> bool:
        """Whether nothing can have happened since the last look; two calls of the system, each second of each session."""
        if self.plain or not self.seen:
            return False
        try:
            return self._seen_as(os.stat("events/new"), self.new) and self._seen_as(os.stat("events"), self.root)
        except OSError:
            return False

    def _seen_as(self, info: "os.stat_result", folder: int) -> bool:
        return self.seen.get(folder) == (info.st_ino, info.st_mtime_ns)

    def _hold_folders(self) -> None:
        """Hold the folders that are there now: the agent may have removed or replaced them."""
        self.root = self._held(self.root, None, "events")
        for name in ("new", "done", "tmp"):
            info = self._made(self.root, name)
            if not stat.S_ISDIR(info.st_mode):
                if not self._is_stuck(info):
                    self.backlog.append((self.root, name, ""))
                raise NotADirectoryError(name)
        self.done = self._held(self.done, self.root, "done")
        before, self.new = self.new, self._held(self.new, self.root, "new")
        if before != self.new:
            self._ask_for_hints()

    def _held(self, fd: int, parent: "Optional[int]", name: str) -> int:
        """``fd``, when it still is the folder of that name, else that folder opened anew."""
        info = self._made(parent, name)
        if fd >= 0 and os.path.samestat(info, os.fstat(fd)):
            return fd
        fresh = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
        if fd >= 0:
            os.close(fd)
            self.seen.clear()
        return fresh

    @staticmethod
    def _made(parent: "Optional[int]", name: str) -> "os.stat_result":
        try:
            info = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            os.mkdir(name, 0o700, dir_fd=parent)
            return os.stat(name, dir_fd=parent, follow_symlinks=False)
        if stat.S_ISDIR(info.st_mode) and info.st_mode & 0o700 != 0o700:
            os.chmod(name, 0o700, dir_fd=parent)
        return info

    def _ask_for_hints(self) -> None:
        """Have SIGIO sent when a name appears.

        A hint only: the scan decides. Not inotify: its instances are 128 for a whole user, and every session host is a process
        that would need one; this costs none.
        """
        with contextlib.suppress(OSError, AttributeError):
            fcntl.fcntl(self.new, fcntl.F_NOTIFY, fcntl.DN_CREATE | fcntl.DN_MULTISHOT)

    def _find_new(self) -> None:
        """All that is there, in order.

        A folder that is read while names appear in it may give a later one and not an earlier one. So it is read again then:
        everything that came before what the first reading gave is in the second, and what is later waits for its turn.
        """
        if self._unchanged(self.new):
            return
        before = os.fstat(self.new).st_mtime_ns
        found = self._entries(self.new)
        if found and os.fstat(self.new).st_mtime_ns != before:
            last = by_time(found[-1])
            found = [entry for entry in self._entries(self.new) if by_time(entry) <= last]
            self.seen.pop(self.new, None)
        self.backlog.extend((self.new, name, "") for name, info in found if not self._is_stuck(info))

    def _unchanged(self, folder: int) -> bool:
        """Whether nothing can have appeared since the last look; times of files are exact to some milliseconds only."""
        info = os.fstat(folder)
        if self._seen_as(info, folder):
            return True
        if info.st_mtime_ns < (time.time() - 0.1) * 1e9:
            self.seen[folder] = (info.st_ino, info.st_mtime_ns)
        return False

    def _find_plain(self) -> None:
        if self._unchanged(self.root) and not self.plain:
            return
        before, self.plain = self.plain, {}
        for name, info in self._entries(self.root):
            if self._is_plain(name, info):
                self._judge_plain(name, info, before.get(name))

    def _judge_plain(
        self, name: str, info: "os.stat_result", before: "Optional[Tuple[Tuple[int, int], float]]"
    ) -> None:
        """A plain write has no moment at which it is complete: it is, once it rests and can be read as what it says it is."""
        now, shape = time.monotonic(), (info.st_size, info.st_mtime_ns)
        first = before[1] if before else now
        if not stat.S_ISREG(info.st_mode):
            self.backlog.append((self.root, name, ""))
            return
        problem = self._unparsable(name) if before and before[0] == shape else "it was still changing"
        if not problem:
            self.backlog.append((self.root, name, ""))
        elif now - first >= PLAIN_WITHIN_S:
            self.backlog.append((self.root, name, "not complete within %d s: %s" % (PLAIN_WITHIN_S, problem)))
        else:
            self.plain[name] = (shape, first)

    def _is_plain(self, name: str, info: "os.stat_result") -> bool:
        """Names that begin with a dot are how editors and tools call what is not finished."""
        return name not in ("tmp", "new", "done") and not name.startswith(".") and not self._is_stuck(info)

    def _is_stuck(self, info: "os.stat_result") -> bool:
        return (info.st_ino, info.st_mtime_ns) in self.stuck

    def _unparsable(self, name: str) -> str:
        """What keeps a ``.json`` file from being complete; other forms cannot be told, and empty ones are events too."""
        if not name.endswith(".json"):
            return ""
        try:
            content = self._read(self.root, name)
            if content:
                json.loads(content)
        except BadEvent:
            return ""  # refused for that when it is taken
        except (ValueError, RecursionError) as problem:
            return "it is not JSON (%s)" % problem
        return ""

    @staticmethod
    def _entries(folder: int) -> "List[Tuple[str, os.stat_result]]":
        """What is in a folder: by time, then by name."""
        found = []
        with os.scandir("/proc/self/fd/%d" % folder) as entries:
            for entry in itertools.islice(entries, SCAN_ENTRIES):
                with contextlib.suppress(FileNotFoundError):
                    found.append((entry.name, entry.stat(follow_symlinks=False)))
        return sorted(found, key=by_time)

    # taking

    def take(self) -> bool:
        """Record some of what was found: one append, one fsync, then the moves. True when ``events.log`` has grown."""
        taken: "List[Tuple[int, str, str]]" = []
        lines: "List[bytes]" = []
        size = 0
        while self.backlog and len(taken) < BATCH_FILES and size < BATCH_BYTES:
            entry = self.backlog.popleft()
            line = self._line(self.count + len(lines) + 1, *entry)
            if line:
                taken.append(entry)
                lines.append(line)
                size += len(line)
        self.full = not self._append(b"".join(lines))
        if self.full:
            self.backlog.extendleft(reversed(taken))
            return False
        for folder, name, _ in taken:
            self.count += 1
            self._put_away(folder, name)
        return bool(lines)

    def _line(self, n: int, folder: int, name: str, refused: str) -> bytes:
        """A line of ``events.log``, or nothing when the file has gone again."""
        entry: "Json" = {"n": n, "file": shown(name), "at": time.time()}
        try:
            if refused:
                raise BadEvent(refused)
            entry["content"] = self._masked(folder, name, self._read(folder, name))
            line = encoded(entry)
            if len(line) > FRAME_MAX - 8:
                raise BadEvent("it is too large once written as JSON")
        except FileNotFoundError:
            return b""
        except BadEvent as problem:
            entry.pop("content", None)
            entry["refused"] = str(problem)
            line = encoded(entry)
        return line

    def _masked(self, folder: int, name: str, text: str) -> str:
        data = text.encode()
        masked = self.mask.whole(data)
        if masked != data:
            self.masked[folder, name] = masked
        return masked.decode()

    def _read(self, folder: int, name: str) -> str:
        self._check(
            os.stat(name, dir_fd=folder, follow_symlinks=False)
        )  # before opening: opening a device can act on it
        try:
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=folder)
        except FileNotFoundError:
            raise
        except OSError as problem:
            raise BadEvent("it cannot be opened: %s" % problem.strerror) from problem
        try:
            self._check(os.fstat(fd))
            data = os.read(fd, self.max_bytes + 1)
        finally:
            os.close(fd)
        if len(data) > self.max_bytes:
            raise BadEvent("it is larger than %d bytes" % self.max_bytes)
        try:
            return data.decode()
        except UnicodeDecodeError as problem:
            raise BadEvent("it is not UTF-8 text (byte %d)" % problem.start) from problem

    def _check(self, info: "os.stat_result") -> None:
        for is_kind, problem in KINDS:
            if is_kind(info.st_mode):
                raise BadEvent(problem)
        if info.st_nlink != 1:
            raise BadEvent("it has %d names (hard links)" % info.st_nlink)
        if info.st_uid != os.geteuid():
            raise BadEvent("it belongs to somebody else (uid %d)" % info.st_uid)
        if info.st_size > self.max_bytes:
            raise BadEvent("it is larger than %d bytes" % self.max_bytes)

    def _append(self, data: bytes) -> bool:
        """All of it, durably, or nothing: half a line must never be read."""
        if not data:
            return True
        try:
            if self.log < 0:
                self.log = open_log("events.log")
                sync_folder()
            write_all(self.log, data)
            os.fsync(self.log)
        except OSError as problem:
            if problem.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG):
                raise
            if self.log >= 0:
                os.ftruncate(self.log, self.size)
            return False
        self.size += len(data)
        crash_point("events-appended")
        return True

    def _put_away(self, folder: int, name: str) -> None:
        """Move to ``done``; what cannot be moved is removed; what cannot be removed is remembered, so it counts once."""
        target = os.fsdecode(os.fsencode("%d-%s" % (self.count, name))[:255])
        masked = self.masked.pop((folder, name), None)
        if masked is not None:
            self._write_done(target, masked)
            self._remove(folder, name)
            return
        try:
            os.rename(name, target, src_dir_fd=folder, dst_dir_fd=self.done)
        except OSError:
            self._remove(folder, name)

    def _write_done(self, target: str, data: bytes) -> None:
        """For people to look at; ``events.log`` holds it already, so that it cannot be written is no loss."""
        with contextlib.suppress(OSError):
            fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=self.done)
            try:
                write_all(fd, data)
            finally:
                os.close(fd)

    def _remove(self, folder: int, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            info = os.stat(name, dir_fd=folder, follow_symlinks=False)
            try:
                os.unlink(name, dir_fd=folder)
            except OSError:
                self.stuck.add((info.st_ino, info.st_mtime_ns))


def by_time(entry: "Tuple[str, os.stat_result]") -> "Tuple[int, str]":
    return entry[1].st_mtime_ns, entry[0]


def shown(name: str) -> str:
    """A file's name as text that every JSON reader takes, whatever its bytes are."""
    return os.fsencode(name).decode("utf-8", "replace")


def encoded(record: "Json") -> bytes:
    return encode_json(record).encode("utf-8") + b"\n"


encode_json = json.JSONEncoder(ensure_ascii=False).encode


# ── files that the agent leaves ──────────────────────────────────────────────────────────────────────────────────────

LEFT = ("output", "env", "summary", "usage.json")
LEFT_BY_STEP = ("output.%d", "env.%d", "path.%d")
LEFT_BYTES = 1 << 21  # more than a reader takes of any of them


def mask_left_files(mask: "Mask", names: "Sequence[str]" = LEFT) -> None:
    """Mask what the agent has written for us, before anybody reads it. Raises OSError when the disk is full."""
    for name in names if mask.secrets else ():
        path = os.path.join("files", name)
        data = left_file(path)
        masked = mask.whole(data)
        if masked != data:
            write_file(path + ".masked", masked)
            os.rename(path + ".masked", path)


def left_file(path: str) -> bytes:
    """What stands there, cut where nobody reads on; nothing where there is no file."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return b""
    with os.fdopen(fd, "rb") as file:
        return file.read(LEFT_BYTES) if stat.S_ISREG(os.fstat(fd).st_mode) else b""


# ── the agent ───────────────────────────────────────────────────────────────────────────────────────────────────────


def command(spec: "Json", folder: str) -> "Tuple[str, List[str]]":
    """The program that exists, and its argument list. Raises :class:`Refused` naming all that were looked for.

    Of a session with steps both are empty: its process executes what it is told later.
    """
    if spec.get("steps"):
        return "", []
    for words in spec["interpreters"]:
        program = find_program(words[0], spec["cwd"], environment(spec, folder)["PATH"])
        if program:
            script = [] if spec["script"] is None else [os.path.join(folder, "files", "script")]
            return program, list(words) + script
    names = ", ".join(words[0] for words in spec["interpreters"])
    raise Refused("cannot-start", "not found on the agent's PATH: " + (names or "no interpreter was given"))


def find_program(name: str, cwd: str, path: str) -> "Optional[str]":
    folders = [""] if "/" in name else path.split(os.pathsep)
    for candidate in (os.path.join(cwd, folder, name) for folder in folders):
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    return None


def environment(spec: "Json", folder: str) -> "Dict[str, str]":
    """The agent's whole environment; nothing of ours leaks into it."""
    env = dict(spec["env"])
    env.update((name, os.path.join(folder, path)) for name, path in spec["path_env"].items())
    env["PATH"] = os.pathsep.join(part for part in (spec["path_prefix"], env.get("PATH", os.defpath)) if part)
    return env


def filled(texts: "Dict[str, List[List[str]]]", secrets: "Dict[str, str]") -> "Dict[str, str]":
    """The texts whose pieces are given: texts as they are, secrets by name."""
    return {
        name: "".join(secrets[piece] if kind == "secret" else piece for kind, piece in pieces)
        for name, pieces in texts.items()
    }


def send_with_fds(line: "socket.socket", data: bytes, fds: "Sequence[int]") -> None:
    """One message and descriptors along with its beginning; for :func:`receive_with_fds`."""
    import socket  # noqa: PLC0415 - as above

    message = struct.pack(">I", len(data)) + data
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("%di" % len(fds), *fds))]
    rest = message[line.sendmsg([message], rights) :]
    if rest:  # sending nothing would fail where the other side has taken all and closed already
        line.sendall(rest)


def receive_with_fds(line: "socket.socket") -> "Tuple[bytes, Tuple[int, ...]]":
    """A message and its descriptors, as this process's own. Raises OSError when the other side has gone."""
    import socket  # noqa: PLC0415 - as above

    data, rights, _, _ = line.recvmsg(READ_BYTES, 256, socket.MSG_CMSG_CLOEXEC)
    if not rights:
        raise OSError(errno.ECONNRESET, "left")
    fds = rights[0][2]
    (length,) = struct.unpack_from(">I", data)
    return data[4:] + receive(line, length - len(data) + 4), struct.unpack("%di" % (len(fds) // 4), fds)


def open_working_folder(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as problem:
        if problem.errno in TEMPORARY:
            raise
        raise Refused("cannot-start", "working directory %s: %s" % (path, problem.strerror)) from problem


def write_given_files(spec: "Json") -> None:
    with contextlib.suppress(FileExistsError):
        os.mkdir("files", 0o700)
    for name, text in spec["files"].items():
        if "/" in name or name in ("", ".", ".."):
            raise Refused("cannot-start", "not a file's name: %r" % name)
        write_file(os.path.join("files", name), text.encode())
    if spec["script"] is not None:
        write_file(os.path.join("files", "script"), spec["script"].encode(), 0o700)


def set_size(terminal: int, rows: int, cols: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


class Agent:
    """The agent's process: forked before there is a specification, and held until :meth:`let_go`.

    Forked early, because then a spare has it ready, it has never seen anybody's secrets, and the pages that it shares with its
    session host are copied once and not twice. It waits at its end of ``line`` for what to be, then for the gate.
    """

    def __init__(self) -> None:
        import socket  # noqa: PLC0415 - half of the start-up time of `emit`, which needs none

        self.line, its_end = socket.socketpair()
        self.status: "Optional[int]" = None
        self.usage: "Dict[str, float]" = {}
        self.pid = os.fork()
        if self.pid == 0:
            self.line.close()
            become_agent(its_end)
        its_end.close()
        self.start_time = start_time(self.pid)

    def prepare(self, spec: "Json", folder: str) -> None:
        """Give it a terminal and tell it what to execute. Raises :class:`Refused` or OSError; it has not run then."""
        program, argv = command(spec, folder)
        cwd = open_working_folder(spec["cwd"])
        try:
            self.terminal, self.inner = os.openpty()
            set_size(self.terminal, spec["rows"], spec["cols"])
            os.set_blocking(self.terminal, False)
            send_with_fds(self.line, marshal.dumps((program, argv, environment(spec, folder))), (self.inner, cwd))
        finally:
            os.close(cwd)

    def let_go(self) -> None:
        """Open the gate."""
        with contextlib.suppress(OSError):  # somebody has killed it: that is how it ended then
            self.line.send(GATE)

    def tell(self, order: "Json") -> None:
        """Have the process of a session with steps carry out an order: a step, or ``{end}`` with the code to exit with."""
        data = marshal.dumps(order)
        with contextlib.suppress(OSError):  # somebody has killed it: its end is on the way
            self.line.sendall(struct.pack(">I", len(data)) + data)

    def told(self) -> "Optional[int]":
        """The wait status of the step that has ended; None when there is no such news."""
        try:
            data = self.line.recv(STEP_STATUS.size)
        except OSError:
            return None
        return int(STEP_STATUS.unpack(data)[0]) if data else None

    def call_off(self) -> None:
        """End the process that waits at the gate; it has not run."""
        self.line.close()
        os.waitpid(self.pid, 0)

    def ended(self, status: int, usage: "Any") -> None:
        self.status = status
        self.usage = {"user_s": usage.ru_utime, "system_s": usage.ru_stime, "max_rss_kib": usage.ru_maxrss}
        self.let_terminal_end()

    def let_terminal_end(self) -> None:
        """Give up our own hold on the terminal's inner side: held while the agent lives, so that an agent that closes its
        own for a moment does not look like the end."""
        os.close(self.inner)
        self.inner = -1

    def outcome(self) -> "Json":
        """``code`` or ``signal``, and the error when it could not be executed."""
        status = self.status or 0
        killed = os.WIFSIGNALED(status)
        return {
            "code": None if killed else os.WEXITSTATUS(status),
            "signal": os.WTERMSIG(status) if killed else None,
            "error": self._complaint(),
            "rusage": self.usage,
        }

    def _complaint(self) -> str:
        try:
            return self.line.recv(1000).decode("utf-8", "replace")
        except OSError:  # it was killed at the gate
            return ""


GATE = b"1"


def become_agent(line: "socket.socket") -> "NoReturn":
    """In the forked child: wait for what to be, take the terminal, wait at the gate, execute. Never returns into the session
    host's code. An end of ``line`` before the gate is exit 126."""
    program = ""
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # without its session host nobody could end it or know how it ended
        os.setsid()
        restore_signals()
        data, (terminal, cwd) = receive_with_fds(line)
        program, argv, env = marshal.loads(data)
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(terminal, fd)
        os.fchdir(cwd)
        if line.recv(1) == GATE:
            if not program:
                carry_out_steps(line, env)
            os.execve(program, argv, env)
    except (OSError, ValueError) as problem:  # ValueError: a zero byte in an argument or in the environment
        if program:
            text = "cannot execute %s: %s" % (program, getattr(problem, "strerror", None) or problem)
            line.send(text.encode("utf-8", "replace")[:1000])
        os._exit(127 if isinstance(problem, FileNotFoundError) else 126)
    finally:
        os._exit(126)


STEP_STATUS = struct.Struct(">I")
KEYBOARD_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP, signal.SIGTTOU)


def carry_out_steps(line: "socket.socket", base: "Dict[str, str]") -> "NoReturn":
    """The agent's process of a session with steps, in its terminal: executes each step that it is told, and says how it ended.

    It stays in one process group with its steps, so that a key or a stop reaches them as it reaches a single agent; it survives
    the polite ones itself. Handlers and not "ignore": what a process ignores its children ignore too.
    """
    for number in KEYBOARD_SIGNALS:
        signal.signal(number, lambda *_: None)
    plain = termios.tcgetattr(0)
    while True:
        (length,) = struct.unpack(">I", receive(line, 4))
        order = marshal.loads(receive(line, length))
        if "end" in order:
            os._exit(order["end"])
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, plain)  # the step before may have left it raw
        line.sendall(STEP_STATUS.pack(carried_out(order, base)))


def carried_out(order: "Json", base: "Dict[str, str]") -> int:
    """The wait status of a step's process, or that of a shell that could not execute something."""
    env = dict(base, **order["env"])
    env.update(order["path_env"])
    env["PATH"] = os.pathsep.join([part for part in order["path"] + [env.get("PATH", "")] if part])
    say_on_terminal(order["title"])
    try:
        program, argv = step_command(order, env)
        pid = os.fork()
    except (OSError, Refused) as problem:
        say_on_terminal("the step cannot start: %s" % problem)
        return 127 << 8
    if pid == 0:
        become_step(program, argv, env, order["cwd"])
    return os.waitpid(pid, 0)[1]


def step_command(order: "Json", env: "Dict[str, str]") -> "Tuple[str, List[str]]":
    if not os.path.isdir(order["cwd"]):
        raise Refused("cannot-start", "there is no folder %s" % order["cwd"])
    for words in order["interpreters"]:
        program = find_program(words[0], order["cwd"], env["PATH"])
        if program:
            return program, [*words, order["script"]]
    raise Refused("cannot-start", "%s is not on its PATH" % ", ".join(words[0] for words in order["interpreters"]))


def say_on_terminal(text: str) -> None:
    with contextlib.suppress(OSError):
        write_all(1, (text + "\n").encode("utf-8", "replace"))


def become_step(program: str, argv: "List[str]", env: "Dict[str, str]", cwd: str) -> "NoReturn":
    """In the forked child: execute the step. Never returns."""
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        restore_signals()
        os.chdir(cwd)
        os.execve(program, argv, env)
    except (OSError, ValueError) as problem:  # ValueError: a zero byte in an argument or in the environment
        say_on_terminal("cannot execute %s: %s" % (program, getattr(problem, "strerror", None) or problem))
        os._exit(126)
    finally:
        os._exit(126)


def restore_signals() -> None:
    """Python and the session host ignore some; an agent must find them as any program does."""
    for number in range(1, signal.NSIG):
        if signal.getsignal(number) not in (signal.SIG_DFL, None):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


# ── clients ─────────────────────────────────────────────────────────────────────────────────────────────────────────

ANYBODY = frozenset(["viewer", "typist", "owner"])
TYPISTS = frozenset(["typist", "owner"])
OWNERS = frozenset(["owner"])


class Misbehaved(Exception):
    """A client broke the protocol; it is told why, and closed."""


class Client:
    """A connection to ``ctl.sock``: its own place in the output and in the events, and a bounded send buffer."""

    def __init__(self, host: "SessionHost", connection: "socket.socket") -> None:
        self.host = host
        self.connection = connection
        self.fd = connection.fileno()
        self.since = time.monotonic()
        self.role = ""
        self.epoch = -1
        self.inbox = bytearray()
        self.outbox = bytearray()
        self.at = -1  # in out.log, once attached
        self.events_at = -1  # in events.log, once subscribed
        self.steps_at = -1  # in steps.log, likewise
        self.told_end = False
        self.closed = False

    # receiving

    def on_ready(self, ready: int) -> None:
        if self.closed:  # by what another client did, in the same turn of the loop
            return
        try:
            if ready & (select.POLLIN | select.POLLHUP | select.POLLERR):
                self._receive()
            self.pump()
        except (OSError, Misbehaved) as problem:
            self._leave(problem)

    def _receive(self) -> None:
        try:
            data = self.connection.recv(READ_BYTES)
        except BlockingIOError:  # it has said nothing yet
            return
        if not data:
            raise OSError(errno.ECONNRESET, "left")
        self.inbox += data
        while not self.host.input_is_full() and self._next_frame():
            pass

    def _next_frame(self) -> bool:
        if len(self.inbox) < 5:
            return False
        kind, length = struct.unpack_from(">BI", self.inbox)
        if length > FRAME_MAX:
            raise Misbehaved("a frame of %d bytes" % length)
        if len(self.inbox) < 5 + length:
            return False
        body = bytes(self.inbox[5 : 5 + length])
        del self.inbox[: 5 + length]
        self._handle(kind, body)
        return True

    def _handle(self, kind: int, body: bytes) -> None:
        if kind not in FRAMES:
            raise Misbehaved("unknown frame %d" % kind)
        roles, acts, handle = FRAMES[kind]
        if kind != OPEN and self.role not in roles:
            raise Misbehaved("frame %d before OPEN" % kind if not self.role else "a %s may not do this" % self.role)
        if acts and self.epoch < self.host.epoch:
            self.say(STATUS, {"error": "fenced", "epoch": self.host.epoch})
            return
        try:
            handle(self, body)
        except (struct.error, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise Misbehaved("frame %d cannot be read: %r" % (kind, problem)) from problem

    def _open(self, body: bytes) -> None:
        wish = json.loads(body.decode())
        if self.role:
            raise Misbehaved("OPEN twice")
        if wish["token"] != self.host.token:  # only our own user can connect, so there is no time to be measured
            self.say(STATUS, {"error": "denied", "detail": "wrong token"})
            raise Misbehaved("wrong token")
        oldest, newest = int(wish["proto"]), int(wish.get("newest", wish["proto"]))
        if oldest > PROTO or newest < OLDEST:
            raise Misbehaved("protocol %d to %d is asked for, %d to %d is spoken" % (oldest, newest, OLDEST, PROTO))
        if wish["role"] not in ANYBODY:
            raise Misbehaved("role %r" % wish["role"])
        self.epoch = int(wish["epoch"])
        self.host.fence(
            self.epoch
        )  # pumps every client that has a role; ours comes after, so that HELLO is its first frame
        self.role = wish["role"]
        self.at = int(wish.get("attach", -1))
        self.events_at = int(wish.get("events", -1))
        self.steps_at = int(wish.get("steps", -1))
        self.say(HELLO, self.host.hello())
        if any(self.host.status().values()):
            self.say(STATUS, self.host.status())

    def _input(self, body: bytes) -> None:
        (seq,) = struct.unpack_from(">Q", body)
        self.host.type(self, seq, body[8:])

    def _resize(self, body: bytes) -> None:
        rows, cols = struct.unpack(">HH", body)
        self.host.resize(rows, cols)

    def _signal(self, body: bytes) -> None:
        (number,) = struct.unpack(">B", body)
        self.host.signal_group(number)

    def _attach(self, body: bytes) -> None:
        (self.at,) = struct.unpack(">Q", body)

    def _forget(self, body: bytes) -> None:
        self.host.forget(self)

    def _stat(self, body: bytes) -> None:
        self.say(STATUS, self.host.status())

    def _stop(self, body: bytes) -> None:
        (grace_ms,) = struct.unpack(">I", body)
        self.host.begin_stop("stop", grace_ms / 1000)

    def _step(self, body: bytes) -> None:
        self.host.run_step(json.loads(body.decode()))

    def _step_stop(self, body: bytes) -> None:
        n, grace_ms = struct.unpack(">II", body)
        self.host.stop_step(n, grace_ms / 1000)

    def _steps_end(self, body: bytes) -> None:
        (code,) = struct.unpack(">B", body)
        self.host.end_steps(code)

    # sending

    def say(self, kind: int, body: "Json") -> None:
        self.send(kind, json.dumps(body).encode())

    def send(self, kind: int, *parts: bytes) -> None:
        self.outbox += struct.pack(">BI", kind, sum(len(part) for part in parts))
        for part in parts:
            self.outbox += part

    def pump(self) -> None:
        """Prepare and send what this client has not seen, as much as it takes without waiting."""
        while len(self.outbox) < OUTBOX_BYTES and self._prepare():
            pass
        if self.outbox:
            with contextlib.suppress(BlockingIOError):
                del self.outbox[: self.connection.send(self.outbox)]
        self.host.watch(self.fd, self._wanted(), self.on_ready)

    def _wanted(self) -> int:
        """A client that does not read its answers, or types faster than the agent reads, is not listened to."""
        listens = len(self.outbox) < 2 * OUTBOX_BYTES and not self.host.input_is_full()
        return (select.POLLIN if listens else 0) | (select.POLLOUT if self.outbox else 0)

    def resume(self) -> None:
        """The agent has read some of the typed input: go on with what was left in the inbox."""
        if self.closed:
            return
        try:
            while not self.host.input_is_full() and self._next_frame():
                pass
            self.pump()
        except (OSError, Misbehaved) as problem:
            self._leave(problem)

    def _prepare(self) -> bool:
        return self._prepare_output() or self._prepare_event() or self._prepare_step() or self._prepare_end()

    def _prepare_output(self) -> bool:
        if not 0 <= self.at < self.host.log.size:
            return False
        data = os.pread(self.host.log.fd, min(READ_BYTES, self.host.log.size - self.at), self.at)
        self.send(OUT, struct.pack(">Q", self.at), data)
        self.at += len(data)
        return True

    def _prepare_event(self) -> bool:
        """The next lines of ``events.log``, as many as one read gives; a longer line is read again, larger."""
        if not 0 <= self.events_at < self.host.events.size:
            return False
        data, room = b"", READ_BYTES
        while b"\n" not in data:
            data = os.pread(self.host.events.log, min(room, self.host.events.size - self.events_at), self.events_at)
            room *= 4
        for line in data[: data.rindex(b"\n")].split(b"\n"):
            self.events_at += len(line) + 1
            self.send(EVENT, struct.pack(">Q", self.events_at), line)
        return True

    def _prepare_step(self) -> bool:
        """After the events, so that those which a step has emitted come before its end."""
        if not 0 <= self.steps_at < len(self.host.steps.lines):
            return False
        line = self.host.steps.line_at(self.steps_at)
        self.steps_at += len(line) + 1
        self.send(STEP_TOLD, struct.pack(">Q", self.steps_at), line)
        return True

    def _prepare_end(self) -> bool:
        """The end comes last: after all output and all events that this client asked for."""
        if self.told_end or not self.role or self.host.exit is None:
            return False
        self.told_end = True
        self.say(EXIT, self.host.exit)
        return True

    def _leave(self, problem: "Exception") -> None:
        if isinstance(problem, Misbehaved):
            self.say(STATUS, {"error": "protocol", "detail": str(problem)})
            with contextlib.suppress(OSError):
                self.connection.send(self.outbox)
        self.close()

    def close(self) -> None:
        self.host.watch(self.fd, 0, self.on_ready)
        self.host.clients.pop(self.fd, None)
        self.connection.close()
        self.closed = True


if TYPE_CHECKING:
    Handler = Callable[[Client, bytes], None]

FRAMES: "Dict[int, Tuple[FrozenSet[str], bool, Handler]]" = {
    # frame: who may send it, whether it acts on the session (and so is fenced), what it does
    OPEN: (ANYBODY, False, Client._open),
    INPUT: (TYPISTS, True, Client._input),
    RESIZE: (TYPISTS, True, Client._resize),
    SIGNAL: (TYPISTS, True, Client._signal),
    ATTACH: (ANYBODY, False, Client._attach),
    FORGET: (OWNERS, True, Client._forget),
    STAT: (ANYBODY, False, Client._stat),
    STOP: (OWNERS, True, Client._stop),
    STEP: (OWNERS, True, Client._step),
    STEP_STOP: (OWNERS, True, Client._step_stop),
    STEPS_END: (OWNERS, True, Client._steps_end),
}


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Steps:
    """How far the steps of a session are. What is told of them is kept in memory, for daemons that ask, and in ``steps.log``, for
    those that come when this process has gone; a full disk delays only the second."""

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted
        self.n = 0
        self.running = False
        self.ended_by = "exit"
        self.lines = bytearray()
        self.kept = 0  # of them, in the file
        self.fd = -1

    def tell(self, **entry: "Any") -> None:
        """Add a line about the present step."""
        self.lines += encoded(dict(entry, n=self.n))
        self.keep()

    def line_at(self, offset: int) -> bytes:
        return bytes(self.lines[offset : self.lines.index(b"\n", offset)])

    def keep(self) -> bool:
        """Write what the file lacks; False when the disk does not take it. Half a line is nothing to those who read."""
        if self.kept == len(self.lines):
            return True
        try:
            if self.fd < 0:
                self.fd = open_log("steps.log")
            os.ftruncate(self.fd, self.kept)
            write_all(self.fd, bytes(self.lines[self.kept :]))
        except OSError as problem:
            if problem.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG):
                raise
            return False
        self.kept = len(self.lines)
        return True


# ── the session host ────────────────────────────────────────────────────────────────────────────────────────────────


class SessionHost:
    """Everything of one session, and the loop that moves it. Its working directory is the session's folder.

    How the end goes, each step once: ``running`` (the agent lives) → ``settling`` (it has ended; what it left behind may finish
    writing) → ``ending`` (TERM was sent to that) → ``killing`` → ``sealing`` (last output, last events, the record) → ``ended``.
    """

    def __init__(self, spec: "Json", folder: str, agent: "Agent") -> None:
        self.agent = agent
        self.limits = spec["limits"]
        self.secrets = spec.get("secrets", {})
        self.token = spec["token"]
        self.epoch = int(spec["epoch"])
        self.poll = select.poll()
        self.watched: "Dict[int, Tuple[int, Callable[[int], None]]]" = {}
        self.clients: "Dict[int, Client]" = {}
        self.due: "Dict[str, float]" = {}
        self.typed: "Deque[Tuple[int, bytes]]" = collections.deque()
        self.typed_bytes = 0
        self.accepted = self.written = 0
        self.phase = "running"
        self.ended_by = "exit"
        self.stopping = False
        self.terminal_ended = False
        self.reads = 0
        self.chatty = self.resting = False
        self.childless = False
        self.exit: "Optional[Json]" = None
        self.over = False
        self.steps = Steps(bool(spec.get("steps")))
        self.folder = folder
        write_given_files(spec)
        self.mask = Mask(spec["masks"])
        self.log = OutputLog(self.mask, self.limits["max_log_bytes"], self.limits["on_max_log"])
        self.reserve_record()
        self.wake = self.hear_signals()
        self.events = EventFolder(self.limits["max_event_bytes"], self.mask)
        self.listener = listen("ctl.sock")
        self.agent.prepare(spec, folder)
        self.told = self.status()

    @staticmethod
    def reserve_record() -> None:
        """Take the space of ``exit.json`` now, so that a disk that is full then cannot keep the end from being recorded."""
        write_file("exit.json.tmp", b" " * RECORD_BYTES)

    @staticmethod
    def hear_signals() -> int:
        """A descriptor that wakes the loop when a child ends or a name appears in ``events/new``."""
        reading, writing = os.pipe()
        for fd in (reading, writing):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(writing)
        for number in (signal.SIGCHLD, signal.SIGIO):
            signal.signal(number, lambda *_: None)
        return reading

    # start

    def begin(self) -> "Json":
        """Record the agent, then let it go. Returns the record; when it cannot be made, nothing has run."""
        child = {
            "pid": self.agent.pid,
            "host_pid": os.getpid(),
            "boot_id": boot_id(),
            "proto": PROTO,
            "started_at": time.time(),
            "start_time": self.agent.start_time,
            "pgid": self.agent.pid,
        }
        try:
            crash_point("before-record")
            write_record("child.json", child)
        except OSError:
            remove_file("child.json")
            raise
        crash_point("before-gate")
        self.agent.let_go()
        crash_point("after-gate")
        return child

    # the loop

    def run(self) -> None:
        """Serve until the session is forgotten, or has lingered long enough."""
        self.watch(self.wake, select.POLLIN, self._on_signal)
        self.watch(self.listener.fileno(), select.POLLIN, self._on_connection)
        self._watch_terminal()
        self._set("scan", self.limits["scan_s"])
        self._set("timeout", self.limits["timeout_s"])
        self._expect_output()
        if self.steps.wanted:
            self.watch(self.agent.line.fileno(), select.POLLIN, self._on_step_end)
        self._reap()
        while not self.over:
            for fd, ready in self.poll.poll(self._wait_ms()):
                if fd in self.watched:
                    self.watched[fd][1](ready)
            self._fire()
        self._close()

    def watch(self, fd: int, mask: int, callback: "Callable[[int], None]") -> None:
        """Call back when one of ``mask`` is ready; 0 stops it (a hung-up terminal is always ready, and would spin)."""
        if mask == self.watched.get(fd, (0,))[0]:
            return
        if mask:
            self.poll.register(fd, mask)
            self.watched[fd] = (mask, callback)
        else:
            self.poll.unregister(fd)
            del self.watched[fd]

    def _wait_ms(self) -> "Optional[float]":
        if not self.due:
            return None
        return max(0.0, (min(self.due.values()) - time.monotonic()) * 1000)

    def _fire(self) -> None:
        now = time.monotonic()
        if not self.due or min(self.due.values()) > now:
            return
        for name in [name for name, due in self.due.items() if due <= now + LENIENT.get(name, 0)]:
            if self.due.get(name, now + 1) <= now + LENIENT.get(name, 0):  # an earlier one may have put it off
                del self.due[name]
                TIMERS[name](self)

    def _set(self, name: str, seconds: "Optional[float]") -> None:
        if seconds is None:
            self.due.pop(name, None)
        else:
            self.due[name] = time.monotonic() + seconds

    def _on_signal(self, ready: int) -> None:
        numbers = os.read(self.wake, 4096)
        if signal.SIGIO in numbers:
            self._scan_soon()
        if signal.SIGCHLD in numbers:
            self._reap()

    # the terminal

    def _watch_terminal(self) -> None:
        mask = (select.POLLIN if self.log.room() and not self.resting else 0) | (select.POLLOUT if self.typed else 0)
        self.watch(self.agent.terminal, 0 if self.terminal_ended else mask, self._on_terminal)

    def _on_terminal(self, ready: int) -> None:
        if ready & select.POLLOUT:
            self._write_typed()
        if ready & (select.POLLIN | select.POLLHUP | select.POLLERR):
            self._read_terminal()
        self._watch_terminal()

    def _read_terminal(self) -> None:
        data = b"".join(self._pieces(self.log.room()))
        if data:
            self.log.take(data)
            self._output_grew()
        self._rest_after(data)
        if self.terminal_ended:
            self._advance()

    def _rest_after(self, data: bytes) -> None:
        """Leave a chatty agent that nobody watches alone for a while: hundreds of spinners and progress lines would otherwise
        cost a core. Its terminal holds 64 KiB meanwhile, and whoever writes that much is read without rest."""
        self.reads += 1
        watched = any(client.at >= 0 for client in self.clients.values())
        self.resting = self.chatty and 0 < len(data) < TERMINAL_BYTES and not watched and self.phase == "running"
        if self.resting:
            self._set("rest", REST_S)

    def _rested(self) -> None:
        self.resting = False
        self._read_terminal()
        self.chatty = self.resting
        self._watch_terminal()

    def _pieces(self, room: int) -> "Iterator[bytes]":
        """What the terminal gives now; one read gives 4 KiB at most, and one write for many is what makes it fast."""
        while room > 0:
            try:
                data = os.read(self.agent.terminal, room)
            except BlockingIOError:
                return
            except OSError as problem:
                if problem.errno != errno.EIO:
                    raise
                data = b""
            if not data:
                self.terminal_ended = True
                return
            yield data
            room -= len(data)
            if len(data) < TERMINAL_BYTES and self.agent.status is None:
                return  # there is no more; asking would cost half as much again as the line that came

    def _output_grew(self) -> None:
        self._expect_output()
        if self.log.dirty:
            self.due.setdefault("sync", time.monotonic() + SYNC_S)
        if self.log.held:
            self._set("retry", 1)
        if self.log.full and self.log.policy == "kill":
            self.begin_stop("log-full", self.limits["grace_s"])
        self._tell_status()
        self._pump()

    def _expect_output(self) -> None:
        """From now on; not between two steps, where the silence is the daemon's."""
        if self.limits["idle_timeout_s"] is not None and self.phase == "running":
            self._set("idle", self.limits["idle_timeout_s"] if self.steps.running or not self.steps.wanted else None)

    def _sync(self) -> None:
        self.log.sync()
        self.chatty = self.resting or self.reads >= CHATTY_READS
        self.reads = 0
        if self.log.dirty:
            self._set("sync", SYNC_S)
        self._tell_status()

    def _retry(self) -> None:
        """The disk was full a second ago."""
        self.log.retry()
        self._output_grew()
        self._watch_terminal()
        self._advance()

    def _stalled(self) -> None:
        self._read_terminal()  # it may have spoken while it was left alone
        if self.log.room() == 0:  # held by us: its silence is not its own
            self._set("idle", self.limits["idle_timeout_s"])
        elif "idle" not in self.due:
            self.begin_stop("stall", self.limits["grace_s"])

    # steps

    def run_step(self, step: "Json") -> None:
        """Begin a step; numbers that are left out were skipped. One that has begun before is left alone, and a session that is being ended begins none."""
        self._hold_to_steps()
        if step["n"] <= self.steps.n or self.steps.running or self.stopping or self.phase != "running":
            return
        script = os.path.join(self.folder, "files", "step.%d" % step["n"])
        order = {name: step[name] for name in ("title", "interpreters", "path", "cwd")}
        order["env"] = dict(step["env"], **filled(step.get("secret_env", {}), self.secrets))
        order["path_env"] = {name: os.path.join(self.folder, path) for name, path in step["path_env"].items()}
        self.steps.n, self.steps.running, self.steps.ended_by = step["n"], True, "exit"
        self.steps.tell(started_at=time.time())
        try:
            write_file(script, step["script"].encode(), 0o700)
        except OSError as problem:
            self._step_ended(126 << 8, "its script cannot be written: %s" % problem.strerror)
            return
        crash_point("before-step")
        self.agent.tell(dict(order, script=script))
        crash_point("after-step")
        self._expect_output()
        self._set("step", step["timeout_s"])
        self._pump()

    def stop_step(self, n: int, grace_s: float, why: str = "stop") -> None:
        """TERM to what the step has started, KILL after the grace; whatever earlier steps left running goes on."""
        self._hold_to_steps()
        if n != self.steps.n or not self.steps.running or self.steps.ended_by != "exit":
            return
        self.steps.ended_by = why
        self._signal_below(self.agent.pid, signal.SIGTERM, signal.SIGCONT)
        self._set("step-kill", grace_s)

    def end_steps(self, code: int) -> None:
        """No step follows: the agent's process exits with ``code``."""
        self._hold_to_steps()
        if not self.steps.running:
            self.agent.tell({"end": code})

    def _hold_to_steps(self) -> None:
        if not self.steps.wanted:
            raise ValueError("this session has no steps")

    def _step_timed_out(self) -> None:
        self.stop_step(self.steps.n, self.limits["grace_s"], "timeout")

    def _kill_step(self) -> None:
        if self.steps.running:
            self._signal_below(self.agent.pid, signal.SIGKILL)
            self._set("step-kill", 0.05)  # whatever it has started meanwhile

    def _on_step_end(self, ready: int) -> None:
        status = self.agent.told()
        if status is not None:
            self._step_ended(status)
        elif ready & select.POLLHUP:  # nothing will come any more
            self.watch(self.agent.line.fileno(), 0, self._on_step_end)

    def _step_ended(self, status: int, error: str = "") -> None:
        """Say how, after everything that it wrote and emitted; a session that is being ended ends now.

        What cannot be masked is removed, and the step fails for it: nobody reads a secret.
        """
        left = [name % self.steps.n for name in LEFT_BY_STEP]
        try:
            mask_left_files(self.mask, left)
        except OSError as problem:
            for name in left:
                remove_file(os.path.join("files", name))
            status, error = 126 << 8, "what it left cannot be masked: %s" % problem.strerror
        for name in ("step", "step-kill", "idle"):
            self.due.pop(name, None)
        self.steps.running = False
        self._read_terminal()
        self.events.scan(plain=False)
        while self.events.take():
            pass
        killed = os.WIFSIGNALED(status)
        self.steps.tell(
            code=None if killed else os.WEXITSTATUS(status),
            signal=os.WTERMSIG(status) if killed else None,
            ended_by="session" if self.stopping else self.steps.ended_by,
            ended_at=time.time(),
            size=self.log.size,
            error=error,
        )
        if self.stopping:
            self.agent.tell({"end": 128 + signal.SIGTERM})
        self._tell_status()
        self._pump()

    # typing

    def input_is_full(self) -> bool:
        return self.typed_bytes >= TYPED_BYTES

    def type(self, client: "Client", seq: int, data: bytes) -> None:
        """Queue input for the terminal; only the next in sequence, so a resend or a gap changes nothing."""
        if seq != self.accepted + 1 or self.phase != "running":
            client.send(ACK, struct.pack(">Q", self.written))
            return
        self.accepted = seq
        self.typed.append((seq, data))
        self.typed_bytes += len(data)
        self._write_typed()
        self._watch_terminal()

    def _write_typed(self) -> None:
        """Give the agent what it takes; an agent that reads nothing keeps its queue, and holds up nobody."""
        before, was_full = self.written, self.input_is_full()
        try:
            while self.typed:
                self._write_first()
        except OSError as problem:
            if problem.errno not in (errno.EAGAIN, errno.EIO):
                raise
        if self.written != before:
            self._acknowledge()
        if was_full and not self.input_is_full():
            for client in list(self.clients.values()):
                client.resume()

    def _write_first(self) -> None:
        seq, data = self.typed[0]
        count = os.write(self.agent.terminal, data) if data else 0
        self.typed_bytes -= count
        if count < len(data):
            self.typed[0] = (seq, data[count:])
        else:
            self.typed.popleft()
            self.written = seq

    def _acknowledge(self) -> None:
        for client in list(self.clients.values()):
            if client.role in TYPISTS:
                client.send(ACK, struct.pack(">Q", self.written))
        self._pump()

    def resize(self, rows: int, cols: int) -> None:
        set_size(self.agent.terminal, rows, cols)

    def signal_group(self, number: int) -> None:
        """To the agent's group, as long as the agent is not reaped: until then its number cannot belong to others."""
        if not 0 < number < signal.NSIG:
            raise ValueError("no such signal: %d" % number)
        if self.agent.status is None:
            send_signal(os.killpg, self.agent.pid, number)

    # the end

    def begin_stop(self, why: str, grace_s: float) -> None:
        """TERM to the group, KILL after the grace. The first reason stays; a shorter grace shortens."""
        if self.phase != "running":
            return
        if not self.stopping:
            self.stopping, self.ended_by = True, why
            self.signal_group(signal.SIGTERM)
            self.signal_group(signal.SIGCONT)  # a stopped process would sleep through its TERM
            if self.steps.wanted and not self.steps.running:
                self.agent.tell({"end": 128 + signal.SIGTERM})
        kill_at = time.monotonic() + grace_s
        self.due["kill"] = min(kill_at, self.due.get("kill", kill_at))

    def _time_out(self) -> None:
        self.begin_stop("timeout", self.limits["grace_s"])

    def _kill(self) -> None:
        self.signal_group(signal.SIGKILL)

    def _reap(self) -> None:
        """Take every child that has ended: the agent, and whatever it left behind (we are the subreaper)."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self.childless = True
                break
            if pid == 0:
                break
            if pid == self.agent.pid:
                self._agent_ended(status, usage)
        self._advance()

    def _agent_ended(self, status: int, usage: "Any") -> None:
        if self.steps.running:  # it told of the step's end with its last breath, or died together with it
            told = self.agent.told()
            self._step_ended(status if told is None else told)
        self.agent.ended(status, usage)
        self.phase = "settling"
        self.log.policy = "drop" if self.log.policy == "block" else self.log.policy  # nobody is left to be held
        self.resting = False
        for name in ("timeout", "idle", "kill", "rest"):
            self.due.pop(name, None)
        self._set("settle", 0 if self.stopping else SETTLE_S)
        self.typed.clear()
        self.typed_bytes = 0
        self._watch_terminal()

    def _advance(self) -> None:
        """Go to the next step of the end as soon as what it waits for has happened."""
        if self.phase == "settling" and self.terminal_ended and not self.childless:
            self._end_the_rest()  # they have nothing to do with the terminal any more
        if self.phase in ("settling", "ending", "killing") and self.terminal_ended and self.childless:
            self._seal_soon()
        if self.phase == "sealing":
            self._seal()

    def _settled(self) -> None:
        """The time of whatever the present step waits for is over."""
        if self.phase == "settling" and not self.childless:
            self._end_the_rest()
        elif self.phase == "ending":
            self.phase = "killing"
            self.kill_until = time.monotonic() + REAP_S
            self._kill_the_rest()
        elif self.phase == "killing" and time.monotonic() < self.kill_until and not self.childless:
            self._kill_the_rest()
        elif self.phase != "sealing":
            self._seal_soon()  # somebody outside of our tree holds the terminal open

    def _end_the_rest(self) -> None:
        self.phase = "ending"
        self._signal_the_rest(signal.SIGTERM, signal.SIGCONT)
        self._set("settle", min(SETTLE_S, self.limits["grace_s"]))

    def _kill_the_rest(self) -> None:
        self._signal_the_rest(signal.SIGKILL)
        self._set("settle", 0.05)

    def _signal_the_rest(self, *numbers: int) -> None:
        self._signal_below(os.getpid(), *numbers)

    @staticmethod
    def _signal_below(root: int, *numbers: int) -> None:
        for pid in descendants(root):
            for number in numbers:
                send_signal(os.kill, pid, number)

    def _seal_soon(self) -> None:
        self.phase = "sealing"
        self.due.pop("settle", None)
        while not self.terminal_ended and not self.log.held and self._read_more():
            pass
        self.terminal_ended = True
        self._watch_terminal()
        if not self.log.held:
            self.log.end()
        self._advance()

    def _read_more(self) -> bool:
        before = self.log.size + self.log.dropped
        self._read_terminal()
        return self.log.size + self.log.dropped > before

    def _seal(self) -> None:
        """Write the record, once the disk has taken everything that comes before it.

        A full disk holds the end up, visibly, until there is room: lost output would be worse than a late end. Only a session
        that is being stopped does not wait: what it could not write is counted as dropped.
        """
        if self.log.held and self.stopping:
            self.log.give_up()
        if self.log.held or not (self.steps.keep() or self.stopping) or (self.events.full and not self.stopping):
            self._set("retry", 1)
            self._set("scan", 1)
            self._tell_status()
            return
        if self._events_are_left():
            self._set("take", 0)
            return
        self._record_end()

    def _events_are_left(self) -> bool:
        if not self.events.backlog:
            self.events.scan_last()
        return bool(self.events.backlog) and not self.events.full

    def _record_end(self) -> None:
        try:
            mask_left_files(self.mask)
        except OSError:
            self._set("retry", 1)
            return
        self.log.end()
        self.log.sync()
        record = dict(
            self.agent.outcome(),
            ended_by=self.ended_by,
            size=self.log.size,
            dropped=self.log.dropped,
            ended_at=time.time(),
            events_size=self.events.size,
        )
        crash_point("before-exit-record")
        try:
            write_record("exit.json", record)
        except OSError:  # not for want of space, which is reserved; but to give up would lose the exit for good
            self._set("retry", 1)
            return
        crash_point("after-exit-record")
        self.exit = record
        self.phase = "ended"
        self.due.clear()
        self._set("linger", self.limits["linger_s"])
        self._pump()

    def forget(self, client: "Client") -> None:
        """The daemon has committed the end: note it, and go."""
        if self.exit is None:
            client.say(STATUS, {"error": "running", "detail": "it has not ended"})
            return
        try:
            os.rename("ctl.sock", "ack")  # its being there is all that matters: no file is made and none removed for it
        except FileNotFoundError:  # somebody was tidy
            write_file("ack", b"")
        self._linger_over()

    def _linger_over(self) -> None:
        self.over = True

    def _close(self) -> None:
        remove_file("ctl.sock")
        for client in list(self.clients.values()):
            client.close()

    # events

    def _scan_soon(self) -> None:
        """After a hint: soon, not at once, so that a burst of files is one scan."""
        if self.phase != "ended":
            self.due["hint"] = self.due.get("hint", time.monotonic() + 0.002)

    def _hinted(self) -> None:
        if self.phase == "running" and "take" not in self.due:
            self.events.scan(plain=False)
            self._take_events()

    def _scan(self) -> None:
        if self.phase != "sealing":
            self.events.scan(plain=True)
            self._set("scan", self.limits["scan_s"])
        self._drop_silent_clients()
        self._take_events()

    def _take_events(self) -> None:
        if self.events.take():
            self._pump()
        if self.events.backlog and not self.events.full:
            self._set("take", 0)  # the rest after whatever else is waiting
        self._tell_status()
        self._advance()

    # clients

    def _on_connection(self, ready: int) -> None:
        with contextlib.suppress(OSError):
            connection = self.listener.accept()[0]
            if len(self.clients) >= CLIENTS or not is_ours(connection):
                connection.close()
                return
            self.adopt(connection)

    def adopt(self, connection: "socket.socket", answer: bytes = b"") -> None:
        """Serve a client from now on. ``answer`` goes before everything else, and in one piece with what its first frame gives."""
        connection.setblocking(False)
        client = Client(self, connection)
        client.outbox += answer
        self.clients[client.fd] = client
        client.on_ready(select.POLLIN)

    def _drop_silent_clients(self) -> None:
        for client in list(self.clients.values()):
            if not client.role and time.monotonic() - client.since > OPEN_WITHIN_S:
                client.close()

    def _pump(self) -> None:
        for client in list(self.clients.values()):
            client.on_ready(0)

    def fence(self, epoch: int) -> None:
        """Note the newest owner, and tell those before it that they may only look on."""
        if epoch > self.epoch:
            self.epoch = epoch
            for client in list(self.clients.values()):
                if client.role and client.epoch < epoch:
                    client.say(STATUS, {"error": "fenced", "epoch": epoch})
            self._pump()

    def hello(self) -> "Json":
        return {
            "proto": PROTO,
            "pid": self.agent.pid,
            "size": self.log.size,
            "inseq": self.accepted,
            "epoch": self.epoch,
        }

    def status(self) -> "Json":
        truncated = self.log.dropped > 0 or (self.log.policy == "block" and self.log.full)
        return {"disk_full": self.log.held or self.log.failing or self.events.full, "truncated": truncated}

    def _tell_status(self) -> None:
        status = self.status()
        if status != self.told:
            self.told = status
            for client in list(self.clients.values()):
                if client.role:
                    client.say(STATUS, status)
            self._pump()


LENIENT = {"sync": SLACK_S, "scan": SLACK_S}  # timers that may be early
TIMERS: "Dict[str, Callable[[SessionHost], None]]" = {
    "sync": SessionHost._sync,
    "rest": SessionHost._rested,
    "retry": SessionHost._retry,
    "scan": SessionHost._scan,
    "hint": SessionHost._hinted,
    "take": SessionHost._take_events,
    "timeout": SessionHost._time_out,
    "idle": SessionHost._stalled,
    "kill": SessionHost._kill,
    "settle": SessionHost._settled,
    "linger": SessionHost._linger_over,
    "step": SessionHost._step_timed_out,
    "step-kill": SessionHost._kill_step,
}


def listen(path: str) -> "socket.socket":
    """A listening socket at a short, relative path: an absolute one may be longer than the 107 bytes that are possible."""
    import socket  # noqa: PLC0415 - half of the start-up time of `emit`, which needs none

    remove_file(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.chmod(path, 0o600)
    listener.listen(64)
    listener.setblocking(False)
    return listener


def is_ours(connection: "socket.socket") -> bool:
    """Whether the peer is our own user, or root."""
    import socket  # noqa: PLC0415 - as above

    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return struct.unpack("3i", credentials)[1] in (0, os.geteuid())


# ── starting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def take_lock() -> "Optional[int]":
    """Hold ``lock``, for the rest of this process's life; None when another start of this session has got further."""
    fd = os.open("lock", os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + START_WITHIN_S
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if os.path.exists("child.json"):
                return None
        else:
            if not os.path.exists("child.json"):
                return fd
            os.close(fd)
            return None
        if time.monotonic() > until:
            raise Refused("no-terminal", "another start of this session holds its lock and does not get on")
        time.sleep(0.01)  # rare: two starts at once, or a reader that is testing the lock


def become_session_host(folder: str, spec: "Json", agent: "Agent", connection: "socket.socket") -> None:
    """Turn this process into the session host of ``folder``; one line of JSON goes to ``connection``, whose other end is a
    client like any other from then on."""
    os.umask(0o077)
    host = None
    try:
        host, answer = set_up(os.path.abspath(folder), spec, agent)
    except Refused as problem:
        answer = {"ok": False, "kind": problem.kind, "detail": problem.detail}
    except OSError as problem:
        kind = "no-terminal" if problem.errno in TEMPORARY else "cannot-start"
        answer = {"ok": False, "kind": kind, "detail": "%s (%s)" % (problem.strerror, problem.filename or folder)}
    except (KeyError, TypeError, ValueError) as problem:
        answer = {"ok": False, "kind": "cannot-start", "detail": "the specification cannot be read: %r" % problem}
    if host is None:
        agent.call_off()
    spec.clear()  # the environment holds secrets, and nobody needs it any more
    if host is None:
        with contextlib.suppress(OSError):  # whoever asked may have died
            connection.sendall(encoded(answer))
        return
    host.adopt(connection, encoded(answer))
    host.run()


def set_up(folder: str, spec: "Json", agent: "Agent") -> "Tuple[Optional[SessionHost], Json]":
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:
        os.makedirs(folder, 0o700)
    os.chdir(folder)
    lock = take_lock()
    if lock is None:
        return None, {"ok": True, "already": True, "child": read_record("child.json")}
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        host = SessionHost(spec, folder, agent)
        return host, {"ok": True, "child": host.begin()}
    except BaseException:
        for name in ("ctl.sock", "exit.json.tmp"):
            remove_file(name)
        fcntl.flock(lock, fcntl.LOCK_UN)  # whoever hears of the refusal must find that nothing holds the session
        raise


def detach() -> None:
    """Leave the terminal, output and signals of whoever started us: for every session host, once in the fork server."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)


def start(folder: str) -> int:
    """``start DIR``: the specification on stdin, one line of JSON on stdout when the agent was let go."""
    import socket  # noqa: PLC0415 - as above

    spec = json.loads(sys.stdin.buffer.read().decode())
    connection, its_end = socket.socketpair()
    if os.fork() == 0:
        connection.close()
        detach()
        live(lambda: become_session_host(folder, spec, new_agent(), its_end))
    its_end.close()
    answer = b""
    for piece in iter(lambda: connection.recv(READ_BYTES), b""):
        answer += piece
        if answer.endswith(b"\n"):
            break
    sys.stdout.write(answer.decode())
    return 0


def new_agent() -> "Agent":
    """A held agent of this process, which becomes the leader of its own session for it."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # the fork server ignores it
    return Agent()


def live(life: "Callable[[], None]") -> "NoReturn":
    """The whole life of a forked child; never returns into its parent's code."""
    try:
        life()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the last place that can say why; the session is lost then, and this tells the operator
        import traceback  # noqa: PLC0415 - needed in this case only

        if os.path.exists("lock"):  # in a session's folder, that is, and not wherever we were started
            write_file("host-error", traceback.format_exc().encode())
    finally:
        os._exit(70)


# ── the fork server ─────────────────────────────────────────────────────────────────────────────────────────────────


def fork_server(path: str) -> int:
    """``forkserver SOCKET``: a warm process whose spares become session hosts, one per request: u32 length, JSON ``{dir, spec}``.
    The answer is the line of ``start``; then the connection goes on as one to ``ctl.sock`` does, with OPEN. Writes "ready" once it
    listens. Ends when its stdin does: with the daemon. Sessions do not notice."""
    import resource  # noqa: PLC0415,F401 - warm: what every session host needs (this by wait4) is loaded before it is forked

    os.chdir(os.path.dirname(os.path.abspath(path)))
    listener = listen(os.path.basename(path))
    os.chdir("/")
    boot_id()
    prctl(PR_SET_CHILD_SUBREAPER, 0)  # loads what is needed for asking
    life = os.dup(0)
    write_all(1, b"ready\n")
    detach()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for session hosts
    gc.collect()
    getattr(gc, "freeze", gc.collect)()  # from Python 3.7 on: shared pages stay shared
    ForkServer(listener, life).run()
    return 0


class ForkServer:
    """Keeps a few spares, and gives each request to one.

    A spare has no session, lock, folder or secret yet; it ends when its line to us does, and so with us, however we end. Once it was
    given a request that line means nothing any more.
    """

    def __init__(self, listener: "socket.socket", life: int) -> None:
        self.listener = listener
        self.client = listener  # the one that is being served
        self.life = life
        self.spares: "Deque[socket.socket]" = collections.deque()
        self.poll = select.poll()
        self.poll.register(life, select.POLLIN)
        self.poll.register(listener.fileno(), select.POLLIN)

    def run(self) -> None:
        """Serve until our stdin ends. Requests come before refilling: a burst shall not wait for spares that nobody asked for."""
        pause_ms = 0
        while True:
            ready = [fd for fd, _ in self.poll.poll(None if len(self.spares) >= SPARES else pause_ms)]
            pause_ms = 0
            if self.life in ready:
                return self._dismiss()
            if ready:
                self._serve()
                continue
            try:
                self._add_spare()
            except OSError:  # no room for another process; a request will be told, and later there may be
                pause_ms = REFILL_PAUSE_MS

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # a client that gave up
            self.client = self.listener.accept()[0]
            with self.client:
                if is_ours(self.client):
                    self._hand_over(self.client)

    def _hand_over(self, client: "socket.socket") -> None:
        """To the first spare that lives; somebody may have killed some."""
        try:
            while True:
                if not self.spares:
                    self._add_spare()
                if self._is_taken(self.spares.popleft(), client):
                    return
        except OSError as problem:
            client.send(encoded({"ok": False, "kind": "no-terminal", "detail": "fork: %s" % problem.strerror}))

    @staticmethod
    def _is_taken(line: "socket.socket", client: "socket.socket") -> bool:
        with line:
            try:
                send_with_fds(line, b"", [client.fileno()])
            except (BrokenPipeError, ConnectionResetError):
                return False
        return True

    def _add_spare(self) -> None:
        import socket  # noqa: PLC0415 - as above

        line, its_end = socket.socketpair()
        try:
            if os.fork() == 0:
                line.close()
                self._let_go()
                live(lambda: be_spare(its_end))
        except OSError:
            line.close()
            raise
        finally:
            its_end.close()
        self.spares.append(line)

    def _let_go(self) -> None:
        """In a spare: of what is the fork server's. The other lines and the client above all, or their ends would never be seen."""
        self.listener.close()
        os.close(self.life)
        self.client.close()
        for line in self.spares:
            line.close()

    def _dismiss(self) -> None:
        """End the spares, and see them gone."""
        import socket  # noqa: PLC0415 - as above

        for line in self.spares:
            line.shutdown(socket.SHUT_WR)
        for line in self.spares:
            line.settimeout(REAP_S)
            with contextlib.suppress(OSError):
                line.recv(1)


def be_spare(line: "socket.socket") -> None:
    """Wait for a request with everything ready that can be, then be its session host."""
    agent = new_agent()
    try:
        connection = receive_connection(line)
        request = receive_request(connection)
    except (OSError, ValueError, struct.error):  # the fork server has ended, or the client gave up
        agent.call_off()
        return
    become_session_host(request["dir"], request["spec"], agent, connection)


def receive_connection(line: "socket.socket") -> "socket.socket":
    import socket  # noqa: PLC0415 - as above

    fds = receive_with_fds(line)[1]
    line.close()
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=fds[0])


def receive_request(connection: "socket.socket") -> "Json":
    """Read by the spare itself, so that a slow client holds nobody up."""
    connection.settimeout(OPEN_WITHIN_S)
    (length,) = struct.unpack(">I", receive(connection, 4))
    request: "Json" = json.loads(receive(connection, length).decode())
    connection.setblocking(True)
    return request


def receive(connection: "socket.socket", count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(min(READ_BYTES, count - len(data)))
        if not piece:
            raise OSError(errno.ECONNRESET, "left")
        data += piece
    return bytes(data)


# ── for whoever reads, watches or is the agent ──────────────────────────────────────────────────────────────────────


class Usage(Exception):
    """The command line, or what it points to, is wrong; the message says how it is right."""


def read(folder: str, file: str, offset: str, limit: str = "1048576") -> int:
    """``read DIR FILE OFFSET [LIMIT]``: bytes of one of the session's files, on stdout."""
    fd = os.open(os.path.join(folder, file), os.O_RDONLY | os.O_NOFOLLOW)
    try:
        write_all(1, os.pread(fd, int(limit), int(offset)))
    finally:
        os.close(fd)
    return 0


class Viewer:
    """``attach DIR OFFSET``: a person's terminal on a session. The first line of stdin is ``{token, epoch, role}``: an
    argument list would show the token to everybody on the host."""

    def __init__(self, folder: str, offset: int) -> None:
        self.folder = folder
        self.at = offset
        self.seq = 0
        self.ended = False
        self.inbox = bytearray()
        self.acts = False
        self.resized = True

    def run(self) -> int:
        wish = json.loads(self._first_line().decode())
        self.acts = wish.get("role") in TYPISTS
        if not self._connect(dict(wish, proto=OLDEST, newest=PROTO, attach=self.at)):
            return self._print_rest()
        signal.signal(signal.SIGWINCH, self._note_resize)
        while not self.ended:
            self._announce_size()
            for fd in select.select([0, self.connection.fileno()], [], [], 0.25)[0]:
                (self._typed if fd == 0 else self._answered)()
        return 0

    @staticmethod
    def _first_line() -> bytes:
        """Byte by byte: whatever follows is already typing."""
        line = b""
        while not line.endswith(b"\n"):
            piece = os.read(0, 1)
            if not piece:
                raise Usage("the first line of stdin must be {token, epoch, role}")
            line += piece
        return line

    def _connect(self, wish: "Json") -> bool:
        import socket  # noqa: PLC0415 - as above

        os.chdir(self.folder)
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.connection.connect("ctl.sock")
        except OSError:
            return False
        self._send(OPEN, json.dumps(wish).encode())
        return True

    def _send(self, kind: int, body: bytes) -> None:
        self.connection.sendall(struct.pack(">BI", kind, len(body)) + body)

    def _note_resize(self, *_: "Any") -> None:
        self.resized = True

    def _announce_size(self) -> None:
        was_resized, self.resized = (
            self.resized,
            False,
        )  # before it is looked at: the next change may come at any moment
        if was_resized and self.acts and os.isatty(0):
            rows, cols, _, _ = struct.unpack("HHHH", fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8))
            self._send(RESIZE, struct.pack(">HH", rows, cols))

    def _typed(self) -> None:
        data = os.read(0, READ_BYTES)
        self.ended = not data
        if data and self.acts:
            self.seq += 1
            self._send(INPUT, struct.pack(">Q", self.seq) + data)

    def _answered(self) -> None:
        data = self.connection.recv(READ_BYTES)
        self.ended = not data
        self.inbox += data
        while len(self.inbox) >= 5:
            kind, length = struct.unpack_from(">BI", self.inbox)
            if len(self.inbox) < 5 + length:
                return
            body = bytes(self.inbox[5 : 5 + length])
            del self.inbox[: 5 + length]
            self._frame(kind, body)

    def _frame(self, kind: int, body: bytes) -> None:
        if kind == OUT:
            write_all(1, body[8:])
        elif kind == HELLO:
            self.seq = json.loads(body.decode())["inseq"]
        elif kind == STATUS:
            self._complain(json.loads(body.decode()))
        elif kind == EXIT:
            self.ended = True

    @staticmethod
    def _complain(status: "Json") -> None:
        if "error" in status:
            raise Usage("%s %s" % (status["error"], status.get("detail", "")))

    def _print_rest(self) -> int:
        """The session host has gone; what it wrote is still there."""
        with open("out.log", "rb") as log:
            log.seek(self.at)
            for piece in iter(lambda: log.read(READ_BYTES), b""):
                write_all(1, piece)
        return 0


def attach(folder: str, offset: str) -> int:
    """``attach DIR OFFSET``; the terminal is raw while it lasts."""
    if not os.isatty(0):
        return Viewer(folder, int(offset)).run()
    before = termios.tcgetattr(0)
    import tty  # noqa: PLC0415 - needed here only

    tty.setraw(0, termios.TCSADRAIN)  # what was said already, the first line perhaps, is not thrown away
    try:
        return Viewer(folder, int(offset)).run()
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


EVENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}\Z")
EVENT_BYTES = 256 * 1024


def emit(*arguments: str) -> int:
    """``emit NAME [--data JSON|@FILE|-] [--key KEY]``: drop an event, as an agent. Written aside, made durable, renamed: it is
    seen whole or not at all."""
    name, options = parse_emit(list(arguments))
    event: "Json" = {"event": name}
    if "--data" in options:
        event["data"] = parse_data(options["--data"])
    if "--key" in options:
        event["key"] = options["--key"]
    content = json.dumps(event).encode()
    if len(content) > EVENT_BYTES:
        raise Usage("the event has %d bytes; %d are allowed: put the rest into a file" % (len(content), EVENT_BYTES))
    drop_event(event_folder(), content)
    return 0


def parse_emit(arguments: "List[str]") -> "Tuple[str, Dict[str, str]]":
    names, options = [], {}
    while arguments:
        word = arguments.pop(0)
        if word in ("--data", "--key"):
            if not arguments:
                raise Usage("%s needs a value" % word)
            options[word] = arguments.pop(0)
        elif word.startswith(("--data=", "--key=")):
            option, _, value = word.partition("=")
            options[option] = value
        elif word.startswith("-"):
            raise Usage("unknown option %s; known are --data JSON|@FILE|- and --key KEY" % word)
        else:
            names.append(word)
    if len(names) != 1:
        raise Usage("emit takes one event's name, as in: chainwright emit draft.ready --data '{\"words\": 900}'")
    if not EVENT_NAME.match(names[0]):
        raise Usage("%r is no event's name: letters, digits and ._:/- up to 64, a letter or digit first" % names[0])
    return names[0], options


def parse_data(text: str) -> "Any":
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            with open(text[1:], encoding="utf-8") as file:
                text = file.read()
        return json.loads(text)
    except OSError as problem:
        raise Usage("--data: %s" % problem) from problem
    except (ValueError, RecursionError) as problem:
        raise Usage("--data is not JSON (%s); a text needs its own quotes: '\"text\"'" % problem) from problem


def event_folder() -> str:
    folder = os.environ.get("CHAINWRIGHT_EVENTS", "")
    if not os.path.isdir(os.path.join(folder, "new")):
        raise Usage(
            "CHAINWRIGHT_EVENTS %s: this is for agents in a run"
            % ("is not set" if not folder else "names no event folder")
        )
    return folder


def drop_event(folder: str, content: bytes) -> None:
    """The name begins with the time, so that names sort as they were written where the clock of files is coarse."""
    name = "%020d-%d.json" % (int(time.time() * 1e9), os.getpid())
    aside = os.path.join(folder, "tmp", name)
    fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        write_all(fd, content)
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(aside, os.path.join(folder, "new", name))


COMMANDS: "Dict[str, Tuple[Callable[..., int], int, int]]" = {
    "start": (start, 1, 1),
    "read": (read, 3, 4),
    "attach": (attach, 2, 2),
    "emit": (emit, 0, 64),
    "forkserver": (fork_server, 1, 1),
}


def main(arguments: "List[str]") -> int:
    """Run one of the commands; 2 for a wrong command line, 1 when the system refuses."""
    verb, rest = (arguments or [""])[0], arguments[1:]
    try:
        run, least, most = COMMANDS.get(verb, (None, 0, -1))
        if run is None or not least <= len(rest) <= most:
            raise Usage(
                "commands: start DIR, read DIR FILE OFFSET [LIMIT], attach DIR OFFSET, emit NAME, forkserver SOCKET"
            )
        return run(*rest)
    except Usage as problem:
        sys.stderr.write("chainwright %s: %s\n" % (verb, problem))
        return 2
    except OSError as problem:
        sys.stderr.write("chainwright %s: %s\n" % (verb, problem))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
