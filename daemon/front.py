"""The two applications in front of the use cases: one for peers of the unix socket, one for browsers and token holders over TCP."""

import time

from aiohttp import web

from chainwright.daemon.config import Config
from chainwright.daemon.core.access import Authorizer
from chainwright.daemon.listening import for_browsers, token_of
from chainwright.daemon.web.admission import holder_or_browser, matcher_of, owner, peer_of
from chainwright.daemon.web.app import make_app
from chainwright.daemon.web.assets import BUILT, Assets
from chainwright.daemon.web.idempotency import KeyedRequests
from chainwright.daemon.web.metrics import Requests
from chainwright.daemon.web.origin import origin_of
from chainwright.daemon.web.pages import Pages
from chainwright.daemon.web.port import UseCases
from chainwright.daemon.web.sign_ins import SignIns
from chainwright.daemon.web.signing_in import Doorway
from chainwright.daemon.web.terminal_tickets import TerminalTickets


class Front:
    """Makes them, over one set of sign-ins. ``address`` is the TCP address, if there is one."""

    def __init__(self, config: Config, address: str | None, use_cases: UseCases, authorizer: Authorizer) -> None:
        self._config = config
        self._use_cases = use_cases
        self._authorizer = authorizer
        self._requests = Requests()
        self._keyed = KeyedRequests(use_cases)
        self._tickets = TerminalTickets(time.time)
        self._sign_ins = SignIns(config.home.sign_ins, time.time)
        self._doorway = Doorway(sign_ins=self._sign_ins, address=for_browsers(config, address))

    def link(self) -> str | None:
        """A link that signs the browser of the daemon's own user in, once; None where no browser can reach it."""
        return self._doorway.link(owner()).url if self._doorway.address is not None else None

    def for_peers(self) -> web.Application:
        """For the unix socket: the kernel says who asks."""
        return make_app(
            self._use_cases,
            peer_of,
            self._authorizer,
            doorway=self._doorway,
            requests=self._requests,
            keyed=self._keyed,
            tickets=self._tickets,
        )

    def for_browsers(self) -> web.Application:
        """For TCP: a token or a cookie says who asks, and there are pages."""
        token = token_of(self._config.home.token)
        pages = Pages(
            use_cases=self._use_cases, sign_ins=self._sign_ins, assets=Assets(BUILT), is_token=matcher_of(token)
        )
        return make_app(
            self._use_cases,
            holder_or_browser(token, self._sign_ins),
            self._authorizer,
            doorway=self._doorway,
            pages=pages,
            requests=self._requests,
            keyed=self._keyed,
            tickets=self._tickets,
            public_origin=origin_of(self._config.settings.listen.public_url),
        )
