"""How many sessions may run at once: the highest priority first, of equals who came first."""

from asyncio import Future, get_running_loop
from bisect import insort


class Slots:
    """A bounded number of places. A place is held until it is given back, whatever happens in between."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.held = 0
        self._waiting: list[tuple[int, int, Future[None]]] = []
        """In the order in which they are served: priority, turned round, and the number of who came before."""
        self._came = 0

    def __repr__(self) -> str:
        return f"<Slots {self.held} of {self.size} held, {len(self._waiting)} waiting>"

    def claim(self) -> None:
        """Hold a place whether or not one is free: for sessions that already run."""
        self.held += 1

    def try_claim(self) -> bool:
        """Hold a place if one is free and nobody waits for it."""
        if self.held >= self.size or self._waiting:
            return False
        self.held += 1
        return True

    async def wait(self, priority: int = 0) -> None:
        """Hold a place as soon as it is this caller's turn."""
        if self.try_claim():  # one may have come free since the caller looked, and nobody would tell
            return
        turn: Future[None] = get_running_loop().create_future()
        self._came += 1
        entry = (-priority, self._came, turn)
        insort(self._waiting, entry)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.give_back()
            else:
                self._waiting.remove(entry)
            raise

    def give_back(self) -> None:
        """Let go of a place; the next in line gets it."""
        self.held -= 1
        while self._waiting and self.held < self.size:
            _, _, turn = self._waiting.pop(0)
            if not turn.done():
                self.held += 1
                turn.set_result(None)
