"""Whatever an author writes as a cron line or as a filter, it is one or it is refused by its own error, with what is wrong."""

import os
import shlex
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from chainwright.daemon.core.cron_line import CronError, parse_cron
from chainwright.daemon.core.filters import FilterError, ignored, included, pattern
from chainwright.daemon.core.schedule import never_fires

EXAMPLES = int(os.environ.get("CHAINWRIGHT_FUZZ_EXAMPLES", "20000"))
AT_ONCE = 100
"""Inputs of one example, from the seed that is told when one fails: drawing each by itself costs more than reading it."""
FUZZED = settings(max_examples=EXAMPLES // AT_ONCE, derandomize=False, database=None, phases=[Phase.generate])

_OF_CRON = [
    *shlex.split("* / , - # ? L W LW H H(1-5) H(9-2)/3 H/7 @daily @never 0 7 59 60 31 99999999999 jan MON sun-tue 5#6"),
    *(" ", " ", " ", "\t", "\n", "", "ä", "\u0661", "\0", "\ud800"),
]
_OF_FILTERS = [
    *("*", "**", "?", "+", "[", "]", "[a-z]", "[9-0]", "[]]", "!", "\\", "/", "a", "main", ".", "^", "$", "(", "{2}"),
    *("|", "\n", "", "é", "\0", "\ud800", "x" * 70),
]


def _text(pieces: list[str], chance: Random, most: int) -> str:
    """Most are short, because those are more often right."""
    return "".join(chance.choices(pieces, k=min(most, 1 + int(chance.expovariate(1 / 5)))))


@FUZZED
@given(st.integers(0, 2**64))
def test_only_a_cron_line_or_its_refusal_comes_of_a_text(seed: int) -> None:
    chance = Random(seed)
    for _ in range(AT_ONCE):
        _is_cron_or_refused(_text(_OF_CRON, chance, 14))


def _is_cron_or_refused(text: str) -> None:
    try:
        line = parse_cron(text, "chain")
    except CronError as error:
        assert str(error)
        return
    assert len(line.fields) in (5, 6)
    assert parse_cron(line.text) == line
    assert not never_fires(line.text)


@FUZZED
@given(st.integers(0, 2**64))
def test_only_a_filter_or_its_refusal_comes_of_a_text(seed: int) -> None:
    chance = Random(seed)
    for _ in range(AT_ONCE):
        _is_filter_or_refused(_text(_OF_FILTERS, chance, 10), _text(_OF_FILTERS, chance, 6))


def _is_filter_or_refused(text: str, name: str) -> None:
    try:
        pattern(text)
    except FilterError as error:
        assert str(error)
        assert 0 <= error.offset <= len(text)
        return
    for decide in (included, ignored):
        assert [one.name for one in decide([text], [name])] == [name]
