"""Secrets of webhooks: kept for a moment, read anew when asked to, and either of two will do."""

from collections.abc import Sequence

import pytest

from chainwright.daemon.core.facts import SecretReference
from chainwright.daemon.hooks.live_secrets import KEPT_S, LiveSecrets
from chainwright.daemon.secrets.port import Secret, SecretUnavailable
from chainwright.daemon.testing import FakeClock


class Secrets:
    """What the test says there is, and how often it was read."""

    def __init__(self, **values: str) -> None:
        self.values = values
        self.reads = 0

    async def read(self, names: Sequence[str]) -> tuple[Secret, ...]:
        self.reads += 1
        missing = [name for name in names if name not in self.values]
        if missing:
            raise SecretUnavailable(f"there is no {missing[0]}")
        return tuple(
            Secret(
                reference=SecretReference(name=name, provider="test", version="1"), value=self.values[name], masks=()
            )
            for name in names
        )


async def test_a_value_is_kept_for_a_moment_and_then_read_anew() -> None:
    secrets, clock = Secrets(A="one"), FakeClock()
    live = LiveSecrets(secrets, clock)
    first = [await live.of(("A",)) for _ in range(3)]
    secrets.values["A"] = "two"
    clock.advance(KEPT_S + 1)

    assert (first, secrets.reads) == ([("one",)] * 3, 1)
    assert await live.of(("A",)) == ("two",)


async def test_who_asks_for_the_newest_gets_it() -> None:
    secrets, clock = Secrets(A="one"), FakeClock()
    live = LiveSecrets(secrets, clock)
    await live.of(("A",))
    secrets.values["A"] = "two"
    clock.advance(1.0)

    assert await live.of(("A",), kept_s=0.5) == ("two",)


async def test_of_two_names_either_may_be_missing() -> None:
    live = LiveSecrets(Secrets(NEW="new value"), FakeClock())

    assert await live.of(("NEW", "OLD")) == ("new value",)
    assert await live.of(("OLD", "NEW")) == ("new value",)


async def test_without_any_of_them_the_first_that_is_missing_is_told() -> None:
    with pytest.raises(SecretUnavailable, match="NEW"):
        await LiveSecrets(Secrets(), FakeClock()).of(("NEW", "OLD"))
