"""What a chain listens to beyond itself, in compiled form: the triggers ``event``, ``chain``, ``push`` and ``pull_request``."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger:
    """Events of other chains, or sent from outside, that start a run; each of them one."""

    names: tuple[str, ...]
    condition: str | None = None
    """An expression over ``event`` and ``vars``, without ``${{ }}`` around the whole."""
    inputs: dict[str, Any] = field(default_factory=dict)
    """JSON values whose texts may be templates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTrigger:
    """Ends of other chains' runs that start a run; ``event.data`` holds how each ended, and its outputs."""

    chains: tuple[str, ...]
    outcomes: tuple[str, ...] = ("succeeded",)
    branches: tuple[str, ...] = ()
    """Patterns; empty: runs of any branch, and of none."""
    condition: str | None = None
    inputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTrigger:
    """Movements of refs that start a run. Each filter is a list of patterns; an empty one was not written."""

    branches: tuple[str, ...] = ()
    branches_ignore: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tags_ignore: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    paths_ignore: tuple[str, ...] = ()
    condition: str | None = None
    inputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestTrigger:
    """What becomes of pull requests, where it starts a run; ``branches`` are those that they are to be merged into."""

    types: tuple[str, ...] = ("opened", "synchronize", "reopened")
    branches: tuple[str, ...] = ()
    branches_ignore: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    paths_ignore: tuple[str, ...] = ()
    condition: str | None = None
    inputs: dict[str, Any] = field(default_factory=dict)
