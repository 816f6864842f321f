"""The register of hosts: those of the configuration, and what people did to hosts by command. Pure.

Everything that was done is an entry, and what is known of a host follows from all of them, so who did it and when is never lost. A
host that is configured and was added as well is what the configuration says; the entries about its drain and its key count for both.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from chainwright.schemas.host_api import Condition
from chainwright.schemas.hosts import LOCAL, HostSettings


class HostStep(StrEnum):
    """What was done to a host; the value is stored."""

    ADDED = "added"  # or its settings replaced
    REMOVED = "removed"
    TRUSTED = "trusted"
    DRAINED = "drained"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostEntry:
    """Something that was done to a host, by whom and when. Only what belongs to the step is filled in."""

    at: float
    actor: str
    host: str
    step: HostStep
    settings: HostSettings | None = None
    host_key: str = ""
    """As in known_hosts without the name."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHost:
    """A host that agents may be sent to, as it is known now."""

    name: str
    settings: HostSettings
    """With the key in them that was trusted by command."""
    origin: Literal["configured", "added"]
    added: HostEntry | None = None
    """By whom and when; None for one of the configuration."""
    trusted: HostEntry | None = None
    """Who trusted its key; None for a key of the settings themselves, or where there is none."""
    drained: HostEntry | None = None
    """Who lets no new session go there."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What `runs-on` may ask for; the name is the first."""
        return (self.name, *(label for label in self.settings.labels if label != self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """How a host answered last."""

    state: Condition
    since: float | None = None
    why: str = ""
    last_seen: float | None = None
    durable: bool | None = None
    free_bytes: int | None = None
    """Of the disk on which its root is."""


UNSEEN: Final = Sighting(state="idle")


@dataclass(frozen=True, slots=True)
class Register:
    """Every host but the daemon's own machine, by name, and who has drained that one."""

    hosts: Mapping[str, KnownHost]
    local_drained: HostEntry | None = None

    def drained(self, name: str) -> HostEntry | None:
        """Who lets no new session go to this host, which may be the daemon's own machine."""
        if name == LOCAL:
            return self.local_drained
        return self.hosts[name].drained if name in self.hosts else None

    def through(self, name: str) -> list[str]:
        """The hosts that are reached through this one, directly."""
        return [one.name for one in self.hosts.values() if one.settings.jump == name]


_LATEST_OF: Final = {
    HostStep.ADDED: "added",
    HostStep.TRUSTED: "trusted",
    HostStep.DRAINED: "drained",
}


def register(configured: Mapping[str, HostSettings], entries: Iterable[HostEntry]) -> Register:
    """What is known of all hosts after these entries, oldest first."""
    marks: dict[str, dict[str, HostEntry]] = {}
    for entry in entries:
        _mark(marks.setdefault(entry.host, {}), entry)
    names = [*configured, *(name for name, mark in marks.items() if "added" in mark and name not in configured)]
    hosts = {name: _known(name, configured.get(name), marks.get(name, {})) for name in names if name != LOCAL}
    return Register(hosts, marks.get(LOCAL, {}).get("drained"))


def _mark(mark: dict[str, HostEntry], entry: HostEntry) -> None:
    if entry.step is HostStep.REMOVED:
        mark.clear()  # one that is added later under this name is another machine until somebody trusts its key
    elif entry.step is HostStep.RESUMED:
        mark.pop("drained", None)
    else:
        mark[_LATEST_OF[entry.step]] = entry


def _known(name: str, configured: HostSettings | None, mark: Mapping[str, HostEntry]) -> KnownHost:
    added = mark.get("added")
    settings = configured if added is None else configured or added.settings
    assert settings is not None
    known = KnownHost(
        name=name,
        settings=settings,
        origin="added" if configured is None else "configured",
        added=added if configured is None else None,
        drained=mark.get("drained"),
    )
    trusted = mark.get("trusted")
    if trusted is None or settings.host_key is not None:
        return known
    return replace(known, settings=settings.model_copy(update={"host_key": trusted.host_key}), trusted=trusted)


def fingerprint(host_key: str) -> str:
    """``SHA256:…``, as ``ssh-keygen -l`` prints it, of a key as it stands in known_hosts. Raises ValueError for what is none."""
    digest = hashlib.sha256(base64.b64decode(host_key.split()[1], validate=True)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def algorithm(host_key: str) -> str:
    """``ssh-ed25519`` of a key as it stands in known_hosts."""
    return host_key.split(maxsplit=1)[0]


def is_same_key(one: str, other: str) -> bool:
    """Whether two keys as they stand in known_hosts are one; what follows them is a comment."""
    return one.split()[:2] == other.split()[:2]
