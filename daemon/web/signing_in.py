"""Routes of signing in: links for browsers, who asks, and signing out. The pages that a browser sees are in ``pages``."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from chainwright.daemon.core.access import Actor, Permission
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.admission import SIGNED_IN
from chainwright.daemon.web.cookies import remove_from, secret_in
from chainwright.daemon.web.route import API, Call, Route, answered
from chainwright.daemon.web.sign_ins import SignIns
from chainwright.schemas.sign_in_api import Identity, SignedOut, SignInLink


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """What signing in needs: the sign-ins of this home, and where browsers reach it, or None where they do not."""

    sign_ins: SignIns
    address: str | None

    def link(self, actor: Actor) -> SignInLink:
        """A link for one browser, in the name of an actor."""
        if self.address is None:
            raise Refusal(Code.CONFLICT, "browsers cannot reach this daemon", "set listen.port, and start it again")
        ticket = self.sign_ins.ticket(actor)
        url = f"{self.address}/sign-in?{urlencode({'ticket': ticket.secret})}"
        return SignInLink(url=url, expires_at=ticket.expires_at)


DOORWAY: Final = web.AppKey("DOORWAY", Doorway)
"""Under this key an application carries its doorway."""


async def _link(call: Call) -> web.Response:
    if not call.actor.is_owner:
        raise Refusal(Code.DENIED, "only who runs this daemon makes links", "on its machine: chainwright dashboard")
    return answered(call.request.app[DOORWAY].link(call.actor), status=201, headers={"Cache-Control": "no-store"})


async def _who(call: Call) -> web.Response:
    found = call.request.get(SIGNED_IN)
    by = "cookie" if found else ("token" if "Authorization" in call.request.headers else "peer")
    expires_at = found.expires_at if found else None
    actor = call.actor
    # `by` is a text for the checker; the model refuses one that it does not know.
    told = Identity(name=actor.name, is_owner=actor.is_owner, proven_by=by, expires_at=expires_at)  # type: ignore[arg-type]
    return answered(told, headers={"Cache-Control": "no-store"})


async def _sign_out(call: Call) -> web.Response:
    secret = secret_in(call.request)
    if secret is not None:
        call.request.app[DOORWAY].sign_ins.end(secret)
    response = answered(SignedOut(ok=True))
    remove_from(response, call.request)
    return response


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/sign-in-links",
        handler=_link,
        permission=Permission.ADMINISTER,
        does="A link that signs one browser in, once, within ten minutes; for who runs the daemon.",
        answer=SignInLink,
        status=201,
    ),
    Route(
        method="GET",
        path=f"{API}/me",
        handler=_who,
        permission=Permission.VIEW,
        does="Who asks, and how that is proven.",
        answer=Identity,
    ),
    Route(
        method="POST",
        path=f"{API}/sign-out",
        handler=_sign_out,
        permission=Permission.VIEW,
        does="End the sign-in of the browser that asks.",
        answer=SignedOut,
    ),
)
