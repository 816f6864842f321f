"""Asking a forge over HTTP: within a time limit, with a bounded answer, and with what went wrong as ``Later`` or ``Never``.

What is asked, and in which words, is the part of each family of APIs.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import aiohttp
from yarl import URL

from chainwright.daemon.hooks.live_secrets import LiveSecrets
from chainwright.daemon.outbox import Later, Never
from chainwright.daemon.secrets.port import SecretUnavailable
from chainwright.schemas.config import ForgeSettings

LIMIT_S: Final = 20.0
MAX_BYTES: Final = 16 << 20
MAX_PAGES: Final = 40
"""Of one list; what lies beyond is not looked at."""

_LATER: Final = frozenset({401, 408, 425, 429})
"""401 too: a token that was replaced is put right by a person, and nothing is lost until then."""
_QUOTAS: Final = (("X-RateLimit-Remaining", "X-RateLimit-Reset"), ("RateLimit-Remaining", "RateLimit-Reset"))
"""How many questions are left, and from when there are more: in seconds since the epoch."""
_UNKNOWN: Final = 404
_LONGEST_S: Final = 7_200.0
_MOST_SAID: Final = 300
"""Characters of a refusal that are handed on."""


class Refused(Never):
    """The forge will not do it; ``said`` is its reason, in its words."""

    def __init__(self, told: str, status: int, said: str) -> None:
        super().__init__(f"{told}: {said}" if said else told)
        self.status = status
        self.said = said


class Wire:
    """The API of one forge, asked with one token. ``header`` has the token in the place of ``{}``."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: ForgeSettings,
        secrets: LiveSecrets,
        *,
        header: tuple[str, str],
        clock: Callable[[], float] = time.time,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._http = http
        self._settings = settings
        self._secrets = secrets
        self._header = header
        self._clock = clock
        self._limit = aiohttp.ClientTimeout(total=limit_s)

    async def ask(
        self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None
    ) -> tuple[Any, Mapping[str, str]]:
        """The answer's JSON and headers. ``path`` is below the API's root, quoted. Raises Later, Never."""
        name, form = self._header
        url = URL(f"{self._settings.url}/{path}", encoded=True)
        try:
            (token, *_) = await self._secrets.of((self._settings.token,))
            headers = {name: form.format(token), "Accept": "application/json"}
            asking = self._http.request(
                method, url, json=body, params=query, headers=headers, timeout=self._limit, allow_redirects=False
            )
            async with asking as response:
                return await self._understood(response)
        except SecretUnavailable as error:
            raise Later(str(error)) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Later(f"{self._settings.url} does not answer: {str(error) or type(error).__name__}") from error

    async def _understood(self, response: aiohttp.ClientResponse) -> tuple[Any, Mapping[str, str]]:
        content = bytearray()
        async for chunk in response.content.iter_chunked(1 << 16):
            content += chunk
            if len(content) > MAX_BYTES:
                raise Never(f"{response.url.path} answers with more than {MAX_BYTES >> 20} MiB")
        if response.status >= 300:
            raise self._refusal(response, bytes(content))
        try:
            return json.loads(content), response.headers
        except ValueError:
            raise Later(f"{response.url.path} answers with what is no JSON") from None

    def _refusal(self, response: aiohttp.ClientResponse, content: bytes) -> Exception:
        told = f"{response.method} {response.url.path} is answered {response.status}"
        patience = _patience_s(response.headers, self._clock())
        if response.status >= 500 or response.status in _LATER or patience is not None:
            return Later(told, patience)
        return Refused(told, response.status, _reason(content))


class Project:
    """One repository of a forge: what is asked below its address. Raises as :meth:`Wire.ask` does."""

    def __init__(self, wire: Wire, place: str) -> None:
        self._wire = wire
        self._place = place

    async def ask(
        self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None
    ) -> tuple[Any, Mapping[str, str]]:
        """The answer's JSON and headers."""
        return await self._wire.ask(method, f"{self._place}/{path}", body, query)

    async def call(self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None) -> Any:
        """The answer's JSON."""
        answer, _ = await self.ask(method, path, body, query)
        return answer

    async def found(self, path: str) -> Any | None:
        """What is there, if anything is."""
        try:
            return await self.call("GET", path)
        except Refused as refused:
            if refused.status != _UNKNOWN:
                raise
            return None


def _reason(content: bytes) -> str:
    """What the forge says of a refusal, on one line; empty when it says nothing that could be read."""
    try:
        said = json.loads(content)["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    text = said if isinstance(said, str) else json.dumps(said)
    return "".join(one if one.isprintable() else " " for one in text)[:_MOST_SAID]


def _patience_s(headers: Mapping[str, str], now: float) -> float | None:
    """How long a forge asks to be left alone; None when it does not. HTTP dates are not sent by any of them."""
    after = headers.get("Retry-After", "")
    if after.isdecimal():
        return min(float(after), _LONGEST_S)
    for remaining, reset in _QUOTAS:
        again_at = headers.get(reset, "")
        if headers.get(remaining) == "0" and again_at.isdecimal():
            return min(max(float(again_at) - now, 0.0), _LONGEST_S)
    return None
