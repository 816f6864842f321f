"""What a body holds: JSON, a form, a form around JSON, or its text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.triggers.webhooks.payloads import Unreadable, payload_of
from chainwright.daemon.triggers.webhooks.request import HookRequest, joined, shown

FORM = "application/x-www-form-urlencoded"


def read(media: str, body: bytes) -> Any:
    return payload_of(HookRequest(headers={"content-type": media}, body=body))


@pytest.mark.parametrize(
    ("media", "body", "expected"),
    [
        ("application/json", b'{"a": [1, 2.5, null, "\xc3\xa9"]}', {"a": [1, 2.5, None, "é"]}),
        ("application/json; charset=utf-8", b"3", 3),
        ("Application/Vnd.Github+JSON", b"[]", []),
        ("application/json", b"", None),
        (FORM, b"a=1&b=x+y&b=z&c=", {"a": "1", "b": ["x y", "z"], "c": ""}),
        (FORM, b"payload=%7B%22a%22%3A1%7D", {"a": 1}),
        (FORM, b"payload=plain", {"payload": "plain"}),
        (FORM, b"", {}),
        (FORM, b"a=%ff", {"a": "\ufffd"}),
        ("text/plain", b'{"a": 1}', '{"a": 1}'),
        ("", b"caf\xe9", "caf\ufffd"),
        ("application/octet-stream", b"\x00", "\x00"),
    ],
)
def test_a_body_becomes_what_its_type_says(media: str, body: bytes, expected: Any) -> None:
    assert read(media, body) == expected


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"NaN"),
        ("application/json", b'"\\ud800"'),
        ("application/json", b"\xff"),
        ("application/json", b"[" * 100_000),
        (FORM, b"payload={"),
        (FORM, b"\xff=1"),
        (FORM, b"&".join(b"a=1" for _ in range(2_000))),
    ],
)
def test_what_its_type_does_not_allow_is_unreadable(media: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(media, body)


@given(media=st.binary(max_size=60), body=st.binary(max_size=200))
def test_any_bytes_are_read_or_unreadable(media: bytes, body: bytes) -> None:
    for name in (media.decode("utf-8", "surrogateescape"), "application/json", FORM):
        try:
            read(name, body)
        except Unreadable as error:
            assert str(error).startswith("the body is not")


def test_headers_of_one_name_are_one() -> None:
    assert joined([("A", "1"), ("b", "2"), ("a", "3")]) == {"a": "1, 3", "b": "2"}


def test_what_is_shown_holds_no_secret_and_only_text() -> None:
    headers = {"authorization": "x", "x-gitlab-token": "x", "cookie": "x", "x-key": "x", "x-a": "caf\udce9", "x-b": "é"}

    assert shown(headers, "x-key") == {"x-a": "caf\ufffd", "x-b": "é"}
