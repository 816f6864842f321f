"""What a browser is shown: signing in and out, the dashboard's files, and a plain page that needs neither build nor script.

Pages are no API: they are served over TCP alone, beside the table of routes, and take no bearer token.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.verdicts import Answer
from chainwright.daemon.web.admission import signed_in
from chainwright.daemon.web.assets import FRESH, Assets
from chainwright.daemon.web.codes import MEANINGS
from chainwright.daemon.web.cookies import remove_from, secret_in, set_on
from chainwright.daemon.web.headers import OF_PLAIN_PAGES
from chainwright.daemon.web.origin import require_own_page
from chainwright.daemon.web.plain import overview_page, problem_page, sign_in_page
from chainwright.daemon.web.port import UseCases
from chainwright.daemon.web.sign_ins import SignIn, SignIns, form_key

NEWEST: Final = 50
NOT_PAGES: Final = ("/api/", "/hooks/")
"""What begins so is for programs: an unknown address of theirs is a problem, not a page."""

_STYLE: Final = Path(__file__).with_name("plain.css")
_Form = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages of an application. ``is_token`` judges a token that somebody types."""

    use_cases: UseCases
    sign_ins: SignIns
    assets: Assets
    is_token: Callable[[str], bool]

    def add_to(self, app: web.Application) -> None:
        """Serve them, after everything that is served already."""
        router = app.router
        router.add_get("/sign-in", self._arrive, allow_head=False)  # a HEAD would use the ticket up
        router.add_post("/sign-in", self._give_token)
        router.add_post("/sign-out", self._leave)
        router.add_get("/plain.css", _style)
        router.add_get("/plain", self._overview)
        router.add_post("/plain/answers", self._answer)
        router.add_get("/{path:.*}", self._anything)

    # signing in and out

    async def _arrive(self, request: web.Request) -> web.Response:
        ticket = request.query.get("ticket")
        if ticket is None:
            return _shown(sign_in_page("", _onward(request.query.get("next", "/"))))
        if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
            raise Refusal(Code.CONFLICT, "a link that signs in is for a person to follow")
        actor = self.sign_ins.redeem(ticket)
        if actor is None:
            return _shown(sign_in_page("This link has been used, or is too old.", "/"), status=403)
        return self._begin(request, actor, "/")

    async def _give_token(self, request: web.Request) -> web.Response:
        require_own_page(request)
        form = await _form(request)
        onward = _onward(form.get("next", "/"))
        if not self.is_token(form.get("token", "")):
            return _shown(sign_in_page("That is not the token.", onward), status=403)
        return self._begin(request, Actor(name="token"), onward)

    def _begin(self, request: web.Request, actor: Actor, onward: str) -> web.Response:
        secret, _ = self.sign_ins.begin(actor, before=secret_in(request))
        response = _sent_to(onward)
        set_on(response, request, secret)
        return response

    async def _leave(self, request: web.Request) -> web.Response:
        await self._own_form(request)
        self.sign_ins.end(secret_in(request) or "")
        response = _sent_to("/sign-in")
        remove_from(response, request)
        return response

    # the plain page

    async def _overview(self, request: web.Request) -> web.Response:
        found = signed_in(request, self.sign_ins)
        if found is None:
            return _sent_to("/sign-in?next=/plain")
        runs = await self.use_cases.runs(found.actor, {}, limit=NEWEST, cursor=None)
        approvals = await self.use_cases.approvals(found.actor)
        key = form_key(secret_in(request) or "")
        return _shown(overview_page(runs["items"], approvals, name=found.name, key=key))

    async def _answer(self, request: web.Request) -> web.Response:
        found, form = await self._own_form(request)
        try:
            await self.use_cases.answer_approval(found.actor, form.get("run", ""), _verdict(form))
        except Refusal as refusal:
            return _shown(problem_page(refusal.title, refusal.detail), status=MEANINGS[refusal.code].status)
        return _sent_to("/plain")

    async def _own_form(self, request: web.Request) -> tuple[SignIn, _Form]:
        """Who sends a form, and its fields. Refused unless a page of ours holds it that was made for this sign-in."""
        found = signed_in(request, self.sign_ins)
        if found is None:
            raise Refusal(Code.DENIED, "you are not signed in any more", "sign in again")
        require_own_page(request)
        form = await _form(request)
        if not hmac.compare_digest(form.get("key", "").encode(), form_key(secret_in(request) or "").encode()):
            raise Refusal(Code.DENIED, "this form is of another sign-in", "load its page again")
        return found, form

    # the dashboard

    async def _anything(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith(NOT_PAGES):
            raise web.HTTPNotFound
        if not self.assets.are_built and request.path == "/":
            return await self._overview(request)
        found = self.assets.answer(request.path)
        if found is None:
            raise web.HTTPNotFound
        return found


async def _style(_: web.Request) -> web.FileResponse:
    return web.FileResponse(_STYLE, headers={"Cache-Control": FRESH, "Content-Type": "text/css; charset=utf-8"})


async def _form(request: web.Request) -> _Form:
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _verdict(form: _Form) -> Answer:
    match form.get("verdict"):
        case "approve" | "reject" as verdict:
            return Answer(verdict=verdict, agent=form.get("agent") or None, comment=form.get("comment", ""))
        case _:
            raise Refusal(Code.INVALID_INPUT, "an answer approves or rejects")


def _onward(told: str) -> str:
    """Where to go after signing in: an address of ours, or the beginning."""
    is_ours = told.startswith("/") and not told.startswith(("//", "/\\")) and told.isprintable()
    return told if is_ours else "/"


def _sent_to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


def _shown(html: str, *, status: int = 200) -> web.Response:
    headers = {"Content-Security-Policy": OF_PLAIN_PAGES, "Cache-Control": "no-store"}
    return web.Response(status=status, text=html, content_type="text/html", headers=headers)
