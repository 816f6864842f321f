"""What ``success()`` and its kin answer from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from chainwright.daemon.core.expressions.errors import Fault
from chainwright.daemon.core.expressions.tree import StatusName
from chainwright.daemon.core.expressions.values import member


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How that on which a condition depends has gone so far."""

    success: bool = True
    failure: bool = False
    cancelled: bool = False
    results: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Id → ``success``, ``failure``, ``cancelled`` or ``skipped``, of what may be asked about by its id. Equal ones may differ in it:
    it is a way to further statuses, not a part of this one."""

    def of(self, ids: tuple[str, ...]) -> "Status":
        """How these have gone. Raises :class:`Fault` for an id that is not among ``results``."""
        results = {self._result(one) for one in ids}
        return Status(
            success=results <= {"success", "skipped"} and results != {"skipped"},
            failure="failure" in results,
            cancelled="cancelled" in results,
        )

    def _result(self, one: str) -> str:
        result = member(self.results, one)
        if result is None:
            known = ", ".join(self.results)
            raise Fault(
                f"'{one}' is not among what this depends on: {known}" if known else f"nothing is called '{one}'"
            )
        return str(result)


_ANSWERS: Final[dict[StatusName, Callable[[Status], bool]]] = {
    "success": lambda status: status.success,
    "failure": lambda status: status.failure,
    "cancelled": lambda status: status.cancelled,
    "always": lambda _: True,
    "finished": lambda status: not status.cancelled,
}


def answer(name: StatusName, ids: tuple[str, ...], status: Status) -> bool:
    """What the function says: about everything, or about those with the ids. Raises :class:`Fault` for an unknown id."""
    return _ANSWERS[name](status.of(ids) if ids else status)
