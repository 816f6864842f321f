"""What is written reads back as what it was, for YAML 1.1 and 1.2 alike."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.definition.nodes import plain
from chainwright.daemon.definition.source import Findings, Source
from chainwright.daemon.definition.yaml_reader import read_yaml
from chainwright.daemon.importers.draft import Draft
from chainwright.daemon.importers.yaml_writer import written

LETTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\ufeff\ufffe\uffff")
TEXTS = st.text(LETTERS) | st.text("ab :#-'\"\n\t|>&*!%@`{}[],?0.~", max_size=12)
SCALARS = TEXTS | st.booleans() | st.integers(-1000, 1000) | st.none()
VALUES = st.recursive(SCALARS, lambda below: st.lists(below) | st.dictionaries(TEXTS, below), max_leaves=6)


def draft_of(values: dict[str, Any]) -> Draft:
    draft = Draft()
    draft.root = values
    return draft


def read(text: str) -> Any:
    root = read_yaml(Source("x.yaml", text), findings := Findings("x.yaml"))
    assert not findings.has_error, (text, findings.found)
    return plain(root) if root else None


@given(st.dictionaries(TEXTS, VALUES, min_size=1))
def test_every_value_reads_back(values: dict[str, Any]) -> None:
    text = written(draft_of(values))

    assert read(text) == values


@given(st.dictionaries(TEXTS.filter(lambda key: key not in ("on", "<<", "=")), TEXTS, min_size=1))
def test_readers_of_yaml_1_1_read_the_same_texts(values: dict[str, str]) -> None:
    assert yaml.safe_load(written(draft_of(values))) == values


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("draft:ready", "a: draft:ready"),
        ("echo hello > file", "a: echo hello > file"),
        ("90s", "a: 90s"),
        ("true", "a: 'true'"),
        ("1.0", "a: '1.0'"),
        ("", "a: ''"),
        (None, "a:"),
        ("it's: here", 'a: "it\'s: here"'),
        ("\x07", 'a: "\\u0007"'),
        ("one\ntwo\n", "a: |\n  one\n  two"),
        ("one\n\ntwo", "a: |-\n  one\n\n  two"),
        ("  deep\n", "a: |2\n    deep"),
        ({}, "a: {}"),
        ([{"b": 1, "c": [2]}], "a:\n  - b: 1\n    c:\n      - 2"),
    ],
)
def test_a_value_is_written_as_a_person_would(value: Any, expected: str) -> None:
    assert written(draft_of({"a": value})) == f"{expected}\n"


def test_comments_stand_above_what_they_are_about() -> None:
    draft = draft_of({"on": {"manual": None, "schedule": [{"cron": "0 7 * * *"}]}})
    draft.header = ["Top"]
    draft.comment(("on", "schedule", 0), "Monday")
    draft.disable(("on", "manual"))

    assert written(draft) == "# Top\non:\n  # manual:\n  schedule:\n    # Monday\n    - cron: '0 7 * * *'\n"


def test_a_mapping_whose_keys_are_all_disabled_is_so_too() -> None:
    draft = draft_of({"limits": {"tokens": 5}, "agents": {}})
    draft.disable(("limits", "tokens"))

    assert written(draft) == "# limits:\n#   # tokens: 5\nagents: {}\n"
