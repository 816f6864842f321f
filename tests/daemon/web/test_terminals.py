"""Sessions and the WebSocket of a terminal."""

import json
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web import terminals

PATH = "/api/v1/sessions/att-1/terminal"


@pytest.fixture
def link(use_cases: Any, make: Any) -> Any:
    """The terminal that the next client gets."""
    use_cases.link = make.link()
    return use_cases.link


async def test_sessions_are_listed_running_or_all(api: ClientSession, use_cases: Any) -> None:
    await api.get("/api/v1/sessions")
    await api.get("/api/v1/sessions?all=true")

    assert use_cases.asked == [("sessions", False), ("sessions", True)]


async def test_output_arrives_as_bytes_and_the_end_as_json(api: ClientSession, use_cases: Any, link: Any) -> None:
    for item in [("output", b"\x1b[1m\xff"), ("notice", b'{"text": "disk full"}'), ("exit", b'{"code": 0}')]:
        link.shown.put_nowait(item)

    async with api.ws_connect(f"{PATH}?offset=7&take_over=true") as socket:
        got = [await socket.receive() for _ in range(4)]

    assert (got[0].type, got[0].data) == (WSMsgType.BINARY, b"\x1b[1m\xff")
    assert [json.loads(one.data) for one in got[1:3]] == [
        {"type": "notice", "text": "disk full"},
        {"type": "exit", "code": 0},
    ]
    assert got[3].type is WSMsgType.CLOSE
    assert use_cases.asked == [("terminal", "att-1", 7, True)]
    assert link.closed


async def test_what_is_typed_and_the_windows_size_reach_the_session(
    api: ClientSession, link: Any, eventually: Any
) -> None:
    async with api.ws_connect(PATH) as socket:
        await socket.send_bytes(b"ls\r")
        await socket.send_json({"type": "resize", "rows": 50, "cols": 200})
        await eventually(lambda: link.sizes)

    assert (bytes(link.typed), link.sizes) == (b"ls\r", [(50, 200)])


async def test_a_program_learns_up_to_where_its_typing_is_durable(api: ClientSession, link: Any) -> None:
    link.input_seq = 4
    async with api.ws_connect(f"{PATH}?take_over=true&acks=true") as socket:
        told = [await socket.receive_json()]
        for typed in (b"5", b"6"):
            await socket.send_bytes(typed)
            told.append(await socket.receive_json())

    assert told == [{"type": "typed", "seq": seq} for seq in (4, 5, 6)]


async def test_typing_of_a_viewer_is_refused_and_the_view_goes_on(api: ClientSession, link: Any) -> None:
    link.refusal = Refusal(Code.DENIED, "you are watching", "take over to type")
    async with api.ws_connect(PATH) as socket:
        await socket.send_bytes(b"x")
        refused = await socket.receive_json()
        link.shown.put_nowait(("output", b"still here"))
        shown = await socket.receive_bytes()

    assert (refused["type"], refused["code"]) == ("refused", "denied")
    assert shown == b"still here"


@pytest.mark.parametrize("text", ["nonsense", '{"type": "resize", "rows": 0, "cols": 1}', '{"type": "dance"}'])
async def test_a_message_that_does_not_fit_is_refused(api: ClientSession, link: Any, text: str) -> None:
    async with api.ws_connect(PATH) as socket:
        await socket.send_str(text)
        refused = await socket.receive_json()

    assert refused["code"] == "invalid-input"
    assert link.sizes == []


async def test_a_message_beyond_the_limit_ends_the_connection(api: ClientSession, link: Any) -> None:
    async with api.ws_connect(PATH) as socket:
        await socket.send_bytes(b"x" * (64 * 1024 + 1))
        ending = await socket.receive()

    assert (ending.type, ending.data) == (WSMsgType.CLOSE, 1009)
    assert bytes(link.typed) == b""


async def test_a_client_that_leaves_lets_the_terminal_go(api: ClientSession, link: Any, eventually: Any) -> None:
    async with api.ws_connect(PATH):
        pass

    await eventually(lambda: link.closed)


