"""``secrets``."""

import json
from typing import Any

FOUND = [
    {"name": "TOKEN", "provider": "file", "problem": "", "chains": ["a", "b"]},
    {"name": "OTHER", "provider": None, "problem": 'there is no secret "OTHER"; asked: nobody', "chains": ["b"]},
]


def test_a_line_for_each_secret_says_who_has_it_and_what_is_wrong(run: Any, scripted: Any) -> None:
    scripted.listed["secrets"] = FOUND

    rows = [line.split("\t") for line in run("secrets").out.splitlines()]

    assert rows[0][:4] == ["TOKEN", "ok", "file", "a, b"]
    assert rows[1] == ["OTHER", "not ok", "", "b", 'there is no secret "OTHER"; asked: nobody']


def test_as_json_each_is_an_object(run: Any, scripted: Any) -> None:
    scripted.listed["secrets"] = FOUND

    assert [json.loads(line) for line in run("secrets", "--json").out.splitlines()] == FOUND
