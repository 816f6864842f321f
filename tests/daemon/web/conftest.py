"""A client of the API in the test's own loop, over a real unix socket, and a browser of its pages over TCP."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import aiohttp.web
import pytest

from chainwright.daemon.config import Home
from chainwright.daemon.core.access import Actor
from chainwright.daemon.web.admission import holder_or_browser, matcher_of, peer_of
from chainwright.daemon.web.app import make_app
from chainwright.daemon.web.assets import Assets
from chainwright.daemon.web.pages import Pages
from chainwright.daemon.web.server import serve_tcp, serve_unix, tcp_listener
from chainwright.daemon.web.sign_ins import SignIns
from chainwright.daemon.web.signing_in import Doorway


@pytest.fixture
async def api(home: Home, use_cases: Any) -> AsyncIterator[aiohttp.ClientSession]:
    """Connected to an API over ``use_cases``."""
    server = await serve_unix(make_app(use_cases, peer_of), home.socket)
    connector = aiohttp.UnixConnector(str(home.socket))
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession("http://daemon", connector=connector, timeout=timeout) as client:
        yield client
    await server.close()


DASHBOARD = {
    "index.html": "<!doctype html><title>dashboard</title>",
    "favicon.svg": "<svg/>",
    "assets/index-abc123.js": "console.log(1)",
    "assets/index-abc123.js.gz": "packed",
}
TOKEN = "right"


@dataclass
class Site:
    """The application for browsers, over TCP, and a browser that keeps cookies."""

    browser: aiohttp.ClientSession
    sign_ins: SignIns
    app: aiohttp.web.Application
    address: str

    @property
    def ours(self) -> dict[str, str]:
        """What a browser says of a request of our own pages."""
        return {"Origin": self.address, "Sec-Fetch-Site": "same-origin"}

    async def sign_in(self) -> str:
        """As Ada, by a link; the cookie's value."""
        ticket = self.sign_ins.ticket(Actor(name="ada", is_owner=True)).secret
        await self.browser.get("/sign-in", params={"ticket": ticket}, allow_redirects=False)
        (cookie,) = self.browser.cookie_jar
        return cookie.value


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A dashboard as its build leaves it."""
    folder = tmp_path / "dist"
    for name, text in DASHBOARD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "secret").write_text("not for browsers")
    return folder


@pytest.fixture
def open_site(use_cases: Any) -> Any:
    """Serves the pages with the dashboard of a folder."""

    @asynccontextmanager
    async def served(folder: Path, public_origin: str = "") -> AsyncIterator[Site]:
        sign_ins = SignIns(None, time.time)
        pages = Pages(use_cases=use_cases, sign_ins=sign_ins, assets=Assets(folder), is_token=matcher_of(TOKEN))
        actor_of = holder_or_browser(TOKEN, sign_ins)
        doorway = Doorway(sign_ins=sign_ins, address="http://ours")
        app = make_app(use_cases, actor_of, doorway=doorway, pages=pages, public_origin=public_origin)
        server = await serve_tcp(app, tcp_listener("127.0.0.1", 0))
        address = f"http://127.0.0.1:{server.port}"
        jar = aiohttp.CookieJar(unsafe=True)
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(address, cookie_jar=jar, timeout=timeout) as browser:
            yield Site(browser, sign_ins, app, address)
        await server.close()

    return served


@pytest.fixture
async def site(open_site: Any, dist: Path) -> AsyncIterator[Site]:
    """With a dashboard."""
    async with open_site(dist) as found:
        yield found


@pytest.fixture
async def plain_site(open_site: Any, tmp_path: Path) -> AsyncIterator[Site]:
    """Without one."""
    async with open_site(tmp_path / "nothing") as found:
        yield found
