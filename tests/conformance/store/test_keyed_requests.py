"""Requests under a key: begun once, answered once, known for a day."""

from pathlib import Path

from chainwright.daemon.core.keyed_requests import KNOWN_FOR_S, KeptAnswer, KeyedRequest, KnownRequest
from chainwright.daemon.store.sqlite import SqliteStore

ASKED = KeyedRequest(key="k", fingerprint=b"what")
OTHER = KeyedRequest(key="k", fingerprint=b"else")
DONE = KeptAnswer(status=201, location="/there", body=b"{}")
AGAIN = KeptAnswer(status=200, location="", body=b"[]")


async def test_a_request_is_begun_once(store):
    assert await store.begin_request("a", ASKED) is None

    begun = KnownRequest(fingerprint=b"what", answer=None)
    assert await store.begin_request("a", OTHER) == begun == await store.known_request("a", "k")
    assert await store.begin_request("b", ASKED) is None


async def test_the_first_answer_stays_also_for_the_next_daemon(store, database):
    known = KnownRequest(fingerprint=b"what", answer=DONE)
    await store.begin_request("a", ASKED)
    assert await store.answer_request("a", ASKED, DONE) == known

    assert await store.answer_request("a", ASKED, AGAIN) == known
    assert await store.answer_request("a", OTHER, AGAIN) == known
    assert await (await database.open()).known_request("a", "k") == known


async def test_an_answer_is_kept_also_without_a_beginning(store):
    await store.answer_request("a", ASKED, DONE)

    assert await store.begin_request("a", OTHER) == KnownRequest(fingerprint=b"what", answer=DONE)


async def test_only_what_was_not_answered_is_dropped(store):
    await store.begin_request("a", ASKED)
    await store.drop_request("a", "k")
    assert await store.known_request("a", "k") is None

    await store.answer_request("a", ASKED, DONE)
    await store.drop_request("a", "k")
    assert await store.known_request("a", "k") is not None


async def test_it_is_forgotten_after_a_day(tmp_path: Path):
    now = 1_000_000.0
    store = SqliteStore(tmp_path / "state.db", clock=lambda: now)
    await store.open()
    try:
        await store.answer_request("a", ASKED, DONE)
        now += KNOWN_FOR_S - 1
        assert await store.known_request("a", "k") is not None
        now += 1
        assert await store.known_request("a", "k") is None
        assert await store.begin_request("a", OTHER) is None
    finally:
        await store.close()
