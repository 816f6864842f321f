"""The log and the stream of changes."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientPayloadError, ClientResponse, ClientSession

from chainwright.daemon.core.live_changes import Change, Step
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web import stream
from chainwright.schemas.api import ChangeView


def change(seq: int, run: str = "run-aaa111") -> Change:
    return Change(run_id=run, seq=seq, at=0.0, kind="TurnStarted", agent="greet", data={})


async def events(answer: ClientResponse, count: int) -> list[dict[str, str]]:
    """The next ``count`` server-sent events, comments left out."""
    found: list[dict[str, str]] = []
    fields: dict[str, str] = {}
    while len(found) < count:
        line = (await answer.content.readline()).decode().rstrip("\n")
        name, _, value = line.partition(": ")
        if line and name:
            fields[name] = value
        elif fields:
            found.append(fields)
            fields = {}
    return found


async def test_a_log_is_bytes_and_names_its_attempt(api: ClientSession, use_cases: Any) -> None:
    answer = await api.get("/api/v1/runs/run-a/log?agent=greet&turn=2&attempt=3&raw=1")

    assert await answer.read() == b"hello\r\nbye\r\n"
    assert (answer.headers["X-Attempt-Id"], answer.content_type) == ("att-1", "application/octet-stream")
    assert use_cases.asked == [
        ("log", "run-a", "greet", {"turn": 2, "attempt": 3, "leg": None, "raw": True, "follow": False})
    ]


async def test_a_followed_log_arrives_before_its_end(api: ClientSession, use_cases: Any) -> None:
    use_cases.held = asyncio.Event()
    answer = await api.get("/api/v1/runs/run-a/log?follow=true")

    assert await answer.content.readexactly(12) == b"hello\r\nbye\r\n"
    use_cases.held.set()
    assert await answer.content.read() == b""


async def test_a_log_whose_reader_leaves_lets_its_source_go(
    api: ClientSession, use_cases: Any, monkeypatch: pytest.MonkeyPatch, eventually: Any
) -> None:
    monkeypatch.setattr("chainwright.daemon.web.streaming.LOOK_S", 0.01)
    use_cases.held = asyncio.Event()
    answer = await api.get("/api/v1/runs/run-a/log?follow=true")
    await answer.content.readexactly(12)

    answer.close()

    await eventually(lambda: use_cases.sources_closed)


async def test_a_log_that_fails_in_the_middle_does_not_look_whole(api: ClientSession, use_cases: Any) -> None:
    async def broken(**_: Any) -> Any:
        yield b"half"
        raise Refusal(Code.UNAVAILABLE, "the host does not answer")

    use_cases._chunks = broken
    answer = await api.get("/api/v1/runs/run-a/log")

    with pytest.raises(ClientPayloadError):
        await answer.read()


async def test_a_mistake_in_the_middle_does_not_look_whole(api: ClientSession, use_cases: Any) -> None:
    async def broken(**_: Any) -> Any:
        yield b"half"
        raise RuntimeError("ours")

    use_cases._chunks = broken
    answer = await api.get("/api/v1/runs/run-a/log")

    with pytest.raises(ClientPayloadError):
        await answer.read()


async def test_changes_of_a_run_are_numbered_and_end_with_it(api: ClientSession, use_cases: Any) -> None:
    await use_cases.grow(change(1))
    answer = await api.get("/api/v1/stream?topics=run:run-a")
    first = await events(answer, 1)

    await use_cases.grow(change(2), state="finished")
    rest = await events(answer, 2)

    assert [one.get("id") for one in first + rest] == ["1", "2", None]
    assert [one["event"] for one in first + rest] == ["change", "change", "end"]
    assert json.loads(first[0]["data"])["kind"] == "TurnStarted"


async def test_a_reader_that_comes_back_continues_where_it_was(api: ClientSession, use_cases: Any) -> None:
    for seq in (1, 2, 3):
        await use_cases.grow(change(seq))

    answer = await api.get("/api/v1/stream?topics=run:run-aaa111", headers={"Last-Event-ID": "2"})

    assert (await events(answer, 1))[0]["id"] == "3"
    answer.close()


def told(kind: str, run: str = "run-aaa111", topic: str = "runs") -> Change:
    return Change(topic=topic, subject=run, run_id=run if topic == "runs" else "", seq=1, at=0.0, kind=kind)


async def test_a_stream_says_where_it_begins_and_numbers_what_comes(api: ClientSession, use_cases: Any) -> None:
    await use_cases.grow(told("RunStarted"))
    answer = await api.get("/api/v1/stream?topics=runs")
    (opened,) = await events(answer, 1)
    await use_cases.grow(told("RunStopping"))
    (came,) = await events(answer, 1)

    assert (opened["event"], opened["id"]) == ("open", "1")
    assert (came["event"], came["id"]) == ("change", "2")
    assert ChangeView.model_validate_json(came["data"]).kind == "RunStopping"
    answer.close()


async def test_who_comes_back_with_a_number_misses_nothing(api: ClientSession, use_cases: Any) -> None:
    for kind in ("RunStarted", "RunStopping", "RunFinished"):
        await use_cases.grow(told(kind))

    answer = await api.get("/api/v1/stream?topics=runs,deployments", headers={"Last-Event-ID": "1"})
    seen = await events(answer, 3)

    assert [one["id"] for one in seen] == ["1", "2", "3"]
    answer.close()


async def test_who_was_away_for_too_long_is_told_to_read_anew(api: ClientSession, use_cases: Any) -> None:
    await use_cases.grow(told("RunStarted"))
    use_cases.kept_from = 5

    answer = await api.get("/api/v1/stream?topics=runs", headers={"Last-Event-ID": "2"})

    assert [one["event"] for one in await events(answer, 2)] == ["reset", "open"]
    answer.close()


TOLD = [
    told("RunStarted"),
    told("RunStarted", "run-bbb222"),
    told("ApprovalRequested", "run-bbb222"),
    told("Deployed", "chains/main", "deployments"),
    told("HostLost", "attic", "hosts"),
    told("RunFinished"),
]


@pytest.mark.parametrize(
    ("topics", "heard"),
    [
        ("runs", [0, 1, 2, 5]),
        ("inbox", [2, 5]),
        ("deployments,hosts", [3, 4]),
        ("run:run-aaa111,hosts", [0, 4, 5]),
        ("schedules,deliveries,changes,runs,hosts", [0, 1, 2, 4, 5]),
    ],
)
async def test_each_hears_of_its_topics_alone(
    api: ClientSession, use_cases: Any, make: Any, topics: str, heard: list[int]
) -> None:
    use_cases.details["run-bbb222"] = make.detail("run-bbb222")
    answer = await api.get(f"/api/v1/stream?topics={topics}")
    await events(answer, 1)
    for one in TOLD:
        await use_cases.grow(one) if one.topic == "runs" else await use_cases.tell(one)

    seen = await events(answer, len(heard))
    assert [json.loads(one["data"])["kind"] for one in seen] == [TOLD[number].kind for number in heard]
    answer.close()


async def test_a_silent_stream_beats_and_says_how_far_it_is(
    api: ClientSession, use_cases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.01)
    answer = await api.get("/api/v1/stream?topics=hosts")
    await events(answer, 1)
    await use_cases.grow(told("RunStarted"))

    async with asyncio.timeout(10):
        while await answer.content.readline() != b"id: 1\n":
            pass
        assert await answer.content.readline() == b": beat\n"
    answer.close()


async def test_who_takes_nothing_is_cut_off(
    api: ClientSession, use_cases: Any, monkeypatch: pytest.MonkeyPatch, eventually: Any
) -> None:
    monkeypatch.setattr(stream, "PATIENCE_S", 0.05)

    taken = 0

    async def endless(*_: Any, **__: Any) -> Any:
        nonlocal taken
        try:
            for number in range(10_000):
                large = Change(subject="x" * 100_000, run_id="run-aaa111", at=0.0, kind="RunStarted")
                yield [Step(seq=number, changes=(large,))]
                taken += 1
        finally:
            use_cases.sources_closed += 1

    use_cases.feed = endless
    answer = await api.get("/api/v1/stream?topics=runs")

    await eventually(lambda: use_cases.sources_closed)
    with pytest.raises(ClientPayloadError):
        await answer.read()
    assert 1 < taken < 200, "what it does not take is not read for it"


def test_readers_of_the_same_topics_share_a_text_and_a_large_one_is_not_kept() -> None:
    texts, runs = stream.Texts(), frozenset({"runs"})
    part = [Step(seq=number, changes=(change(number),)) for number in range(1, stream.STEPS + 2)]
    large = [Step(seq=99, changes=(Change(subject="x" * stream.LARGE, at=0.0, kind="RunStarted"),))]

    first, again = list(texts.of(part, runs)), list(texts.of(part, runs))
    assert [text.count(b"event: change") for text in first] == [stream.STEPS, 1]
    assert all(one is other for one, other in zip(first, again, strict=True))
    assert list(texts.of(part, frozenset({"hosts"}))) == []
    assert next(texts.of(large, runs)) is not next(texts.of(large, runs))


async def test_the_stream_of_an_unknown_run_is_not_found(api: ClientSession) -> None:
    assert (await api.get("/api/v1/stream?topics=run:zzz")).status == 404


@pytest.mark.parametrize(
    "query", ["", "?topics=chains", "?topics=runs,", "?topics=runs,chains", "?topics=" + ",".join(["runs"] * 21)]
)
async def test_a_topic_that_is_none_is_refused(api: ClientSession, query: str) -> None:
    assert (await api.get(f"/api/v1/stream{query}")).status == 422


@pytest.mark.parametrize("told", ["x", "-1", "1.5", "٣", "9" * 30])
async def test_a_last_event_id_that_is_none_is_refused(api: ClientSession, told: str) -> None:
    answer = await api.get("/api/v1/stream?topics=runs", headers={"Last-Event-ID": told})

    assert answer.status == 422


async def test_a_refusal_on_the_way_is_an_event(api: ClientSession, use_cases: Any) -> None:
    async def refused(*_: Any, **__: Any) -> Any:
        raise Refusal(Code.UNAVAILABLE, "going down")
        yield

    use_cases.feed = refused
    answer = await api.get("/api/v1/stream?topics=runs")

    (told,) = await events(answer, 1)
    assert (told["event"], json.loads(told["data"])["code"]) == ("problem", "unavailable")
