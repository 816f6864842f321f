"""Whatever an agent writes, it is an event or an :class:`EventFileError`."""

import json
import os
import shlex

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from chainwright.daemon.definition.event_file import EVENT_NAME, EventFileError, read_event

EXAMPLES = int(os.environ.get("CHAINWRIGHT_FUZZ_EXAMPLES", "10000"))

_STEMS = ("x", "draft.ready", "", "a b", "ä", "\ud800", "a" * 70)
_NAMES = [stem + ending for stem in _STEMS for ending in (".json", ".yaml", ".md", "")]
_WORDS = shlex.split("{ } [ ] event : , - &a *a '<<' !!str data key null 1e999 0x1f .nan true x | '#' ? ---")
_PIECES = [
    *_WORDS,
    '"event"',
    '"',
    ": ",
    "- ",
    "\n",
    "---\n",
    "'",
    "\t",
    "  ",
    "\\u0000",
    "\\ud800",
    "\ufeff",
    "\r",
    "\0",
    "ä",
]


def _content(raw: bytes) -> str:
    """A text of pieces that mean something to one of the parsers; one draw of bytes is far cheaper than a list of pieces."""
    return "".join(_PIECES[byte % len(_PIECES)] for byte in raw)


@settings(max_examples=EXAMPLES, derandomize=False, database=None, phases=[Phase.generate])
@given(st.sampled_from(_NAMES), st.binary(max_size=24).map(_content))
def test_only_an_event_or_its_refusal_comes_of_a_file(name: str, content: str) -> None:
    try:
        event = read_event(name, content)
    except EventFileError as error:
        assert str(error)
        return
    assert EVENT_NAME.fullmatch(event.name)
    assert event.key
    json.dumps(event.data, allow_nan=False).encode()
