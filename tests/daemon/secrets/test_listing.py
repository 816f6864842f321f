"""Which chains ask for which secrets."""

from chainwright.daemon.secrets.listing import SecretListing
from chainwright.daemon.secrets.port import Sighting
from chainwright.daemon.testing import agent_of, chain_of


class Vault:
    """Has everything."""

    async def sightings(self, names: list[str]) -> tuple[Sighting, ...]:
        return tuple(Sighting(name=name, provider="file", problem="") for name in names)


async def test_each_secret_is_listed_once_with_the_chains_that_ask_for_it() -> None:
    chains = {
        "a": chain_of(agent_of("x", secrets=("T", "S")), agent_of("y", secrets=("T",)), id="a"),
        "b": chain_of(agent_of("x", secrets=("T",)), id="b"),
        "c": chain_of(agent_of("x"), id="c"),
    }

    found = await SecretListing(Vault(), lambda: chains).listed()  # type: ignore[arg-type] # a stand-in

    assert [(one["name"], one["chains"]) for one in found] == [("S", ["a"]), ("T", ["a", "b"])]
