"""A push and the verdict on it, before any ref has moved.

All or nothing, as git does it with ``pre-receive``: one update that cannot be taken refuses the whole push. Everything is read through
objects, those in quarantine too; no code of what is pushed is executed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.core.change_requests import Outlook, needed
from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.core.plan.text import as_text
from chainwright.daemon.lint.linter import lint_repository
from chainwright.daemon.sources.deployment import Deployed, Load, Refused, compiled
from chainwright.daemon.sources.plan import Lint, policy_faults
from chainwright.daemon.sources.repository import Repository, UnknownRef
from chainwright.daemon.sources.review import Target, has_policy, plans_of, wanted_branch
from chainwright.daemon.sources.source import Environment

MOST_LINES: Final = 100
"""Of diagnostics shown to the pusher; the rest is counted."""

MOST_REASONS: Final = 5

_REF: Final = re.compile(r"refs/(heads|tags|for)/(?!-)[^\x00-\x20\x7f~^:?*\[\\]+")
_OPTION: Final = re.compile(r"plan-only|message=.*|change=(new|[0-9]{1,15})", re.DOTALL)
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
    def branch_ref(self) -> str:
        """The ref that it moves, or asks to be moved once it is reviewed."""
        wanted = wanted_branch(self.ref)
        return f"refs/heads/{wanted}" if wanted else self.ref

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
        return " ".join(self._told("message="))

    @property
    def change(self) -> str:
        """Which change request it is for, as it was said: a number, ``new``, or nothing."""
        return next(reversed(self._told("change=")), "")

    def _told(self, name: str) -> list[str]:
        return [option.removeprefix(name) for option in self.options if option.startswith(name)]


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
    now: float
    lint: Lint = lint_repository
    """What plans read the trees with; one that remembers is quicker."""

    def verdict(self, push: Push) -> Verdict:
        """Raises :class:`~chainwright.daemon.sources.trees.SourceError` when the repository cannot be read."""
        unknown = [option for option in push.options if not _OPTION.fullmatch(option)]
        faults = [f'there is no push option "{one}"; there are plan-only, message=… and change=N' for one in unknown]
        told: list[str] = []
        for update in push.updates:
            wrong = self._wrong(update)
            faults += [wrong] if wrong else []
            for environment in () if wrong or update.deletes else self.deployed.get(update.ref, ()):
                made = compiled(self.repository, update.new, self.load, folder=environment.folder)
                (faults if isinstance(made, Refused) else told).extend(_told(environment, made))
            if not wrong and not update.deletes and update.ref in self.deployed:
                faults += policy_faults(self.repository, update.new)
            if not wrong and not faults:
                plans = self._plans(update)
                told += _shown(plans)
                faults += self._passed_by(update, plans)
        return _verdict(push, faults, told)

    def _plans(self, update: Update) -> dict[str, Plan]:
        """What the push, or a change request, would do to each environment. The first push of a branch changes nothing that is there.

        A change request that does not load is taken too, and shown as far as it can be read: it asks.
        """
        around = self.deployed.get(update.branch_ref, ())
        branch = wanted_branch(update.ref)
        if branch:
            base = self.repository.head(branch)
        elif around and not update.deletes and not update.creates:
            branch, base = update.ref.removeprefix("refs/heads/"), update.old
        else:
            return {}
        target = Target(branch=branch, environments=around, now=self.now)
        return plans_of(self.repository, base, update.new, target, lint=self.lint)

    def _passed_by(self, update: Update, plans: Mapping[str, Plan]) -> Iterator[str]:
        """What the policy of a deploy branch asks of a change that is pushed straight to it."""
        if wanted_branch(update.ref) or not plans or not has_policy(self.repository, update.old):
            return
        branch = update.ref.removeprefix("refs/heads/")
        yield from (f"the policy of {branch} forbids it: {one}" for plan in plans.values() for one in plan.violations)
        asked = [because for one in needed(Outlook(plans=dict(plans))) for because in one.because]
        if asked:
            yield f"the policy of {branch} asks for approval: {'; '.join(map(str, asked[:MOST_REASONS]))}"
            yield f"have it reviewed: git push origin HEAD:refs/for/{branch}"

    def _wrong(self, update: Update) -> str:
        """Why the update cannot be taken whatever its objects hold; empty when it can."""
        return next((said for rule in _RULES if (said := rule(self, update))), "")


def _is_no_ref(judge: Judge, update: Update) -> str:
    if _REF.fullmatch(update.ref) and _ID.fullmatch(update.new) and _ID.fullmatch(update.old):
        return ""
    return (
        f"{update.ref!r} is not taken: push to refs/heads/…, refs/tags/… or refs/for/…, names that begin with no dash"
    )


def _asks_review_of_nothing(judge: Judge, update: Update) -> str:
    branch = wanted_branch(update.ref)
    if not branch:
        return ""
    if update.deletes:
        return f"{update.ref} is no ref that could be deleted: close the change request, chainwright changes close N"
    try:
        tip = judge.repository.head(branch)
    except UnknownRef:
        return f"there is no branch {branch} that could be changed; push it first: refs/heads/{branch}"
    if judge.repository.is_ancestor(update.new, tip):
        return f"{branch} has {update.new[:12]} already: there is nothing to review"
    if judge.repository.merge_base(tip, update.new) is None:
        return f"{update.new[:12]} and {branch} have no commit in common"
    return ""


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
    _asks_review_of_nothing,
    _deletes_what_is_deployed,
    _rewrites_what_is_deployed,
)


def _shown(plans: Mapping[str, Plan]) -> Iterator[str]:
    """The plans, as far as a pusher reads; equal ones once."""
    for text in dict.fromkeys(as_text(plan) for plan in plans.values()):
        lines = text.splitlines()
        yield from lines[:MOST_LINES]
        if len(lines) > MOST_LINES:
            yield f"… and {len(lines) - MOST_LINES} lines more: chainwright plan"


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
