"""The id of a letter, and how long a failed one waits."""

from dataclasses import replace

import pytest

from chainwright.daemon.core.letters import LONGEST_WAIT_S, Letter, wait_s

LETTER = Letter(receiver="forge", subject="forge/comment/1", body={"a": 1, "b": 2}, made_at=1.0)


def test_the_id_is_that_of_the_content() -> None:
    assert replace(LETTER, tries=3, made_at=2.0, body={"b": 2, "a": 1}).id == LETTER.id
    assert replace(LETTER, body={"a": 2, "b": 2}).id != LETTER.id
    assert replace(LETTER, subject="forge/comment/2").id != LETTER.id


@pytest.mark.parametrize("tries", range(40))
def test_each_wait_is_longer_up_to_a_bound_and_never_the_same_for_all(tries: int) -> None:
    least, most = wait_s(tries, 0.0), wait_s(tries, 0.999)

    assert 0 < least < most <= LONGEST_WAIT_S
    assert least <= wait_s(tries + 1, 0.0)
