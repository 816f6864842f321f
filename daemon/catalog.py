"""Every chain that can be run, whichever repository and environment it is deployed from.

A chain's id is enough while one repository has it. Its address says the same with what stands around it: ``environment/chain`` is not
one, because ids hold slashes; ``repository/environment/chain`` is, and ``organization/repository/environment/chain`` (semantics 38).
"""

from collections.abc import Callable, Iterable, Sequence

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.deployments import Deployments
from chainwright.daemon.engine.ports import PinnedChain


class EveryDeployment:
    """Implements :class:`~chainwright.daemon.engine.ports.Catalog` over the deployments that there are at the time of asking.

    Of a repository its first environment is the one that is meant when none is named.
    """

    def __init__(self, organization: str, all_of: Callable[[], Iterable[Sequence[Deployments]]]) -> None:
        """``all_of`` gives each repository's deployments, in the order of its environments."""
        self._organization = organization
        self._all_of = all_of

    @property
    def main(self) -> Deployments:
        """The first environment of the first repository: what is meant where nothing is named."""
        return next(iter(self._all_of()))[0]

    async def pinned(
        self, chain: str, *, ref: str | None, environment: str | None, repository: str | None = None
    ) -> PinnedChain:
        """See :class:`~chainwright.daemon.engine.ports.Catalog`; ``repository`` narrows the choice to one."""
        asked = self._asked(chain, environment, repository)
        found: list[PinnedChain] = []
        refused: list[Refusal] = []
        for deployments, chain_id in asked:
            try:
                found.append(await deployments.pinned(chain_id, ref=ref))
            except Refusal as refusal:
                refused.append(refusal)
        if len(found) > 1:
            raise _ambiguous(chain, found)
        if not found:
            raise _most_telling(refused)
        return found[0]

    def one(self, repository: str | None, environment: str | None) -> Deployments:
        """The one environment that is meant: the first of the only repository when nothing is named. Raises Refusal."""
        found = [place for every in self._all_of() for place in self._chosen(every, environment, repository)]
        if not found:
            raise self._no_place(environment, repository)
        if len(found) > 1:
            known = " or ".join(place.name for place in found)
            raise Refusal(Code.AMBIGUOUS, "several repositories are followed", f"say which with --repository: {known}")
        return found[0]

    def _asked(self, chain: str, environment: str | None, repository: str | None) -> list[tuple[Deployments, str]]:
        """Where to look, and for what: by address where the words in front name a place, else everywhere."""
        places = [place for places in self._all_of() for place in self._chosen(places, environment, repository)]
        for every in self._all_of():
            for place in every:
                short = f"{place.name}/{place.environment}/"
                for prefix in (short, f"{self._organization}/{short}"):
                    if chain.startswith(prefix) and not any(chain in one.chains for one in places):
                        return [(place, chain.removeprefix(prefix))]
        if not places:
            raise self._no_place(environment, repository)
        return [(place, chain) for place in places]

    def _chosen(
        self, places: Sequence[Deployments], environment: str | None, repository: str | None
    ) -> list[Deployments]:
        of_repository = [place for place in places if repository in (None, place.name)]
        if environment is None:
            return of_repository[:1]
        return [place for place in of_repository if place.environment == environment]

    def _no_place(self, environment: str | None, repository: str | None) -> Refusal:
        every = [place for places in self._all_of() for place in places]
        if repository is not None and all(place.name != repository for place in every):
            known = sorted({place.name for place in every})
            return Refusal(Code.NOT_FOUND, f'there is no repository "{repository}"', f"there is {', '.join(known)}")
        known = sorted({place.environment for place in every})
        return Refusal(Code.NOT_FOUND, f'there is no environment "{environment}"', f"there is {', '.join(known)}")


def _ambiguous(chain: str, found: list[PinnedChain]) -> Refusal:
    addresses = [f"{one.repository}/{one.environment}/{one.chain.id}" for one in found]
    return Refusal(
        Code.AMBIGUOUS, f'several repositories have a chain "{chain}"', f"say which: {' or '.join(addresses)}"
    )


def _most_telling(refused: list[Refusal]) -> Refusal:
    """A chain that is there and does not load says more than its absence elsewhere."""
    return next((one for one in refused if one.code is not Code.NOT_FOUND), refused[0])
