"""A commit's tree as it is sent to a host; ``runners/host_trees.py`` says how, and reads it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

from chainwright.daemon.sources.checkout import Checkout, CheckoutFile, CheckoutLink

PIECE_BYTES: Final = 1 << 18


async def tree_stream(root: Path, checkout: Checkout) -> AsyncIterator[bytes]:
    """The tree at ``root``, in pieces that are read in threads. Raises OSError."""
    pieces = _pieces(root, checkout)
    while piece := await asyncio.to_thread(_gathered, pieces):
        yield piece


def _gathered(pieces: Iterator[bytes]) -> bytes:
    """The next of them together, so that a tree of many small files is no flood of tiny messages; empty at the end."""
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) >= PIECE_BYTES:
            break
    return bytes(found)


def _pieces(root: Path, checkout: Checkout) -> Iterator[bytes]:
    entries = [entry for below in checkout.folders.values() for entry in below]
    for entry in entries:
        yield json.dumps(_told(entry)).encode() + b"\n"
        if isinstance(entry, CheckoutFile):
            yield from _content(root / entry.path, entry.size)
    yield json.dumps({"count": len(entries)}).encode() + b"\n"


def _told(entry: CheckoutFile | CheckoutLink) -> dict[str, Any]:
    if isinstance(entry, CheckoutLink):
        return {"path": entry.path, "kind": "link", "target": entry.target}
    return {"path": entry.path, "kind": "program" if entry.is_executable else "file", "size": entry.size}


def _content(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while size and (piece := file.read(min(size, PIECE_BYTES))):
            size -= len(piece)
            yield piece
    if size:
        raise OSError(f"{path} in the cache of trees was cut short")
