"""Which secrets the chains in force ask for, and whether they could be had now: what `chainwright secrets` and `doctor` tell."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.secrets.vault import Vault


class SecretListing:
    """Asks the vault about what ``chains`` (id → chain, as they are now) need. Tells names, never values."""

    def __init__(self, vault: Vault, chains: Callable[[], Mapping[str, Chain]]) -> None:
        self._vault = vault
        self._chains = chains

    async def listed(self) -> list[dict[str, Any]]:
        """``{name, provider or None, problem, chains: [ids]}`` by name; ``problem`` is empty where all is well."""
        askers = _askers(self._chains())
        return [asdict(seen) | {"chains": askers[seen.name]} for seen in await self._vault.sightings(sorted(askers))]


def _askers(chains: Mapping[str, Chain]) -> dict[str, list[str]]:
    """Secret → the chains of which an agent lists it."""
    askers: dict[str, list[str]] = {}
    for chain in chains.values():
        for name in dict.fromkeys(name for agent in chain.agents.values() for name in agent.secrets):
            askers.setdefault(name, []).append(chain.id)
    return askers
