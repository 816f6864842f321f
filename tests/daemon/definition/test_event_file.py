"""Files of agents become events, or are refused with a reason."""

import time
from typing import Any

import pytest

from chainwright.daemon.definition.event_file import MAX_CHARACTERS, EventFileError, read_event


@pytest.mark.parametrize(
    ("file_name", "content", "name", "data"),
    [
        ("draft.ready", "", "draft.ready", None),
        ("draft.ready.json", " \n", "draft.ready", None),
        ("draft.ready.txt", "", "draft.ready.txt", None),
        ("x.json", '{"event": "draft.ready", "data": {"n": 1}}', "draft.ready", {"n": 1}),
        ("x.json", '{"event": "draft.ready", "data": null}', "draft.ready", None),
        ("x.json", '{"n": 1, "deep": [true]}', "x", {"n": 1, "deep": [True]}),
        ("x", '{"event": "y"}', "y", None),
        ("x", "event: y\nn: 1\n", "y", {"n": 1}),
        (
            "x.yaml",
            "day: 2024-01-01\nyes: no\ntime: 12:30:00\n",
            "x",
            {"day": "2024-01-01", "yes": "no", "time": "12:30:00"},
        ),
        ("x.yml", "# nothing\n", "x", None),
        ("x.yml", "event: a:b/c-1\ndata: text\n", "a:b/c-1", "text"),
        ("x.md", "---\nevent: y\nn: 1\n---\n", "y", {"n": 1}),
        ("x.md", "---\nevent: y\n---\n# Title\n", "y", {"body": "# Title\n"}),
        ("x.md", "---\r\ndata: {n: 1}\r\n---\r\ntext", "x", {"n": 1, "body": "text"}),
        ("x.md", "---\n---\ntext", "x", {"body": "text"}),
        ("x.md", "only text", "x", {"body": "only text"}),
        ("x.json", '\ufeff{"n": 1}', "x", {"n": 1}),
    ],
)
def test_a_file_says_name_and_data(file_name: str, content: str, name: str, data: Any) -> None:
    event = read_event(file_name, content)

    assert (event.name, event.data) == (name, data)


@pytest.mark.parametrize(
    ("file_name", "content", "reason"),
    [
        ("x.json", '{"event": ', "line 1, column"),
        ("x.json", "event: y", "line 1, column 1"),
        ("x.json", '{"a": 1, "a": 2}', '"a" is given twice'),
        ("x.json", '{"a": NaN}', "JSON"),
        ("x.json", "[1]", "fields are expected"),
        ("x", "half a li", "fields are expected"),
        ("x.yaml", "a: [1", "line"),
        ("x.yaml", "a: !!python/object:os.system x", "tag"),
        ("x.yaml", "a: \ud800", "not UTF-8"),
        ("x.md", "---\nevent: y\n", "not closed"),
        ("x.md", "---\ndata: 1\n---\ntext", 'joins them as "body"'),
        ("x.json", '{"event": "a b"}', "\"event\" is no name of an event: 'a b'"),
        ("x.json", '{"event": 5}', "is no name of an event"),
        ("a b.json", "", "the file's name is no name of an event: 'a b'"),
        (".json", "", "the file's name"),
        ("x.json", '{"data": 1, "more": 2}', 'beside "data"'),
        ("x.json", '{"key": 5}', '"key" has to be a text'),
        ("x.json", '{"key": ""}', '"key" has to be a text'),
        ("x", " " * (MAX_CHARACTERS + 1), "longer than"),
    ],
)
def test_anything_else_is_refused_with_the_reason(file_name: str, content: str, reason: str) -> None:
    with pytest.raises(EventFileError) as caught:
        read_event(file_name, content)

    assert reason in str(caught.value)


def test_the_key_is_given_or_the_hash_of_name_and_content() -> None:
    assert read_event("x.json", '{"key": "k"}').key == "k"

    keys = {read_event(name, content).key for name in ("x", "y") for content in ("", "event: z", "event: 'z'")}
    assert len(keys) == 6
    assert read_event("x", "event: z").key == read_event("x", "event: z").key


@pytest.mark.parametrize(
    "bomb",
    [
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)),
        "a: " + "[" * 100_000,
        "a: " + "{a: " * 50_000,
        "a: &a [*a]",
        '{"a": ' + "[" * 100_000,
        '{"a": ' + "9" * 100_000 + "}",
    ],
    ids=["aliases", "lists", "maps", "itself", "json lists", "digits"],
)
def test_a_bomb_is_refused_quickly(bomb: str) -> None:
    begun = time.process_time()
    with pytest.raises(EventFileError):
        read_event("x", bomb)

    assert time.process_time() - begun < 1.0
