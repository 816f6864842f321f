"""What a turn gets, evaluated once: the values that decisions carry."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text with secrets: ``text``, or the name of a secret, whose value nobody here knows."""

    text: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a turn's attempts get, evaluated once: every attempt of the turn sees these very values."""

    script: str | None = None
    prompt: str | None = None
    shell: tuple[str, ...] = ()
    working_directory: str = ""
    env: dict[str, str] = field(default_factory=dict)
    with_: dict[str, Any] = field(default_factory=dict)
    event: dict[str, Any] | None = None
    """The event, or by name the events, that started the turn, as the agent reads them; None without one."""
    needs: dict[str, Any] | None = None
    """What expressions of its steps and checks see of the agents that it needs; None where it has none of these."""
    secrets: tuple[str, ...] = ()
    """Names of the secrets that the process gets, each as the variable of that name."""
    secret_env: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    """Variables in whose texts secrets stand; none of them is in ``env``."""
    secret_inputs: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    """Inputs in whose texts secrets stand; in ``with_`` their places are marked."""
    runs_on: tuple[str, ...] = ()
    """Labels that the host must have; empty: the daemon's own machine."""
    legs: "tuple[Leg, ...]" = ()
    """Of a matrix, which has nothing else then: what each leg gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A leg of a matrix. ``leg`` is its number within the turn, from 1, as a text; ``name`` is for people."""

    leg: str
    name: str
    matrix: dict[str, Any]
    resolved: Resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedStep:
    """What a step gets, evaluated when it is ordered."""

    script: str
    working_directory: str = ""
    env: dict[str, str] = field(default_factory=dict)
    """In addition to the turn's: what steps before it set, and over that its own."""
    path: tuple[str, ...] = ()
    """Folders in front of PATH."""
    secret_env: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    """Its own variables in whose texts secrets stand; they win over those of ``env``."""
