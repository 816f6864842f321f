"""Between a porter's warm process and whoever asks it for sessions: what is answered is held until a link is cut."""

import asyncio
from contextlib import suppress
from pathlib import Path


def warm_socket(root: Path) -> Path:
    """That of the porter that serves below this root now; those before it may have left theirs."""
    (found,) = [path for path in root.glob("*/s/.fork.*.sock") if Path("/proc", path.name.split(".")[2]).exists()]
    return found


class HeldAnswers:
    """Stands in front of a warm process, passes requests on, and keeps what is answered until it is told ``go``.

    It serves one porter: the next one has a warm process of its own.
    """

    def __init__(self, root: Path) -> None:
        self.requests = 0
        self.answered, self.go = asyncio.Event(), asyncio.Event()
        self._path = warm_socket(root)
        self._real = self._path.with_name(".held.sock")

    async def __aenter__(self) -> "HeldAnswers":
        self._path.rename(self._real)
        self._server = await asyncio.start_unix_server(self._stand_between, self._path)
        return self

    async def __aexit__(self, *how: object) -> None:
        self._server.close()
        for path in (self._path, self._real):
            path.unlink(missing_ok=True)

    async def _stand_between(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests += 1
        warm_reader, warm_writer = await asyncio.open_unix_connection(self._real)
        asking = asyncio.create_task(_passed_on(reader, warm_writer), name="requests to a warm process")
        answer = await warm_reader.readline()
        self.answered.set()
        await self.go.wait()
        writer.write(answer)
        await _passed_on(warm_reader, writer)
        await asking


async def _passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # whoever reads has gone
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()
