"""GitHub's API, which Gitea and Forgejo have taken over as far as we need it, but for whose reviews have weight."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from chainwright.daemon.forges.port import Answer, End, Pull
from chainwright.daemon.forges.wire import LIMIT_S, MAX_PAGES, Project, Wire
from chainwright.daemon.hooks.live_secrets import LiveSecrets
from chainwright.daemon.outbox import Never
from chainwright.schemas.config import ForgeSettings

PAGE: Final = 50
"""Items of a page: the most that all of them give."""
KNOWN_S: Final = 300.0
"""How long it is believed what somebody may do."""

_AGREES: Final = {"APPROVED": True, "CHANGES_REQUESTED": False, "REQUEST_CHANGES": False}
"""What a review's state means, in GitHub's word or Gitea's; others are no answers."""
_MAY_WRITE: Final = frozenset({"admin", "write"})


class GitHub:
    """A :class:`~chainwright.daemon.forges.port.Forge`; of reviews those count whose authors may write to the repository."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: ForgeSettings,
        secrets: LiveSecrets,
        clock: Callable[[], float] = time.time,
        limit_s: float = LIMIT_S,
    ) -> None:
        header = ("Authorization", "token {}")
        self._wire = Wire(http, settings, secrets, header=header, clock=clock, limit_s=limit_s)
        self._project = Project(self._wire, f"repos/{settings.repository}")
        self._clock = clock
        self._writers: dict[str, tuple[bool, float]] = {}

    async def pulls(self) -> list[Pull]:
        return [_pull(one) for one in await self._all("pulls", state="open")]

    async def pull(self, number: int) -> Pull | None:
        found = await self._project.found(f"pulls/{number}")
        return None if found is None else _pull(found)

    async def answers(self, pull: Pull) -> list[Answer]:
        reviews = await self._all(f"pulls/{pull.number}/reviews")
        return [
            Answer(actor=one["user"]["login"], agrees=_AGREES[one["state"]])
            for one in _standing(reviews, pull.head)
            if await self.has_weight(one)
        ]

    async def has_weight(self, review: dict[str, Any]) -> bool:
        """Whether its author may write here: anybody who can read a repository can review it. Raises Later, Never."""
        login = review["user"]["login"]
        may, until = self._writers.get(login, (False, 0.0))
        if until <= self._clock():
            told = await self._project.call("GET", f"collaborators/{quote(login, safe='')}/permission")
            may = told.get("permission") in _MAY_WRITE
            self._writers[login] = (may, self._clock() + KNOWN_S)
        return may

    async def say(self, number: int, marker: str, text: str) -> None:
        """Ours is by our own user: a marker in a comment of somebody else is a text like any other."""
        me, _ = await self._wire.ask("GET", "user")
        for one in await self._all(f"issues/{number}/comments"):
            if (one["user"] or {}).get("login") == me["login"] and marker in (one["body"] or ""):
                if one["body"] != text:
                    await self._project.call("PATCH", f"issues/comments/{one['id']}", {"body": text})
                return
        await self._project.call("POST", f"issues/{number}/comments", {"body": text})

    async def mark(self, commit: str, ref: str, status: Mapping[str, str]) -> None:
        await self._project.call("POST", f"statuses/{commit}", dict(status))

    async def _all(self, path: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in range(1, MAX_PAGES + 1):
            sizes = {"per_page": str(PAGE), "limit": str(PAGE), "page": str(page)}  # each has its own word
            part = await self._project.call("GET", path, query=query | sizes)
            found += part
            if len(part) < PAGE:
                break
        return found


def _standing(reviews: list[dict[str, Any]], head: str) -> Iterator[dict[str, Any]]:
    """Answers to the head as it is that nobody has taken back."""
    for one in reviews:
        if (
            one.get("state") in _AGREES
            and one.get("commit_id") == head
            and not one.get("dismissed")
            and one.get("user")
        ):
            yield one


def _pull(one: dict[str, Any]) -> Pull:
    try:
        return Pull(
            number=one["number"],
            head=one["head"]["sha"],
            base=one["base"]["ref"],
            author=(one["user"] or {}).get("login", ""),  # one whose account is gone
            head_ref=f"refs/pull/{one['number']}/head",
            title=one.get("title") or "",
            url=one.get("html_url") or "",
            end=End.OPEN if one["state"] == "open" else End.MERGED if one.get("merged") else End.CLOSED,
        )
    except (KeyError, TypeError) as error:
        raise Never(f"its pull requests have another shape than expected: {error!r}") from None
