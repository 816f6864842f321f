"""Whatever an agent writes, it is an event or an :class:`EventFileError`."""

import json
import os
import shlex
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from chainwright.daemon.definition.event_file import EVENT_NAME, EventFileError, read_event

EXAMPLES = int(os.environ.get("CHAINWRIGHT_FUZZ_EXAMPLES", "20000"))
AT_ONCE = 100
"""Inputs of one example, from the seed that is told when one fails: drawing each by itself costs more than reading it."""

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


def _content(chance: Random) -> str:
    """A text of pieces that mean something to one of the parsers; most are short, because those are more often right."""
    return "".join(chance.choices(_PIECES, k=min(24, 1 + int(chance.expovariate(1 / 6)))))


@settings(max_examples=EXAMPLES // AT_ONCE, derandomize=False, database=None, phases=[Phase.generate])
@given(st.integers(0, 2**64))
def test_only_an_event_or_its_refusal_comes_of_a_file(seed: int) -> None:
    chance = Random(seed)
    for _ in range(AT_ONCE):
        _is_one_or_refused(chance.choice(_NAMES), _content(chance))


def _is_one_or_refused(name: str, content: str) -> None:
    try:
        event = read_event(name, content)
    except EventFileError as error:
        assert str(error)
        return
    assert EVENT_NAME.fullmatch(event.name)
    assert event.key
    json.dumps(event.data, allow_nan=False).encode()
