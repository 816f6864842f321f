"""Asks the providers for secrets, in order, and makes of each value what a session needs: itself, its masks, its version."""

import asyncio
import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from chainwright.daemon.core.facts import SecretReference
from chainwright.daemon.secrets.command import CommandProvider
from chainwright.daemon.secrets.environment import EnvironmentProvider
from chainwright.daemon.secrets.file import FileProvider
from chainwright.daemon.secrets.masks import LEAST_LENGTH, masks_of
from chainwright.daemon.secrets.port import Provider, Secret, SecretUnavailable, Sighting
from chainwright.schemas.config import SecretSettings

_VERSION_DIGITS: Final = 12


def open_vault(settings: SecretSettings, home: Path, environ: Mapping[str, str], key: bytes) -> "Vault":
    """The vault over the providers that are set, in the order that the settings tell."""
    providers: list[Provider] = []
    if settings.file is not None:
        providers.append(FileProvider(home / Path(settings.file).expanduser()))
    if settings.prefix is not None:
        providers.append(EnvironmentProvider(environ, settings.prefix))
    if settings.command is not None:
        providers.append(CommandProvider(settings.command, settings.timeout_s))
    return Vault(providers, key)


class Vault:
    """Implements :class:`~.port.Secrets` over providers; the first that has a secret gives it.

    ``key`` is this home's own: versions are keyed digests, so that a recorded one cannot be used to test guesses of the value.
    """

    def __init__(self, providers: Sequence[Provider], key: bytes) -> None:
        self._providers = providers
        self._key = key

    async def read(self, names: Sequence[str]) -> tuple[Secret, ...]:
        """See the port."""
        found: dict[str, tuple[str, str]] = {}
        await self._look(names, found)
        for name in names:
            if name not in found:
                raise SecretUnavailable(self._nowhere(name))
        return tuple([await asyncio.to_thread(self._secret, name, *found[name]) for name in names])

    async def sightings(self, names: Sequence[str]) -> tuple[Sighting, ...]:
        """Where each of them is, and why it could not be given now if so; never a value."""
        found: dict[str, tuple[str, str]] = {}
        unreadable = ""
        try:
            await self._look(names, found)
        except SecretUnavailable as error:
            unreadable = str(error)
        return tuple(self._sighting(name, found.get(name), unreadable) for name in names)

    async def _look(self, names: Sequence[str], found: dict[str, tuple[str, str]]) -> None:
        """Add to ``found``, by name, who has it and the value. Raises SecretUnavailable, what was found before staying there."""
        for provider in self._providers:
            missing = [name for name in names if name not in found]
            if missing:
                given = await provider.read(missing)
                found |= {name: (provider.name, given[name]) for name in missing if name in given}

    def _sighting(self, name: str, found: tuple[str, str] | None, unreadable: str) -> Sighting:
        if found is None:
            return Sighting(name=name, provider=None, problem=unreadable or self._nowhere(name))
        provider, value = found
        return Sighting(name=name, provider=provider, problem=_unfit(name, provider, value))

    def _secret(self, name: str, provider: str, value: str) -> Secret:
        if problem := _unfit(name, provider, value):
            raise SecretUnavailable(problem)
        reference = SecretReference(name=name, provider=provider, version=self._version(name, value))
        return Secret(reference=reference, value=value, masks=masks_of(value))

    def _version(self, name: str, value: str) -> str:
        """Equal for equal values, and no help in guessing them."""
        return hmac.digest(self._key, f"{name}\0{value}".encode(), "sha256").hex()[:_VERSION_DIGITS]

    def _nowhere(self, name: str) -> str:
        asked = ", ".join(provider.place for provider in self._providers) or "nobody, no provider is configured"
        return f'there is no secret "{name}"; asked: {asked}'


def _unfit(name: str, provider: str, value: str) -> str:
    """Why a value cannot be given to anybody; empty when it can."""
    if len(value) < LEAST_LENGTH:
        return (
            f'the secret "{name}" of the {provider} has fewer than {LEAST_LENGTH} characters: '
            "masking it would mask every such word; give it a longer value"
        )
    return f'the secret "{name}" of the {provider} holds a null character' if "\0" in value else ""
