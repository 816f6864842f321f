"""A request to a webhook, as its proof and its payload are read from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_HIDING: Final = frozenset({"authorization", "cookie", "proxy-authorization", "x-gitlab-token"})
"""Headers that carry secrets whatever the scheme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRequest:
    """Headers by lower-case name, those of one name joined by ``, `` as HTTP has it; bytes that are no UTF-8 are surrogates."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> bytes:
        """The bytes of a header as they came; none when it is absent."""
        return self.headers.get(name, "").encode("utf-8", "surrogateescape")


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers of a request by lower-case name."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def shown(headers: Mapping[str, str], secret: str | None) -> dict[str, str]:
    """The headers that expressions may read and the store may keep: none that carries a secret, and all of them text.

    ``secret`` is the header in which this webhook's senders show theirs, if they do.
    """
    return {
        name: value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for name, value in headers.items()
        if name not in _HIDING and name != secret
    }
