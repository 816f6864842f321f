"""Questions that are asked one by one and answered together: as group commit does for writes, so for the one question that every delivery
of a webhook asks.

Each statement gives Python's lock away and waits for it again, up to the switch interval beside a busy event loop. Fifty senders whose
questions take turns at two readers wait longer for those than for the disk.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class Gathering(Generic[Q, A]):
    """Asks ``answers`` for everything that has gathered while it was last asked. It gives an answer to each question, in their order."""

    def __init__(self, answers: Callable[[Sequence[Q]], Awaitable[Sequence[A]]], name: str) -> None:
        self._answers = answers
        self._name = name
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """Its answer. Raises what ``answers`` raises."""
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all(), name=self._name)
        return await future

    async def close(self) -> None:
        """Answer what was asked."""
        if self._asking is not None:
            await self._asking

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                await self._settle(asked)
        finally:
            self._asking = None

    async def _settle(self, asked: list[tuple[Q, asyncio.Future[A]]]) -> None:
        open_ = [future for _, future in asked]
        try:
            answers = await self._answers([question for question, _ in asked])
        except Exception as error:  # noqa: BLE001 - it is for those who asked; each gets its own, a shared one gathers all tracebacks
            for future in open_:
                if not future.done():
                    future.set_exception(_copy(error))
        else:
            for future, answer in zip(open_, answers, strict=True):
                if not future.done():  # cancelled: nobody waits any more
                    future.set_result(answer)


def _copy(error: Exception) -> Exception:
    copied = type(error)(*error.args)
    copied.__cause__ = error.__cause__
    return copied
