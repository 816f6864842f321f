"""A porter without a connection: the same operations, arguments and answers, carried out by threads of this process.

For tests of what is asked of a host; that it arrives there is the SSH runner's. It counts what was asked, and can be made to fail.
"""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from chainwright.runners import host_contents
from chainwright.runners.refused import Refused
from chainwright.runners.ssh.porter_client import About
from chainwright.runners.ssh.unreached import PorterRefused


class DirectPorter:
    """Implements ``runners.ssh.porter_client.Porter`` for a home on this machine."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.asked: list[str] = []
        """Operations, in the order in which they were asked."""
        self.failing: list[Exception] = []
        """Raised by the next ones instead."""
        self.started = 1
        self._about: About | None = None

    async def about(self) -> About:
        """See the port; ``started`` counts how often it was started."""
        if self._about is None or self._about.facts["started"] != self.started:
            facts = {"started": self.started, "environment": {"PATH": "/bin", "SSH_CLIENT": "x"}}
            self._about = About(root=str(self.home.parent), home=str(self.home), boot_id="b", facts=facts)
        return self._about

    async def call(self, operation: str, *, within_s: float = 60.0, **arguments: Any) -> Any:
        """See the port."""
        self._begin(operation)
        return await asyncio.to_thread(_done, host_contents.OPERATIONS[operation], _carried(arguments))

    async def send(
        self, operation: str, chunks: AsyncIterator[bytes], *, within_s: float = 60.0, **arguments: Any
    ) -> Any:
        """See the port."""
        self._begin(operation)
        out, into = os.pipe()
        with os.fdopen(out, "rb") as stream:
            taking = asyncio.create_task(
                asyncio.to_thread(_taken, operation, stream, _carried(arguments)), name=f"take {operation}"
            )
            try:
                async for chunk in chunks:
                    await asyncio.to_thread(_write, into, chunk)
            finally:
                os.close(into)
                answer = (await asyncio.gather(taking, return_exceptions=True))[0]
            if isinstance(answer, BaseException):
                raise answer
            return answer

    async def receive(self, operation: str, **arguments: Any) -> AsyncIterator[bytes]:
        """See the port."""
        self._begin(operation)
        pieces = host_contents.GIVEN[operation](**_carried(arguments))
        while (piece := await asyncio.to_thread(_next, pieces)) is not None:
            yield piece

    def _begin(self, operation: str) -> None:
        self.asked.append(operation)
        if self.failing:
            raise self.failing.pop(0)


def _carried(arguments: Any) -> Any:
    return json.loads(json.dumps(arguments))


def _write(into: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(into, view) :]


def _taken(operation: str, stream: Any, arguments: Any) -> Any:
    try:
        return _done(host_contents.TAKEN[operation], dict(arguments, stream=stream))
    finally:
        drain = threading.Thread(target=_drain, args=(stream.fileno(),))  # what is refused early is sent all the same
        drain.start()
        drain.join()


def _drain(descriptor: int) -> None:
    while os.read(descriptor, 1 << 16):
        pass


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return _done(next, {}, pieces, None)  # type: ignore[no-any-return]


def _done(work: Any, arguments: Any, *positional: Any) -> Any:
    """As the porter answers: its refusals and the system's."""
    try:
        answer = work(*positional, **arguments)
    except Refused as refused:
        raise PorterRefused(refused.kind, refused.detail) from refused
    except OSError as error:
        raise PorterRefused("system", f"{error.strerror}") from error
    return answer if isinstance(answer, bytes) else _carried(answer)
