"""What becomes of the requests of a forge, for chains: who is open is listed, and one that is no longer listed is asked after."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chainwright.daemon.core.ref_moves import PullRequest
from chainwright.daemon.forges.port import End, Forge, Pull
from chainwright.daemon.outbox import Never
from chainwright.daemon.request_following import Request, RequestFollowing
from chainwright.daemon.sources.trees import SourceError

MOST_ASKED: Final = 20
"""That one look asks after: of a listing that broke off, most are open as before."""


class Telling:
    """The requests of one forge, and what was told of them."""

    def __init__(self, requests: RequestFollowing, forge: Forge) -> None:
        self._requests = requests
        self._forge = forge

    async def tell(self, pulls: Sequence[Pull]) -> list[str]:
        """Have chains know how the open ones are, and which have ended; what cannot be told now, in sentences.

        The first listing of all tells nobody: what it holds has been there before. Raises Later, StoreError.
        """
        known = await self._requests.known()
        if known is None:
            await self._requests.begin({one.head_ref: one.head for one in pulls})
            return []
        untold = [await self._told(one) for one in pulls if known.get(one.head_ref) != one.head]
        listed = {one.head_ref for one in pulls}
        missing = [ref for ref, head in known.items() if head is not None and ref not in listed]
        untold += [await self._ask_after(ref) for ref in missing[:MOST_ASKED]]
        return [one for one in untold if one]

    async def _told(self, pull: Pull) -> str:
        about = PullRequest(number=pull.number, base=pull.base, title=pull.title, url=pull.url)
        ended = replace(about, is_merged=pull.end is End.MERGED)
        head = pull.head if pull.end is End.OPEN else None
        try:
            await self._requests.is_now(Request(about=ended, ref=pull.head_ref, head=head, actor=pull.author or None))
        except SourceError as error:
            return f"nobody was told of pull request {pull.number}: {error}"
        return ""

    async def _ask_after(self, ref: str) -> str:
        number = int(ref.split("/")[2])
        try:
            found = await self._forge.pull(number)
        except Never as error:
            return f"nobody knows what became of pull request {number}: {error}"
        if found is None:
            await self._requests.forget(ref)
            return ""
        return await self._told(found) if found.end is not End.OPEN else ""
