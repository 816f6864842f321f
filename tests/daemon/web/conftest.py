"""A client of the API in the test's own loop, over a real unix socket."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from chainwright.daemon.config import Home
from chainwright.daemon.web.admission import peer_of
from chainwright.daemon.web.app import make_app
from chainwright.daemon.web.server import serve_unix


@pytest.fixture
async def api(home: Home, use_cases: Any) -> AsyncIterator[aiohttp.ClientSession]:
    """Connected to an API over ``use_cases``."""
    server = await serve_unix(make_app(use_cases, peer_of), home.socket)
    connector = aiohttp.UnixConnector(str(home.socket))
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession("http://daemon", connector=connector, timeout=timeout) as client:
        yield client
    await server.close()
