"""A push and the verdict on it, before any ref has moved.

All or nothing, as git does it with ``pre-receive``: one update that cannot be taken refuses the whole push. Everything is read through
objects, those in quarantine too; no code of what is pushed is executed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.sources.deployment import Deployed, Load, Refused, compiled
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.source import Environment

MOST_LINES: Final = 100
"""Of diagnostics shown to the pusher; the rest is counted."""

_REF: Final = re.compile(r"refs/(heads|tags)/(?!-)[^\x00-\x20\x7f~^:?*\[\\]+")
_NOTHING: Final = re.compile("0+")
_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A ref and the objects that it is to move between; an id of zeros stands for nothing."""

    ref: str
    old: str
    new: str

    @property
    def deletes(self) -> bool:
        """Whether the ref is to go."""
        return _NOTHING.fullmatch(self.new) is not None

    @property
    def creates(self) -> bool:
        """Whether the ref was not there."""
        return _NOTHING.fullmatch(self.old) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What one ``git push`` asks for."""

    updates: tuple[Update, ...]
    options: tuple[str, ...] = ()

    @property
    def is_plan_only(self) -> bool:
        """Whether nothing is to change: the pusher only wants to read the verdict."""
        return "plan-only" in self.options

    @property
    def message(self) -> str:
        """Why, in the pusher's words."""
        told = [option.removeprefix("message=") for option in self.options if option.startswith("message=")]
        return " ".join(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether git may take the push, and what the pusher reads in the terminal."""

    accepted: bool
    lines: tuple[str, ...]


def branches(environments: Iterable[Environment], repository: Repository) -> dict[str, tuple[Environment, ...]]:
    """The refs that are deployed, and what is deployed from each. Raises SourceError."""
    found: dict[str, tuple[Environment, ...]] = {}
    for one in environments:
        ref = f"refs/heads/{one.branch}" if one.branch else repository.current_branch()
        if ref:
            found[ref] = (*found.get(ref, ()), one)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges pushes to one repository. ``deployed`` maps each deploy branch (``refs/heads/…``) to what is deployed from it."""

    repository: Repository
    deployed: Mapping[str, tuple[Environment, ...]]
    load: Load

    def verdict(self, push: Push) -> Verdict:
        """Raises :class:`~chainwright.daemon.sources.trees.SourceError` when the repository cannot be read."""
        unknown = [option for option in push.options if option != "plan-only" and not option.startswith("message=")]
        faults = [f'there is no push option "{option}"; there are plan-only and message=…' for option in unknown]
        told: list[str] = []
        for update in push.updates:
            wrong = self._wrong(update)
            faults += [wrong] if wrong else []
            for environment in () if wrong or update.deletes else self.deployed.get(update.ref, ()):
                made = compiled(self.repository, update.new, self.load, folder=environment.folder)
                (faults if isinstance(made, Refused) else told).extend(_told(environment, made))
        return _verdict(push, faults, told)

    def _wrong(self, update: Update) -> str:
        """Why the update cannot be taken whatever its objects hold; empty when it can."""
        return next((said for rule in _RULES if (said := rule(self, update))), "")


def _is_no_ref(judge: Judge, update: Update) -> str:
    if _REF.fullmatch(update.ref) and _ID.fullmatch(update.new) and _ID.fullmatch(update.old):
        return ""
    return f"{update.ref!r} is not taken: push to refs/heads/… or refs/tags/…, names that begin with no dash"


def _deletes_what_is_deployed(judge: Judge, update: Update) -> str:
    if not update.deletes or update.ref not in judge.deployed:
        return ""
    names = ", ".join(one.name for one in judge.deployed[update.ref])
    return f"{update.ref} is deployed to {names} and cannot be deleted; change the configuration first"


def _rewrites_what_is_deployed(judge: Judge, update: Update) -> str:
    if update.deletes or update.creates or update.ref not in judge.deployed:
        return ""
    if judge.repository.is_ancestor(update.old, update.new):
        return ""
    return (
        f"{update.ref} is deployed and only goes forward: {update.new[:12]} does not contain {update.old[:12]}; "
        "fetch, merge and push without --force, or undo with git revert, or chainwright rollback"
    )


_RULES: Final[tuple[Callable[[Judge, Update], str], ...]] = (
    _is_no_ref,
    _deletes_what_is_deployed,
    _rewrites_what_is_deployed,
)


def _told(environment: Environment, made: Deployed | Refused) -> Iterator[str]:
    yield from made.diagnostics[:MOST_LINES]
    if len(made.diagnostics) > MOST_LINES:
        yield f"… and {len(made.diagnostics) - MOST_LINES} more"
    if isinstance(made, Deployed):
        count = len(made.chains)
        yield f"{environment.name}: {count} chain{'s' * (count != 1)} at {made.commit[:12]}"


def _verdict(push: Push, faults: list[str], told: list[str]) -> Verdict:
    if faults:
        return Verdict(accepted=False, lines=(*faults, "refused: nothing was changed, and what is deployed stays"))
    if push.is_plan_only:
        return Verdict(accepted=False, lines=(*told, "plan only: it would be taken, and nothing was changed"))
    return Verdict(accepted=True, lines=tuple(told))
