"""Secrets of the daemon's own variables."""

from chainwright.daemon.secrets.environment import EnvironmentProvider


async def test_only_variables_with_the_prefix_are_secrets() -> None:
    provider = EnvironmentProvider({"CW_SECRET_A": "value-one", "A": "other", "B": "plain"}, "CW_SECRET_")

    assert await provider.read(["A", "B"]) == {"A": "value-one"}
