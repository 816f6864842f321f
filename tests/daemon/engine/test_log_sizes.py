"""The size of a log is found by asking for single bytes."""

import pytest

from chainwright.daemon.engine.log_sizes import size_of


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 10**6, 10**9])
@pytest.mark.parametrize("known", [0.0, 0.5, 1.0])
async def test_it_is_found_in_few_steps(size, known):
    asked = []

    async def has_byte(offset):
        asked.append(offset)
        return offset < size

    assert await size_of(has_byte, int(size * known)) == size
    assert len(asked) < 50
