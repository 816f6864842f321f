"""The store of what people do: change requests, hosts, requests under a key."""

from collections.abc import Sequence
from typing import Any, Protocol

from chainwright.daemon.core.change_requests import ChangeRequest, ChangeState
from chainwright.daemon.core.hosts import HostEntry
from chainwright.daemon.core.keyed_requests import KeptAnswer, KeyedRequest, KnownRequest


class PeopleStore(Protocol):
    """What people have asked for."""

    async def open_change(self, change: ChangeRequest) -> int:
        """Keep a new change request, which has one entry; its number."""

    async def record_change(self, change: ChangeRequest) -> None:
        """Keep the last entry of a change request. Raises :class:`StoreError` when another was written since it was read."""

    async def change(self, organization: str, number: int) -> ChangeRequest | None:
        """A change request."""

    async def unsettled_changes(self) -> list[ChangeRequest]:
        """Change requests that are neither merged nor closed, the oldest first."""

    async def changes(
        self,
        organization: str,
        *,
        repository: str | None,
        states: Sequence[ChangeState],
        limit: int,
        before: int | None,
    ) -> list[dict[str, Any]]:
        """Change requests in these states, newest first, in the shape of ``schemas.change_requests.ChangeView``."""

    async def record_host(self, organization: str, entry: HostEntry) -> None:
        """Remember what was done to a host."""

    async def host_entries(self, organization: str) -> list[HostEntry]:
        """Everything that was done to hosts, oldest first."""

    async def begin_request(self, organization: str, request: KeyedRequest) -> KnownRequest | None:
        """Keep that a request was begun, unless its key is known: then what is known of that."""

    async def answer_request(self, organization: str, request: KeyedRequest, answer: KeptAnswer) -> KnownRequest:
        """Keep what a request was answered, also of one whose beginning was not kept; what is known of its key then: the first answer
        stays."""

    async def drop_request(self, organization: str, key: str) -> None:
        """Forget a request that was begun and not answered."""

    async def known_request(self, organization: str, key: str) -> KnownRequest | None:
        """What is known of a request's key; None once it is too old."""
