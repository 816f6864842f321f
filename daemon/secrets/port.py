"""What the engine asks of secrets, and what a provider of them has to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chainwright.daemon.core.facts import SecretReference


class SecretUnavailable(Exception):
    """A secret cannot be had; the message names it, who was asked and what to do, and holds no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret for one start of a process. What may be recorded of it is ``reference``; the rest never leaves memory."""

    reference: SecretReference
    value: str = field(repr=False)
    masks: tuple[str, ...] = field(repr=False)
    """Every form in which it is to be recognised in output, itself included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What may be told of a secret: who has it (None: nobody), and in a sentence why it could not be given now, if so."""

    name: str
    provider: str | None
    problem: str


class Secrets(Protocol):
    """Where the engine gets secrets."""

    async def read(self, names: Sequence[str]) -> tuple[Secret, ...]:
        """Each of them, as it is now. Raises :class:`SecretUnavailable`, within a bounded time."""


class Provider(Protocol):
    """A place that may have secrets."""

    name: str
    """As references call it."""
    place: str
    """Where it looks, for messages: ``the file /home/ann/secrets.yaml``."""

    async def read(self, names: Sequence[str]) -> Mapping[str, str]:
        """The values of those that it has; others are left out. Raises :class:`SecretUnavailable` when it cannot tell."""


class NoSecrets:
    """A daemon without any provider."""

    async def read(self, names: Sequence[str]) -> tuple[Secret, ...]:
        """Nothing for nobody."""
        if names:
            raise SecretUnavailable(f'the secret "{names[0]}" cannot be had: no provider of secrets is configured')
        return ()
