"""Which deployment a chain is taken from."""

from typing import Any

import pytest

from chainwright.daemon.catalog import EveryDeployment
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.engine.ports import PinnedChain


class Deployed:
    """The chains of one environment."""

    def __init__(self, name: str, environment: str, *chains: str) -> None:
        self.name, self.environment, self.chains = (
            name,
            environment,
            {chain: Chain(id=chain, name=chain) for chain in chains},
        )

    async def pinned(self, chain: str, *, ref: str | None) -> PinnedChain:
        if chain not in self.chains:
            raise Refusal(Code.NOT_FOUND, f"no {chain}")
        return PinnedChain(
            organization="default",
            repository=self.name,
            environment=self.environment,
            commit="c",
            digest="d",
            chain=self.chains[chain],
        )


@pytest.fixture
def catalog() -> EveryDeployment:
    one: list[Any] = [Deployed("one", "main", "say", "both"), Deployed("one", "staging", "say", "new")]
    two: list[Any] = [Deployed("two", "main", "tell", "both")]
    return EveryDeployment("default", lambda: [one, two])


@pytest.mark.parametrize(
    ("chain", "asked", "found"),
    [
        ("say", {}, ("one", "main")),
        ("tell", {}, ("two", "main")),
        ("say", {"environment": "staging"}, ("one", "staging")),
        ("both", {"repository": "two"}, ("two", "main")),
        ("two/main/both", {}, ("two", "main")),
        ("default/one/staging/new", {}, ("one", "staging")),
    ],
)
async def test_38_a_chain_is_found_by_its_id_or_its_address(
    catalog: EveryDeployment, chain: str, asked: dict[str, str], found: tuple[str, str]
) -> None:
    pinned = await catalog.pinned(chain, **{"ref": None, "environment": None, **asked})  # type: ignore[arg-type] # parameters of the test

    assert (pinned.repository, pinned.environment) == found


@pytest.mark.parametrize(
    ("chain", "asked", "code", "said"),
    [
        ("both", {}, Code.AMBIGUOUS, "one/main/both or two/main/both"),
        ("new", {}, Code.NOT_FOUND, "no new"),
        ("say", {"environment": "moon"}, Code.NOT_FOUND, "there is main, staging"),
        ("say", {"repository": "moon"}, Code.NOT_FOUND, "there is one, two"),
    ],
)
async def test_what_is_not_found_or_not_one_says_why(
    catalog: EveryDeployment, chain: str, asked: dict[str, str], code: Code, said: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await catalog.pinned(chain, **{"ref": None, "environment": None, **asked})  # type: ignore[arg-type] # as above

    assert refused.value.code is code
    assert said in str(refused.value)
