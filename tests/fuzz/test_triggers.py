"""Whatever an author writes as a cron line or as a filter, it is one or it is refused by its own error, with what is wrong."""

import os
import shlex

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from chainwright.daemon.core.cron_line import CronError, parse_cron
from chainwright.daemon.core.filters import FilterError, ignored, included, pattern
from chainwright.daemon.core.schedule import never_fires

EXAMPLES = int(os.environ.get("CHAINWRIGHT_FUZZ_EXAMPLES", "10000"))
FUZZED = settings(max_examples=EXAMPLES, derandomize=False, database=None, phases=[Phase.generate])

_OF_CRON = [
    *shlex.split("* / , - # ? L W LW H H(1-5) H(9-2)/3 H/7 @daily @never 0 7 59 60 31 99999999999 jan MON sun-tue 5#6"),
    *(" ", " ", " ", "\t", "\n", "", "ä", "\u0661", "\0", "\ud800"),
]
_OF_FILTERS = [
    *("*", "**", "?", "+", "[", "]", "[a-z]", "[9-0]", "[]]", "!", "\\", "/", "a", "main", ".", "^", "$", "(", "{2}"),
    *("|", "\n", "", "é", "\0", "\ud800", "x" * 70),
]


def _text(pieces: list[str], raw: bytes) -> str:
    return "".join(pieces[byte % len(pieces)] for byte in raw)


@FUZZED
@given(st.binary(max_size=14))
def test_only_a_cron_line_or_its_refusal_comes_of_a_text(raw: bytes) -> None:
    try:
        line = parse_cron(_text(_OF_CRON, raw), "chain")
    except CronError as error:
        assert str(error)
        return
    assert len(line.fields) in (5, 6)
    assert parse_cron(line.text) == line
    assert not never_fires(line.text)


@FUZZED
@given(st.binary(max_size=10), st.binary(max_size=6))
def test_only_a_filter_or_its_refusal_comes_of_a_text(raw: bytes, of_name: bytes) -> None:
    text, name = _text(_OF_FILTERS, raw), _text(_OF_FILTERS, of_name)
    try:
        pattern(text)
    except FilterError as error:
        assert str(error)
        assert 0 <= error.offset <= len(text)
        return
    for decide in (included, ignored):
        assert [one.name for one in decide([text], [name])] == [name]
