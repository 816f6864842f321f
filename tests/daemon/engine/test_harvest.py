"""Output files: GitHub's form and JSON, and what is no output file."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainwright.daemon.core.facts import EventInjected
from chainwright.daemon.core.journal import ENTRY_JSON
from chainwright.daemon.engine.harvest import OUTPUT_LIMIT_BYTES, OutputError, last_line_of, outputs_of, parse_outputs
from chainwright.daemon.testing import ScriptedRunner
from chainwright.schemas.session import SessionSpec

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,20}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("\n  \n", {}),
        ("a=1\nb=two words\n", {"a": "1", "b": "two words"}),
        ("a=", {"a": ""}),
        ("a=x=y<<z", {"a": "x=y<<z"}),
        (" a = b", {"a": " b"}),
        ("a=1\na=2", {"a": "2"}),
        ("a<<END\none\n\ntwo\nEND\nb=1", {"a": "one\n\ntwo", "b": "1"}),
        ("a<<END\nEND", {"a": ""}),
        ("a<<E=F\nx\nE=F", {"a": "x"}),
        ("a<<END\n END\nENDE\nEND", {"a": " END\nENDE"}),
        ("a=form\x0cfeed\u2028line", {"a": "form\x0cfeed\u2028line"}),
        ('{"a": 1, "b": [true, null]}', {"a": 1, "b": [True, None]}),
        (' \n{"a": 1}\n', {"a": 1}),
        ("{a=1", {"{a": "1"}),
    ],
)
def test_what_a_file_says(text, expected):
    assert parse_outputs(text.encode()) == expected


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a=\xff", "not UTF-8"),
        (b"no mark", "line 1 of the output file is neither"),
        (b"a=1\n=2", "line 2"),
        (b"a=1\n\nb<<END\nnever", '"b" begins in line 3'),
        (b"x" * (OUTPUT_LIMIT_BYTES + 1), "larger than"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1e999}', "1e999"),
        (rb'{"a": "\ud800"}', "cannot be kept"),
        (b'{"a": ' + b"[" * 400 + b"]" * 400 + b"}", "cannot be kept"),
    ],
)
def test_what_is_no_output_file(data, said):
    with pytest.raises(OutputError, match=said):
        parse_outputs(data)


@given(st.dictionaries(NAMES, TEXTS, max_size=5))
def test_whatever_is_written_in_the_form_with_end_marks_comes_back(outputs):
    mark = "ghadelimiter_7"
    text = "".join(f"{name}<<{mark}\n{value}\n{mark}\n" for name, value in outputs.items())

    assert parse_outputs(text.encode()) == outputs


@given(st.dictionaries(NAMES, JSON_VALUES, max_size=5))
def test_whatever_is_written_as_json_comes_back(outputs):
    assert parse_outputs(json.dumps(outputs).encode()) == outputs


@settings(max_examples=500)
@given(st.binary(max_size=60) | st.text('{}[]<="\\u:,aE\n', max_size=60).map(str.encode))
def test_fuzz_any_bytes_are_outputs_that_the_journal_can_hold_or_an_output_error(data):
    try:
        outputs = parse_outputs(data)
    except OutputError:
        return
    entry = EventInjected(at=1.0, actor="", key="", name="", data=outputs)

    assert ENTRY_JSON.validate_json(ENTRY_JSON.dump_json(entry)) == entry


@pytest.fixture
async def session():
    """A runner with one session, and the session."""
    runner = ScriptedRunner()
    await runner.start(SessionSpec(id="s", token="", epoch=1, interpreters=(("sh",),)))
    return runner, runner.lives["s"]


async def test_a_session_without_an_output_file_has_none(session):
    runner, _ = session

    assert await outputs_of(runner, "s") == {}


@pytest.mark.parametrize(
    ("output", "last"), [(b"", ""), (b"one\ntwo\n\n  \n", "two"), (b"x" * 9_000, "x" * 300), (b"a\n" * 9_000, "a")]
)
async def test_the_last_line_that_says_something(session, output, last):
    runner, one = session
    one.prints(output)

    assert await last_line_of(runner, "s", len(output), lambda data: data.decode()) == last
