"""Routes of approvals: what waits for people, and their answers."""

from collections.abc import Awaitable, Callable
from typing import Final, Literal

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.core.verdicts import Answer
from chainwright.daemon.web.paging import page_of
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.schemas.api import RunSummary
from chainwright.schemas.approvals import AnswerApproval, ApprovalView
from chainwright.schemas.pages import Page, PageQuery


async def _list(call: Call) -> web.Response:
    return answered(page_of(await call.use_cases.approvals(call.actor), call.query, "run_id", "agent", "turn", "limit"))


def _answer(verdict: Literal["approve", "reject"]) -> Callable[[Call], Awaitable[web.Response]]:
    async def carry_out(call: Call) -> web.Response:
        said: AnswerApproval = call.body
        answer = Answer(verdict=verdict, **said.model_dump())
        return answered(await call.use_cases.answer_approval(call.actor, call.param("run"), answer))

    return carry_out


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/approvals",
        handler=_list,
        permission=Permission.VIEW,
        does="Everything that waits for people, of the oldest run first.",
        query=PageQuery,
        answer=Page[ApprovalView],
    ),
    Route(
        method="POST",
        path=f"{API}/runs/{{run}}/approve",
        handler=_answer("approve"),
        permission=Permission.APPROVE,
        does="Agree that an agent starts; its comment is handed to the agent.",
        body=AnswerApproval,
        answer=RunSummary,
        keyed="answer",
    ),
    Route(
        method="POST",
        path=f"{API}/runs/{{run}}/reject",
        handler=_answer("reject"),
        permission=Permission.APPROVE,
        does="Refuse that an agent starts: its turn fails, and is not tried again.",
        body=AnswerApproval,
        answer=RunSummary,
        keyed="answer",
    ),
)
