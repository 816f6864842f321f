"""Routes of change requests: what people want branches to have, what others say to it, and merging it."""

from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.change_requests import (
    ChangeAnswer,
    ChangeDetail,
    ChangeDiff,
    ChangePage,
    ChangesQuery,
    ChangeView,
    CloseChange,
    Comment,
    MergeChange,
    ReviewedChange,
    ReviewedPush,
)

ONE: Final = f"{API}/changes/{{change}}"


def _number(call: Call) -> int:
    told = call.param("change")
    if not told.isdecimal() or len(told) > _DIGITS:
        raise Refusal(Code.NOT_FOUND, f"there is no change {told}", "changes have numbers")
    return int(told)


_DIGITS: Final = 15


async def _changes(call: Call) -> web.Response:
    asked: ChangesQuery = call.query
    return answered(await call.use_cases.change_requests(call.actor, **asked.model_dump()))


async def _change(call: Call) -> web.Response:
    return answered(await call.use_cases.change_request(call.actor, _number(call)))


async def _diff(call: Call) -> web.Response:
    return answered({"diff": await call.use_cases.diff_of_change(call.actor, _number(call))})


async def _open(call: Call) -> web.Response:
    pushed: ReviewedPush = call.body
    repository = call.param("repository")
    return answered(await call.use_cases.open_change_request(call.actor, repository, pushed.model_dump()))


async def _comment(call: Call) -> web.Response:
    said: Comment = call.body
    return answered(await call.use_cases.comment_on_change(call.actor, _number(call), said.text))


async def _approve(call: Call) -> web.Response:
    return await _answer(call, agrees=True)


async def _reject(call: Call) -> web.Response:
    return await _answer(call, agrees=False)


async def _answer(call: Call, *, agrees: bool) -> web.Response:
    said: ChangeAnswer = call.body
    told = await call.use_cases.answer_change(
        call.actor, _number(call), agrees=agrees, head=said.head, comment=said.comment
    )
    return answered(told)


async def _merge(call: Call) -> web.Response:
    asked: MergeChange = call.body
    return answered(await call.use_cases.merge_change(call.actor, _number(call), asked.message))


async def _close(call: Call) -> web.Response:
    asked: CloseChange = call.body
    return answered(await call.use_cases.close_change(call.actor, _number(call), asked.comment))


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/changes",
        handler=_changes,
        permission=Permission.VIEW,
        does="Change requests, newest first.",
        query=ChangesQuery,
        answer=ChangePage,
    ),
    Route(
        method="GET",
        path=ONE,
        handler=_change,
        permission=Permission.VIEW,
        does="A change request with its plan, its history, and what is in its way.",
        answer=ChangeDetail,
    ),
    Route(
        method="GET",
        path=f"{ONE}/diff",
        handler=_diff,
        permission=Permission.VIEW,
        does="What a change request brings, as a patch.",
        answer=ChangeDiff,
    ),
    Route(
        method="POST",
        path=f"{API}/repositories/{{repository}}/changes",
        handler=_open,
        permission=Permission.DEPLOY,
        does="Open or update a change request: asked by the repository's hook for a push to refs/for/….",
        body=ReviewedPush,
        answer=ReviewedChange,
    ),
    Route(
        method="POST",
        path=f"{ONE}/comments",
        handler=_comment,
        permission=Permission.RUN,
        does="Say something about a change request.",
        body=Comment,
        answer=ChangeView,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{ONE}/approve",
        handler=_approve,
        permission=Permission.APPROVE,
        does="Approve the head of a change request; a new push takes the weight of it away.",
        body=ChangeAnswer,
        answer=ChangeView,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{ONE}/reject",
        handler=_reject,
        permission=Permission.APPROVE,
        does="Reject the head of a change request: it is not merged as it is.",
        body=ChangeAnswer,
        answer=ChangeView,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{ONE}/merge",
        handler=_merge,
        permission=Permission.DEPLOY,
        does="Move the branch to a change request, and deploy it.",
        body=MergeChange,
        answer=ChangeView,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{ONE}/close",
        handler=_close,
        permission=Permission.DEPLOY,
        does="Give a change request up.",
        body=CloseChange,
        answer=ChangeView,
        keyed="answer",
    ),
)
