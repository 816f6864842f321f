"""The use cases about change requests."""

from typing import Any

from chainwright.daemon.core import history_pages
from chainwright.daemon.core.access import Actor, Authorizer, Permission
from chainwright.daemon.core.change_requests import ChangeState
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.reviews.change_requests import ChangeRequests
from chainwright.daemon.reviews.views import change_detail, change_view, opened_lines
from chainwright.daemon.sources.push import Push
from chainwright.daemon.store.port import Store


class ReviewUseCases:
    """Part of :class:`~chainwright.daemon.web.port.UseCases`; each method is documented there."""

    def __init__(self, reviews: ChangeRequests, reviewed: Store, authorizer: Authorizer) -> None:
        self._reviews = reviews
        self._reviewed = reviewed
        self._review_gate = authorizer

    async def change_requests(
        self, actor: Actor, *, repository: str | None, state: str, limit: int, cursor: int | None
    ) -> dict[str, Any]:
        self._may(actor, Permission.VIEW, "changes")
        states = tuple(ChangeState) if state == "all" else (ChangeState(state),)
        rows = await self._reviewed.changes(
            actor.organization, repository=repository, states=states, limit=limit + 1, before=cursor
        )
        return history_pages.page(rows, limit, "number")

    async def change_request(self, actor: Actor, number: int) -> dict[str, Any]:
        self._may(actor, Permission.VIEW, f"change:{number}")
        change = await self._reviews.one(actor, number)
        return change_detail(change, await self._reviews.outlook(change))

    async def diff_of_change(self, actor: Actor, number: int) -> str:
        self._may(actor, Permission.VIEW, f"change:{number}")
        return await self._reviews.diff(await self._reviews.one(actor, number))

    async def open_change_request(self, actor: Actor, repository: str, pushed: dict[str, Any]) -> dict[str, Any]:
        self._may(actor, Permission.DEPLOY, f"repository:{repository}")
        push = Push(updates=(), options=tuple(pushed["options"]))
        opened = await self._reviews.pushed(actor, repository, pushed["ref"], pushed["head"], push)
        lines = opened_lines(opened, await self._reviews.outlook(opened.change))
        return {"number": opened.change.number, "lines": lines}

    async def comment_on_change(self, actor: Actor, number: int, text: str) -> dict[str, Any]:
        self._may(actor, Permission.RUN, f"change:{number}")
        return change_view(await self._reviews.comment(actor, number, text))

    async def answer_change(
        self, actor: Actor, number: int, *, agrees: bool, head: str | None, comment: str
    ) -> dict[str, Any]:
        self._may(actor, Permission.APPROVE, f"change:{number}")
        return change_view(await self._reviews.answer(actor, number, agrees=agrees, head=head, text=comment))

    async def merge_change(self, actor: Actor, number: int, message: str) -> dict[str, Any]:
        self._may(actor, Permission.DEPLOY, f"change:{number}")
        return change_view(await self._reviews.merge(actor, number, message))

    async def close_change(self, actor: Actor, number: int, comment: str) -> dict[str, Any]:
        self._may(actor, Permission.DEPLOY, f"change:{number}")
        return change_view(await self._reviews.close(actor, number, comment))

    def _may(self, actor: Actor, permission: Permission, subject: str) -> None:
        if not self._review_gate.allows(actor, permission, subject):
            raise Refusal(Code.DENIED, f"{actor.name} may not {permission} {subject}")
