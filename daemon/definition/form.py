"""Holds a read file against its model: what is refused is found with its position, the rest is given as a typed value.

pydantic says what is wrong and stops there; so the wrong parts are taken out and the rest is asked again, until a model stands. What
was taken out is ``lost``: whoever draws conclusions from the model asks first whether they could rest on something lost.
"""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chainwright.daemon.definition.form_messages import Misfit, explain
from chainwright.daemon.definition.nodes import Mapping, Node, Path, at, child, key_span, plain, without
from chainwright.daemon.definition.refused import Kind, take_out_refused, with_jobs_as_agents
from chainwright.daemon.definition.source import Findings
from chainwright.schemas.diagnostic import Span
from chainwright.schemas.fields import CONFLICT, INCOMPLETE, Form

M = TypeVar("M", bound=Form)

_ROUNDS: Final = 8
"""Taking one part out can bring at most the parts around it to light; files nest less deep than this."""

_INSTEAD: Final = ("steps", "uses", "prompt", "schema", "assert")
"""Keys of which one stands where ``run`` is missing."""

_OF_THE_WHOLE: Final = frozenset({CONFLICT, INCOMPLETE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Formed(Generic[M]):
    """``model`` is what could be understood, None when that is nothing; ``lost`` are the paths of ``root`` that it lacks.

    ``root`` is the whole file, but that ``jobs`` are called agents.
    """

    root: Node
    model: M | None
    lost: frozenset[Path]


def check_form(root: Node, model: type[M], kind: Kind, findings: Findings) -> Formed[M]:
    """The file as a model, with everything that does not fit in ``findings``."""
    if not isinstance(root, Mapping):
        findings.error(root.span, "wrong-type", "the file must be a mapping")
        return Formed(root=root, model=None, lost=frozenset({()}))
    root = with_jobs_as_agents(root, findings) if kind == "chain" else root
    kept, refused = take_out_refused(root, kind, findings)
    lost = set(refused)
    for _ in range(_ROUNDS):
        try:
            return Formed(root=root, model=model.model_validate(plain(kept)), lost=frozenset(lost))
        except ValidationError as error:
            misfits = [_located(kept, details) for details in error.errors(include_url=False)]
        touched = _with_above(lost)
        for misfit in misfits:
            if not _is_consequence(misfit, lost, touched):
                explain(misfit, model, _span(kept, misfit), findings)
        wrong = {_about(misfit) for misfit in misfits}
        lost |= wrong
        kept = without(kept, wrong)
    return Formed(root=root, model=None, lost=frozenset(lost))


def _located(root: Node, details: ErrorDetails) -> Misfit:
    """Where it is about: pydantic's location has tags of forms between the keys."""
    path: list[str | int] = []
    for step in details["loc"]:
        if child(at(root, *path), step) is not None:
            path.append(step)
    is_missing = details["type"] == "missing"
    return Misfit(
        path=(*path, str(details["loc"][-1])) if is_missing else tuple(path),
        is_key=details["loc"][-1:] == ("[key]",) or details["type"] == "extra_forbidden",
        is_missing=is_missing,
        details=details,
    )


def _span(root: Node, misfit: Misfit) -> Span:
    """A missing key is pointed at by the one above it, a key by itself, anything else by its value."""
    path = misfit.path[:-1] if misfit.is_missing else misfit.path
    whole = misfit.is_missing or misfit.is_key or misfit.details["type"] in _OF_THE_WHOLE
    node = at(root, *path) if path else None
    found = key_span(root, *path) if whole and path else node and node.span
    return found or Span(end_column=2)


def _about(misfit: Misfit) -> Path:
    """What goes: a value that lacks something, as a whole."""
    return misfit.path[:-1] if misfit.is_missing else misfit.path


def _is_consequence(misfit: Misfit, lost: set[Path], touched: set[Path]) -> bool:
    """Whether it would not be one, had nothing been taken out; ``touched`` are the lost paths and those above them."""
    kind = misfit.details["type"]
    if kind == CONFLICT:
        return False
    if misfit.is_missing or kind == INCOMPLETE:
        key = misfit.path[-1] if misfit.is_missing else "run"
        return any((*_about(misfit), other) in lost for other in (key, *_INSTEAD))
    return misfit.path in touched


def _with_above(paths: set[Path]) -> set[Path]:
    return {path[:depth] for path in paths for depth in range(len(path) + 1)}
