"""The API that GitHub, Gitea and Forgejo share, as far as we need it: pull requests, their reviews, comments, statuses.

Every call ends within a time limit and with a bounded answer. What went wrong is ``Later`` or ``Never``: who must act, and when.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from chainwright.daemon.hooks.live_secrets import LiveSecrets
from chainwright.daemon.outbox import Later, Never
from chainwright.daemon.secrets.port import SecretUnavailable
from chainwright.schemas.config import ForgeSettings

LIMIT_S: Final = 20.0
MAX_BYTES: Final = 16 << 20
PAGE: Final = 50
"""Items of a page: the most that all of them give."""
MAX_PAGES: Final = 40

_LATER: Final = frozenset({401, 408, 425, 429})
"""401 too: a token that was replaced is put right by a person, and nothing is lost until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """An open pull request; ``base`` is a branch without ``refs/heads/``."""

    number: int
    head: str
    base: str
    author: str


class ForgeClient:
    """One repository of one forge, asked with one token."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: ForgeSettings,
        secrets: LiveSecrets,
        clock: Callable[[], float] = time.time,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._http = http
        self._settings = settings
        self._secrets = secrets
        self._clock = clock
        self._limit = aiohttp.ClientTimeout(total=limit_s)

    async def pulls(self) -> list[Pull]:
        """Those that are open. Raises Later, Never, as every method does."""
        found = await self._all("pulls", state="open")
        try:
            return [_pull(one) for one in found]
        except (KeyError, TypeError) as error:
            raise Never(f"its pull requests have another shape than expected: {error!r}") from None

    async def reviews(self, number: int) -> list[dict[str, Any]]:
        """``{user: {login}, state, commit_id, …}`` in their order."""
        return await self._all(f"pulls/{number}/reviews")

    async def say(self, number: int, marker: str, text: str) -> None:
        """Have our one comment with this marker say so: the one that is there is changed, or one is made."""
        own = await self._login()
        for one in await self._all(f"issues/{number}/comments"):
            if one["user"]["login"] == own and marker in (one["body"] or ""):
                if one["body"] != text:
                    await self._call("PATCH", f"issues/comments/{one['id']}", {"body": text})
                return
        await self._call("POST", f"issues/{number}/comments", {"body": text})

    async def mark(self, commit: str, status: Mapping[str, str]) -> None:
        """Set a status of a commit: ``{state, context, description}``."""
        await self._call("POST", f"statuses/{commit}", dict(status))

    async def _login(self) -> str:
        """Ours: a marker in a comment of somebody else is a text like any other."""
        return str((await self._ask("GET", f"{self._settings.url}/user"))["login"])

    async def _all(self, path: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in range(1, MAX_PAGES + 1):
            sizes = {"per_page": str(PAGE), "limit": str(PAGE), "page": str(page)}  # each has its own word
            part = await self._call("GET", path, query=query | sizes)
            found += part
            if len(part) < PAGE:
                break
        return found

    async def _call(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> Any:
        return await self._ask(method, f"{self._settings.url}/repos/{self._settings.repository}/{path}", body, query)

    async def _ask(self, method: str, url: str, body: Any = None, query: dict[str, str] | None = None) -> Any:
        try:
            (token, *_) = await self._secrets.of((self._settings.token,))
            headers = {"Authorization": f"token {token}", "Accept": "application/json"}
            asking = self._http.request(
                method, url, json=body, params=query, headers=headers, timeout=self._limit, allow_redirects=False
            )
            async with asking as response:
                return await self._understood(response)
        except SecretUnavailable as error:
            raise Later(str(error)) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Later(f"{self._settings.url} does not answer: {str(error) or type(error).__name__}") from error

    async def _understood(self, response: aiohttp.ClientResponse) -> Any:
        if response.status >= 300:
            raise self._refusal(response)
        content = bytearray()
        async for chunk in response.content.iter_chunked(1 << 16):
            content += chunk
            if len(content) > MAX_BYTES:
                raise Never(f"{response.url.path} answers with more than {MAX_BYTES >> 20} MiB")
        try:
            return json.loads(content)
        except ValueError:
            raise Later(f"{response.url.path} answers with what is no JSON") from None

    def _refusal(self, response: aiohttp.ClientResponse) -> Exception:
        said = f"{response.method} {response.url.path} is answered {response.status}"
        patience = _patience_s(response.headers, self._clock())
        if response.status >= 500 or response.status in _LATER or patience is not None:
            return Later(said, patience)
        return Never(said)


def _patience_s(headers: Mapping[str, str], now: float) -> float | None:
    """How long a forge asks to be left alone; None when it does not. HTTP dates are not sent by any of them."""
    after = headers.get("Retry-After", "")
    if after.isdecimal():
        return min(float(after), _LONGEST_S)
    reset = headers.get("X-RateLimit-Reset", "")
    if headers.get("X-RateLimit-Remaining") == "0" and reset.isdecimal():
        return min(max(float(reset) - now, 0.0), _LONGEST_S)
    return None


_LONGEST_S: Final = 7_200.0


def _pull(one: dict[str, Any]) -> Pull:
    return Pull(number=one["number"], head=one["head"]["sha"], base=one["base"]["ref"], author=one["user"]["login"])
