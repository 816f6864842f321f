"""The route of plans: what a change would do, as JSON, as text or as Markdown."""

from collections.abc import Callable
from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Permission
from chainwright.daemon.core.plan.json import as_json
from chainwright.daemon.core.plan.markdown import as_markdown
from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.core.plan.text import as_text
from chainwright.daemon.web.route import API, Call, Route
from chainwright.schemas.api import PlanQuery
from chainwright.schemas.plan import PlanView

_FORMS: Final[dict[str, tuple[str, Callable[[Plan], str]]]] = {
    "json": ("application/json", as_json),
    "text": ("text/plain", as_text),
    "markdown": ("text/markdown", as_markdown),
}


async def _plan(call: Call) -> web.Response:
    asked: PlanQuery = call.query
    media, written = _FORMS[asked.format]
    plan = await call.use_cases.plan(
        call.actor, asked.head, base=asked.base, from_common=asked.from_common, branch=asked.branch
    )
    return web.Response(text=written(plan), content_type=media, charset="utf-8")


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/plan",
        handler=_plan,
        permission=Permission.VIEW,
        does="What deploying a commit would do; nothing of it is executed.",
        query=PlanQuery,
        answer=PlanView,
        also_media=("text/plain", "text/markdown"),
    ),
)