@pytest.mark.parametrize(("origin", "status"), [("http://daemon", 101), ("http://evil.example", 403)])
async def test_only_a_page_of_ours_may_open_a_terminal(api: ClientSession, link: Any, origin: str, status: int) -> None:
    try:
        async with api.ws_connect(PATH, headers={"Origin": origin}):
            seen = 101
    except WSServerHandshakeError as refused:
        seen = refused.status

    assert seen == status


async def test_a_refused_terminal_is_a_problem_not_a_socket(api: ClientSession, use_cases: Any) -> None:
    use_cases.refusal = Refusal(Code.NOT_FOUND, "there is no such session")

    with pytest.raises(WSServerHandshakeError, match="404"):
        async with api.ws_connect(PATH):
            pass


async def test_a_client_that_asks_is_told_first_where_it_begins_and_who_types(
    api: ClientSession, link: Any, use_cases: Any
) -> None:
    link.offset, link.typist = 500, "ann"
    async with api.ws_connect(f"{PATH}?hello=true&tail=100&live=true") as socket:
        told = await socket.receive_json()

    assert told == {"type": "hello", "offset": 500, "rows": 40, "cols": 120, "typist": "ann"}
    assert use_cases.opened == {"tail": 100, "live": True}


async def test_no_more_is_sent_than_the_client_has_room_for(
    api: ClientSession, link: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it says how far it has come."""
    monkeypatch.setattr(terminals, "WINDOW", 10)
    for _ in range(4):
        link.shown.put_nowait(("output", b"12345"))
    async with api.ws_connect(f"{PATH}?flow=true") as socket:
        first = [(await socket.receive()).data for _ in range(2)]
        await eventually(lambda: link.offset == 15)
        assert link.shown.qsize() == 1
        await socket.send_json({"type": "ack", "offset": 10})
        rest = [(await socket.receive()).data for _ in range(2)]

    assert first + rest == [b"12345"] * 4


async def test_who_asks_without_a_websocket_is_told_what_it_is(api: ClientSession, link: Any) -> None:
    answer = await api.get(PATH)

    assert (answer.status, (await answer.json())["title"]) == (400, "a terminal is a WebSocket")
    assert link.closed


async def test_why_a_terminal_is_refused_can_be_read_without_a_websocket(api: ClientSession, use_cases: Any) -> None:
    async def refused(*_: Any, **__: Any) -> Any:
        raise Refusal(Code.CONFLICT, "the session has ended")

    use_cases.terminal = refused

    assert (await (await api.get(PATH)).json())["title"] == "the session has ended"


async def test_what_a_viewer_does_not_take_is_not_read_for_it(api: ClientSession, link: Any) -> None:
    """Also of one that acknowledges nothing: its connection is full, and the rest stays in the session's log."""
    for _ in range(400):
        link.shown.put_nowait(("output", b"x" * 100_000))
    async with api.ws_connect(PATH):
        for _ in range(200):  # the daemon is at work meanwhile
            await (await api.get("/healthz")).read()
        taken = link.offset

    assert 0 < taken < 10_000_000


async def test_what_an_ended_session_left_at_once_goes_piece_by_piece(
    api: ClientSession, link: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or more than a window would be waited for for ever."""
    monkeypatch.setattr(terminals, "WINDOW", 10)
    link.shown.put_nowait(("output", b"abcdefghijklmnopqrstuvwxyz"))
    seen = b""
    async with api.ws_connect(f"{PATH}?flow=true") as socket:
        while len(seen) < 26:
            seen += (await socket.receive()).data
            await socket.send_json({"type": "ack", "offset": len(seen)})

    assert seen == b"abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("query", ["tail=-1", "tail=x", "offset=-1", "live=perhaps", "flow=1&more=1"])
async def test_a_terminal_that_cannot_be_meant_is_refused(api: ClientSession, query: str) -> None:
    with pytest.raises(WSServerHandshakeError, match="422"):
        async with api.ws_connect(f"{PATH}?{query}"):
            pass
