"""What was written is read to its end, also where the host is away for a moment."""

from types import SimpleNamespace

import pytest

from chainwright.daemon.engine import logs
from chainwright.runners.port import HostUnreachable


def world_of(*answers):
    """A world whose one host answers reads with these, one after the other."""
    left = list(answers)

    async def read(session_id, file, *, offset, limit):
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    async def of_session(session_id):
        return SimpleNamespace(runner=SimpleNamespace(read=read))

    return SimpleNamespace(hosts=SimpleNamespace(of_session=of_session))


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(logs, "PAUSES_S", (0.0, 0.0))


AWAY = HostUnreachable("the connection was lost")


async def test_a_connection_that_is_lost_in_the_middle_cuts_no_log_in_half():
    found = [piece async for piece in logs.written(world_of(b"one ", AWAY, AWAY, b"two", b""), "s")]

    assert b"".join(found) == b"one two"


async def test_a_host_that_stays_away_is_said_to_be():
    with pytest.raises(HostUnreachable, match="was lost"):
        await logs.is_kept(world_of(AWAY, AWAY, AWAY), "s")
