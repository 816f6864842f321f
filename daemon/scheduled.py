"""The chains whose schedules fire: those of every environment that is followed.

The first environment of the first repository is what a chain's bare id means; a chain from elsewhere is known by its address, and its
schedules by ids of their own, so that the same line in two environments fires in each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.deployments import Deployments


def scheduled(deployed: Iterable[Sequence[Deployments]]) -> tuple[dict[str, Chain], dict[str, float]]:
    """Chains by what starts them (an id, or an address), and since when each is in force."""
    chains: dict[str, Chain] = {}
    since: dict[str, float] = {}
    main, *others = [one for every in deployed for one in every]
    for one in (main, *others):
        for chain in one.chains.values():
            known = chain if one is main else _elsewhere(chain, one.address)
            chains[known.id] = known
            since[known.id] = one.current.deployed_at if one.current else 0.0
    return chains, since


def _elsewhere(chain: Chain, address: str) -> Chain:
    schedules = tuple(replace(schedule, id=f"{schedule.id}@{address}") for schedule in chain.schedules)
    return replace(chain, id=f"{address}/{chain.id}", schedules=schedules)
