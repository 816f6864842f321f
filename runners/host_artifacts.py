"""Artifacts on a host: contents that were sent, for attempts that are given them, and files of agents on their way to the daemon.

Standard library of Python 3.6 only: it is uploaded to hosts. A content is sent once per host, and whoever is given it gets a copy.
"""

import base64
import hashlib
import io
import os
import re

from chainwright.runners.host_files import (
    PIECE_BYTES,
    Unfit,
    give,
    given_path,
    open_named,
    raw,
    sync_folder,
    whole_file,
    write_all,
)
from chainwright.runners.host_trees import pieces, run_folder
from chainwright.runners.refused import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Dict, Iterator, List

    Json = Dict[str, Any]

DIGEST = re.compile(r"[0-9a-f]{64}\Z")
LOOKS = 3


def content_path(home: str, sha256: str) -> str:
    """Where a content is, or will be."""
    if not DIGEST.match(sha256):
        raise Refused("no-content", "%r is no SHA-256" % sha256)
    return "%s/cache/artifacts/%s" % (home, sha256)


def put_content(stream: "BinaryIO", home: str, sha256: str, size: int) -> None:
    """Take a content in, durably, unless it is there. Raises Refused when it is another one, OSError for a disk that is full."""
    path = content_path(home, sha256)
    if os.path.exists(path):
        return
    folder = os.path.dirname(path)
    os.makedirs(raw(folder), mode=0o700, exist_ok=True)
    digest = hashlib.sha256()
    with whole_file(path) as descriptor:
        for piece in pieces(stream, size):
            digest.update(piece)
            write_all(descriptor, piece)
        if digest.hexdigest() != sha256:
            raise Refused("cut-short", "what came is %s, not %s" % (digest.hexdigest()[:12], sha256[:12]))
        os.fsync(descriptor)
    sync_folder(folder)


def put_small_content(home: str, sha256: str, content: str) -> None:
    """The same of one that fits into a question, in base64."""
    data = base64.b64decode(content.encode())
    put_content(io.BytesIO(data), home, sha256, len(data))


def place(home: str, folder: str, artifacts: "List[Json]") -> "Json":
    """``paths`` of copies in a folder of a run, in the order of the artifacts, made unless they are there; or which are ``missing``."""
    _require_of_run(home, folder)
    try:
        wanted = [
            (given_path(folder, one["sha256"], one["name"]), content_path(home, one["sha256"])) for one in artifacts
        ]
    except Unfit as reason:
        raise Refused("bad-file", str(reason)) from None
    new = [(path, content) for path, content in wanted if not os.path.exists(raw(path))]
    missing = sorted({os.path.basename(content) for _, content in new if not os.path.exists(content)})
    if missing:
        return {"missing": missing}
    for path, content in new:
        _give(content, path)
    return {"paths": [path for path, _ in wanted]}


def _require_of_run(home: str, folder: str) -> None:
    if not folder.startswith("%s/runs/" % home) or ".." in folder.split("/"):
        raise Refused("bad-file", "%s is no folder of a run" % folder)


def given_root(home: str, run: str) -> str:
    """Below it each attempt of the run has a folder for what it is given."""
    return "%s/artifacts" % run_folder(home, run)


def _give(content: str, path: str) -> None:
    origin = os.open(content, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.utime(content)
        give(origin, path)
    finally:
        os.close(origin)


# ── files of agents ─────────────────────────────────────────────────────────────────────────────────────────────────


def measure(home: str, path: str, folder: str, roots: "List[str]", *, limit: int, inline: int) -> "Json":
    """``sha256`` and ``size`` of a file that an agent names, as it stood for as long as it was read. Raises Refused.

    Of one that has at most ``inline`` bytes also its ``content``, in base64; of another one that is None.
    """
    descriptor = _opened(home, path, folder, roots, limit)
    try:
        for _ in range(LOOKS):
            before = _state(descriptor)
            digest, size, start = hashlib.sha256(), 0, b""
            for piece in _read(descriptor):
                digest.update(piece)
                size += len(piece)
                start = start or piece
            if _state(descriptor) == before and size == before[0]:
                content = base64.b64encode(start).decode() if size == len(start) <= inline else None
                return {"sha256": digest.hexdigest(), "size": size, "content": content}
    finally:
        os.close(descriptor)
    raise Refused("bad-file", '"%s": it changes while it is read' % path)


def give_file(home: str, path: str, folder: str, roots: "List[str]", limit: int) -> "Iterator[bytes]":
    """Its content as it is now; whoever gets it knows what it should be. Raises Refused."""
    descriptor = _opened(home, path, folder, roots, limit)
    try:
        sent = 0
        for piece in _read(descriptor):
            sent += len(piece)
            if sent > limit:
                raise Refused("bad-file", '"%s": it grows while it is read' % path)
            yield piece
    finally:
        os.close(descriptor)


def _opened(home: str, path: str, folder: str, roots: "List[str]", limit: int) -> int:
    for root in roots:
        _require_of_run(home, root)
    try:
        return open_named(path, folder, roots, limit)
    except Unfit as reason:
        raise Refused("bad-file", str(reason)) from None


def _read(descriptor: int) -> "Iterator[bytes]":
    at = 0
    while True:
        piece = os.pread(descriptor, PIECE_BYTES, at)
        if not piece:
            return
        at += len(piece)
        yield piece


def _state(descriptor: int) -> "List[int]":
    found = os.fstat(descriptor)
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns]
